"""SQL of events."""

from freight.events.facts import FOLDED_KINDS

# What is already told of some orders, of the kinds a track decides.
TOLD = """
select id, order_id, coalesce(stop_id, 0) as stop_id, kind, at, source, withdrawn_at is not null as withdrawn
from events
where order_id = any($1::int[]) and kind = any($2::text[])
"""

_INSERT = """
insert into events (subject_kind, subject_id, organisation_id, order_id, trip_id, stop_id, kind, at, source, late, data,
  caused_by)
select * from unnest(
  $1::text[], $2::bigint[], $3::int[], $4::int[], $5::int[], $6::int[], $7::text[], $8::timestamptz[], $9::text[],
  $10::bool[], $11::jsonb[], $12::int[]
)
"""
# The index leaves out what no track decides: that never conflicts and is always a row of its own.
_KEY = f"(order_id, (coalesce(stop_id, 0)), kind) where kind in {FOLDED_KINDS!r}"
_RETURNING = "returning id, organisation_id, subject_kind, subject_id, revision, kind, late"

# What a track decides is one row an order, stop and kind; a corrected time rewrites it and raises the revision.
# A repeat that says nothing new returns no row.
RECORD = f"""{_INSERT}
on conflict {_KEY} do update
set at = excluded.at, source = excluded.source, late = excluded.late, data = excluded.data,
    caused_by = excluded.caused_by, revision = events.revision + 1, changed_at = now(), withdrawn_at = null
where events.at <> excluded.at or events.source <> excluded.source or events.withdrawn_at is not null
{_RETURNING}
"""

# Told once in the life of an order, whatever comes later.
RECORD_ONCE = f"""{_INSERT}
on conflict {_KEY} do nothing
{_RETURNING}
"""

WITHDRAW = f"""
update events set withdrawn_at = now(), changed_at = now(), revision = revision + 1, caused_by = $2
where id = any($1::bigint[]) and withdrawn_at is null
{_RETURNING}
"""

_EVENT = """
select id, revision, kind, subject_kind, subject_id, trip_id, order_id, stop_id, at, created_at as recorded_at,
  source, late, withdrawn_at is not null as withdrawn, data, caused_by
from events
"""

# Looked for by their order, whose events lie together: an organisation's are too many to go through.
EVENTS_OF_TRIP = f"""{_EVENT}
where order_id = (select order_id from trips where id = $1 and organisation_id = $2) and trip_id = $1
order by at, id
"""

EVENTS_BY_ID = f"{_EVENT} where id = any($1::bigint[]) order by id"

FACTS_MARK = "select now() as at, coalesce(max(id), 0) as newest_id from events where organisation_id = $1"

# A page of what was written, corrected or withdrawn at $2 or later, after the id $3.
CHANGED_SINCE = f"""{_EVENT}
where organisation_id = $1 and id > $3 and coalesce(changed_at, created_at) >= $2
order by id
limit $4
"""
