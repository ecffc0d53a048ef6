"""Facts as they are told."""

import datetime as dt
from collections.abc import AsyncIterator, Sequence

import asyncpg
import msgspec

from freight.events import queries
from freight.events.views import EventView
from store.pool import Connection

# A transaction may be seen this long after its rows say they were written.
LATE_COMMIT = dt.timedelta(seconds=30)
# Among so many ids before a mark corrections are looked for: one of an older fact is told by its own message or not.
CORRECTED_AMONG = 5_000
PAGE = 500


async def trip_events(connection: Connection, organisation_id: int, trip_id: int) -> list[EventView]:
    """A trip's facts in the order they happened."""
    return [_event(row) for row in await connection.fetch(queries.EVENTS_OF_TRIP, trip_id, organisation_id)]


async def event_views(connection: Connection, event_ids: Sequence[int]) -> dict[int, EventView]:
    """Facts by id, whosesoever."""
    return {row["id"]: _event(row) for row in await connection.fetch(queries.EVENTS_BY_ID, list(event_ids))}


async def event_view(connection: Connection, event_id: int) -> EventView | None:
    """One fact, whosesoever; None when there is no such row."""
    return (await event_views(connection, [event_id])).get(event_id)


class FactsMark(msgspec.Struct, frozen=True):
    """How far an organisation's facts were looked through: the database's clock then, and the newest id there was."""

    at: dt.datetime
    newest_id: int


async def facts_mark(connection: Connection, organisation_id: int) -> FactsMark:
    """How far an organisation's facts go now."""
    [row] = await connection.fetch(queries.FACTS_MARK, organisation_id)
    return FactsMark(row["at"], row["newest_id"])


async def events_since(connection: Connection, organisation_id: int, mark: FactsMark) -> AsyncIterator[list[EventView]]:
    """Pages of an organisation's facts written, corrected or withdrawn since a mark or a little before, to the last."""
    last_id = mark.newest_id - CORRECTED_AMONG
    rows: list[asyncpg.Record] = await _page_since(connection, organisation_id, mark, last_id)
    while rows:
        yield [_event(row) for row in rows]
        rows = await _page_since(connection, organisation_id, mark, rows[-1]["id"])


async def _page_since(
    connection: Connection, organisation_id: int, mark: FactsMark, after_id: int
) -> list[asyncpg.Record]:
    return await connection.fetch(queries.CHANGED_SINCE, organisation_id, mark.at - LATE_COMMIT, after_id, PAGE)


def _event(row: asyncpg.Record) -> EventView:
    return EventView(**dict(row))
