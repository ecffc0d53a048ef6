"""Every statement of the business, prepared against the migrated schema."""

import importlib
import pkgutil
import re

import asyncpg
import pytest

import freight
from freight.events.queries import EVENTS_OF_TRIP
from freight.notifications.queries import LEAVE_NEWEST_LATE_ONE, UNREAD
from freight.tracking.queries import RESUMED_TRACKS
from store.pool import Pool

# COPY takes no parameters: whole numbers are written into such a statement.
WHOLE_NUMBER = re.compile(r"\{\w+:d\}")
STATEMENT = re.compile(r"\s*(--[^\n]*\n\s*)*(select|insert|update|delete|with)\b", re.IGNORECASE)


def statements() -> list[tuple[str, str]]:
    """Every upper-case text constant of freight that is SQL."""
    found = []
    for module in pkgutil.walk_packages(freight.__path__, "freight."):
        for name, value in vars(importlib.import_module(module.name)).items():
            is_public = name.isupper() and not name.startswith("_")
            # What merges a staged list needs that list's temporary tables, which its own tests make.
            if is_public and isinstance(value, str) and STATEMENT.match(value) and "staged_" not in value:
                found.append((f"{module.name}.{name}", value))
    return found


async def test_every_statement_fits_the_schema(database: Pool) -> None:
    found = statements()
    assert len(found) > 80
    misfits = {}
    async with database.acquire() as connection:
        for name, statement in found:
            try:
                await connection.prepare(WHOLE_NUMBER.sub("1", statement))
            except asyncpg.PostgresError as error:
                misfits[name] = str(error)
    assert misfits == {}


@pytest.mark.parametrize(
    ("statement", "arguments", "found_by"),
    [
        (EVENTS_OF_TRIP, (1, 1), "events_order_id_"),
        (RESUMED_TRACKS, (200,), "order_id = t.order_id"),
        (UNREAD, ([1],), "notifications_unread_idx"),
        (LEAVE_NEWEST_LATE_ONE, (1,), "notifications_unread_idx"),
    ],
    ids=["the facts of a trip", "who speaks again", "the unread", "the late and unread"],
)
async def test_what_is_asked_all_the_time_is_found_by_an_index(
    database: Pool, statement: str, arguments: tuple[object, ...], found_by: str
) -> None:
    async with database.acquire() as connection, connection.transaction():
        # Empty tables are read whole whatever their indexes, unless that is made dear.
        await connection.execute("set local enable_seqscan = off")
        plan = await connection.fetch(f"explain {statement}", *arguments)
    lines = [row["QUERY PLAN"] for row in plan]
    assert any("Index" in line and found_by in line for line in lines), lines
    assert not any("Seq Scan on events" in line or "Seq Scan on notifications" in line for line in lines), lines
