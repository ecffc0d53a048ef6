"""SQL of public links and their visits."""

from freight.trips.queries import SHARE_ENDS_AT

_SHARE = f"""
select s.id, s.trip_id, s.organisation_id, s.label, s.nonce, s.created_at, s.expires_at, s.revoked_at,
  s.days_after_delivery, s.view_count, s.last_viewed_at, {SHARE_ENDS_AT} as ends_at
from shares s join trips t on t.id = s.trip_id join orders o on o.id = t.order_id
"""

OF_TRIP = f"{_SHARE} where s.organisation_id = $1 and s.trip_id = $2 order by s.id desc"

ONE = f"{_SHARE} where s.organisation_id = $1 and s.id = $2"

BY_HASH = f"{_SHARE} where s.token_hash = $1 and s.revoked_at is null"

BY_ID = f"{_SHARE} where s.id = any($1::int[]) and s.revoked_at is null"

WATCHERS = f"{_SHARE} where s.trip_id = $1 and s.revoked_at is null order by s.id"

NEXT_ID = "select nextval(pg_get_serial_sequence('shares', 'id'))::int"

# Who makes a link to a trip waits for whoever makes another, so that their count is right.
LOCK_TRIP = "select 1 from trips where id = $1 for no key update"

COUNT = "select count(*) from shares where trip_id = $1 and revoked_at is null"

INSERT = """
insert into shares (id, trip_id, organisation_id, created_by, label, nonce, token_hash, expires_at,
  days_after_delivery)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

# In one statement, so that two who change different things, or change and revoke, undo nothing of each other's.
# $2: null leaves the label; $3: whether the end changes, to $4 or to so many days ($5) after delivery.
CHANGE = """
update shares set label = coalesce($2, label),
  expires_at = case when $3 then $4 else expires_at end,
  days_after_delivery = case when $3 then $5 else days_after_delivery end
where id = $1 and revoked_at is null
returning id
"""

REVOKE = "update shares set revoked_at = now() where id = $1 and organisation_id = $2 and revoked_at is null"

LOG_VISIT = """
with logged as (
  insert into share_views (share_id, address, user_agent)
  select $1, $2::inet, $3
  where not exists (
    select from share_views
    where share_id = $1 and address is not distinct from $2::inet and at > now() - $4::interval
  )
  returning id
)
update shares set view_count = view_count + (select count(*) from logged), last_viewed_at = now()
where id = $1 and (exists (select from logged)
  or last_viewed_at is null or last_viewed_at < now() - interval '1 minute')
"""

VISITS = """
select at, host(address) as address, user_agent from share_views where share_id = $1 order by at desc, id desc limit 100
"""
