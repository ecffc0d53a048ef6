"""Which silences are told: of trips that are followed, all of them, a bounded number at once."""

import datetime as dt

import pytest

from freight.tracking import silences
from freight.tracking.silences import sweep_silences
from ingest.pipeline import Pipeline
from store.pool import Pool
from tests.ingest.world import Carried, fix, make_trip, send

MINUTE = dt.timedelta(minutes=1)


async def heard(database: Pool, trip: Carried, at: dt.datetime) -> None:
    """The phone's word of that time, that came at once."""
    await send(Pipeline(database, 30), trip, fix(at, 42.0, 74.0 + at.timestamp() % 100 / 1000))
    await database.execute("update tracks set received_at = fix_time where trip_id = $1", trip.trip_id)


async def told(database: Pool, now: dt.datetime) -> int:
    """How many facts one sweep tells."""
    async with database.acquire() as connection, connection.transaction():
        return len(await sweep_silences(connection, now))


async def test_a_truck_that_is_followed_no_more_is_neither_silent_nor_back(database: Pool, trip: Carried) -> None:
    now = dt.datetime.now(dt.UTC)
    await heard(database, trip, now - 50 * MINUTE)
    # Three hours at the last stop, and nobody said that it was delivered.
    await database.execute("update orders set state = 'at_unloading'")
    await database.execute("update trips set window_to = $1", now)
    assert await told(database, now) == 0
    await database.execute("update trips set window_to = null")
    assert await told(database, now) == 1
    await heard(database, trip, now)
    await database.execute("update trips set window_to = $1", now)
    assert await told(database, now) == 0
    await database.execute("update trips set window_to = null")
    assert await told(database, now) == 1


async def test_more_silences_than_are_told_at_once_are_told_after_one_another(
    database: Pool, trip: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silences, "MOST_PER_SWEEP", 1)
    now = dt.datetime.now(dt.UTC)
    async with database.acquire() as connection:
        other = await make_trip(connection)
    for at in (now - 50 * MINUTE, now):
        for one in (trip, other):
            await heard(database, one, at)
        assert [await told(database, now) for _ in range(3)] == [1, 1, 0]
