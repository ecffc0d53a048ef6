"""Facts written or corrected lately: how a listener learns what no message told it."""

import datetime as dt

from freight.trips.views import EventView
from store.pool import Connection

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


async def events_changed_since(
    connection: Connection, organisation_id: int, since: dt.datetime
) -> tuple[dt.datetime, list[EventView]]:
    """The database's clock now, and an organisation's facts written, corrected or withdrawn at `since` or later."""
    now: dt.datetime = await connection.fetchval("select now()")
    rows = await connection.fetch(CHANGED_SINCE, organisation_id, since)
    return now, [EventView(**dict(row)) for row in rows]
