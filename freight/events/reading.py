"""Facts as they are told."""

import datetime as dt
from collections.abc import Sequence

import asyncpg

from freight.events import queries
from freight.events.views import EventView
from store.pool import Connection


async def trip_events(connection: Connection, organisation_id: int, trip_id: int) -> list[EventView]:
    """A trip's facts in the order they happened."""
    return [_event(row) for row in await connection.fetch(queries.EVENTS_OF_TRIP, trip_id, organisation_id)]


async def event_views(connection: Connection, event_ids: Sequence[int]) -> dict[int, EventView]:
    """Facts by id, whosesoever."""
    return {row["id"]: _event(row) for row in await connection.fetch(queries.EVENTS_BY_ID, list(event_ids))}


async def event_view(connection: Connection, event_id: int) -> EventView | None:
    """One fact, whosesoever; None when there is no such row."""
    return (await event_views(connection, [event_id])).get(event_id)


async def events_changed_since(
    connection: Connection, organisation_id: int, since: dt.datetime
) -> tuple[dt.datetime, list[EventView]]:
    """The database's clock now, and an organisation's facts written, corrected or withdrawn at `since` or later."""
    now: dt.datetime = await connection.fetchval(queries.CLOCK)
    rows = await connection.fetch(queries.CHANGED_SINCE, organisation_id, since)
    return now, [_event(row) for row in rows]


def _event(row: asyncpg.Record) -> EventView:
    return EventView(**dict(row))
