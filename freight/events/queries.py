"""SQL of events."""

CLOCK = "select now()"

# What is already told of some orders, of the kinds a track decides.
TOLD = """
select id, order_id, coalesce(stop_id, 0) as stop_id, kind, at, source, withdrawn_at is not null as withdrawn
from events
where order_id = any($1::int[]) and kind = any($2::text[])
"""

# The row of an order, stop and kind is written once; a corrected time rewrites it and raises the revision.
# A repeat that says nothing new returns no row.
RECORD = """
insert into events (organisation_id, order_id, trip_id, stop_id, kind, at, source, late, data, caused_by)
select * from unnest(
  $1::int[], $2::int[], $3::int[], $4::int[], $5::text[], $6::timestamptz[], $7::text[], $8::bool[], $9::jsonb[],
  $10::int[]
)
on conflict (order_id, (coalesce(stop_id, 0)), kind) do update
set at = excluded.at, source = excluded.source, late = excluded.late, data = excluded.data,
    caused_by = excluded.caused_by, revision = events.revision + 1, changed_at = now(), withdrawn_at = null
where events.at <> excluded.at or events.source <> excluded.source or events.withdrawn_at is not null
returning id, organisation_id, trip_id, revision, kind, late
"""

# Told once in the life of an order, whatever comes later.
RECORD_ONCE = """
insert into events (organisation_id, order_id, trip_id, stop_id, kind, at, source, late, data, caused_by)
select * from unnest(
  $1::int[], $2::int[], $3::int[], $4::int[], $5::text[], $6::timestamptz[], $7::text[], $8::bool[], $9::jsonb[],
  $10::int[]
)
on conflict (order_id, (coalesce(stop_id, 0)), kind) do nothing
returning id, organisation_id, trip_id, revision, kind, late
"""

WITHDRAW = """
update events set withdrawn_at = now(), changed_at = now(), revision = revision + 1, caused_by = $2
where id = any($1::bigint[]) and withdrawn_at is null
returning id, organisation_id, trip_id, revision, kind, late
"""

_EVENT = """
select id, revision, kind, trip_id, order_id, stop_id, at, created_at as recorded_at, source, late,
  withdrawn_at is not null as withdrawn, data, caused_by
from events
"""

# Looked for by their order, whose events lie together: an organisation's are too many to go through.
EVENTS_OF_TRIP = f"""{_EVENT}
where order_id = (select order_id from trips where id = $1 and organisation_id = $2) and trip_id = $1
order by at, id
"""

EVENTS_BY_ID = f"{_EVENT} where id = any($1::bigint[]) order by id"

# Only the newest few thousand are looked at: a correction of an older one is told by its own message or not at all.
CHANGED_SINCE = """
select id, revision, kind, trip_id, order_id, stop_id, at, created_at as recorded_at, source, late,
  withdrawn_at is not null as withdrawn, data, caused_by
from events
where organisation_id = $1
  and id > (select coalesce(max(id), 0) - 5000 from events where organisation_id = $1)
  and coalesce(changed_at, created_at) >= $2
order by id
limit 500
"""
