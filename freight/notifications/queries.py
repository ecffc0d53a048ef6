"""SQL of notifications."""

# Everyone who dispatches for the organisation is told of a fact; whose own hand it was needs no telling.
INSERT = """
insert into notifications (user_id, event_id, revision)
select u.id, e.id, e.revision
from events e
join users u on u.organisation_id = e.organisation_id and u.role = 'dispatcher' and u.disabled_at is null
where e.id = $1 and u.id is distinct from e.caused_by
on conflict (user_id, event_id, revision) do nothing
returning id, user_id
"""

EVENT_ORGANISATION = "select organisation_id from events where id = $1"

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
