"""SQL of notifications."""

# The relations of `freight.notifications.audience`: the users an event $1 concerns in one way.
DISPATCHERS_OF_THE_ORGANISATION = """
select u.id as user_id
from events e join users u on u.organisation_id = e.organisation_id and u.role = 'dispatcher'
where e.id = $1
"""

# Whose own hand it was needs no telling; who is locked out gets none.
INSERT = """
insert into notifications (user_id, event_id, revision)
select u.id, e.id, e.revision
from events e join users u on u.id = any($2::int[]) and u.disabled_at is null
where e.id = $1 and u.id is distinct from e.caused_by
on conflict (user_id, event_id, revision) do nothing
returning id, user_id
"""

# What is learnt late of one trip is told one at a time, so that each sees what the others have written.
WAIT_FOR_LATE_ONES = """
select pg_advisory_xact_lock(hashtext('late facts'), trip_id) from events where id = $1 and late and trip_id is not null
"""

# A night's backlog is one quiet word: of what was learnt late of a trip only the newest is left unread.
LEAVE_NEWEST_LATE_ONE = """
with unread as (
  select n.id, row_number() over (partition by n.user_id order by e.at desc, n.id desc) as place
  from notifications n join events e on e.id = n.event_id
  where e.trip_id = (select trip_id from events where id = $1 and late) and e.late and n.read_at is null
)
update notifications n set read_at = now() from unread where n.id = unread.id and unread.place > 1
"""

EVENT = "select organisation_id, kind from events where id = $1"

UNREAD = """
select u.id as user_id, count(n.id) as unread
from unnest($1::int[]) as u (id)
left join notifications n on n.user_id = u.id and n.read_at is null
group by u.id
"""

PAGE = """
select n.id, n.created_at, n.read_at, n.event_id, u.name as driver_name,
  (select name from order_stops s where s.order_id = e.order_id order by position limit 1) as from_name,
  (select name from order_stops s where s.order_id = e.order_id order by position desc limit 1) as to_name
from notifications n
join events e on e.id = n.event_id
left join trips t on t.id = e.trip_id
left join drivers d on d.id = t.driver_id
left join users u on u.id = d.user_id
where n.user_id = $1 and ($2::bigint is null or n.id < $2)
order by n.id desc
limit $3
"""

READ_UP_TO = "update notifications set read_at = now() where user_id = $1 and id <= $2 and read_at is null"
