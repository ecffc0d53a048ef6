"""What happens to a trip while a fix, or a sweep, waits for its track: it goes by what is true afterwards."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from freight.moments import microseconds
from freight.tracking.refolds import close_overdue_windows, refold, sweep_silent_arrivals
from freight.trips.queries import CLOSE_WINDOW, LOCK_TRACK
from ingest.pipeline import Pipeline
from store.pool import Connection, Pool
from tests.ingest.world import LOADING, UNLOADING, Carried, at, fix, message, send
from tests.waiting import until_locked

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


@asynccontextmanager
async def turn_of(database: Pool, trip: Carried) -> AsyncIterator[Connection]:
    """A transaction that holds the trip's track, and ends when someone waits for it."""
    async with database.acquire() as connection, connection.transaction():
        await connection.execute(LOCK_TRACK, trip.trip_id)
        yield connection


@pytest.mark.parametrize("knows_the_trip", [True, False], ids=["a worker that knows the trip", "a new worker"])
async def test_a_fix_that_waits_while_its_trip_is_ended_is_neither_stored_nor_told(
    database: Pool, trip: Carried, knows_the_trip: bool
) -> None:
    pipeline = Pipeline(database, 30)
    await send(pipeline if knows_the_trip else Pipeline(database, 30), trip, fix(at(trip, 20), *LOADING))
    async with turn_of(database, trip) as connection:
        waiting = asyncio.create_task(send(pipeline, trip, fix(at(trip, 25), *LOADING), fix(at(trip, 40), *LOADING)))
        await until_locked(database)
        await connection.execute(CLOSE_WINDOW, trip.trip_id, at(trip, 30))
    aftermath = await waiting
    assert aftermath.outcomes["outside_window"] == 1
    [view] = aftermath.positions[trip.organisation_id]
    assert view.fix_time_ms == microseconds(at(trip, 25)) // 1000
    assert await database.fetchval("select max(fix_time) from positions") == at(trip, 25)


@pytest.mark.parametrize("is_finished", [False, True], ids=["an open trip", "a finished one"])
async def test_two_workers_with_fixes_of_one_trip_take_turns(database: Pool, trip: Carried, is_finished: bool) -> None:
    if is_finished:
        await database.execute("update trips set window_to = $1", at(trip, 60))
    first, second = [message(trip.login, fix(at(trip, minute), *LOADING)) for minute in (1, 4)]
    async with database.acquire() as connection, connection.transaction():
        await Pipeline(database, 30).store(connection, [first], careful=False)
        waiting = asyncio.create_task(Pipeline(database, 30).take([second]))
        await until_locked(database)
    await waiting
    # Each alone saw the truck for a moment; the second has seen it stand.
    assert await database.fetchval("select arrived_at from visits") == at(trip, 1)
    assert await database.fetchval("select fix_count from tracks") == 2


async def test_a_fix_that_waits_while_its_trips_time_runs_out_is_not_stored(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    await send(pipeline, trip, fix(at(trip, 1), *LOADING))
    async with turn_of(database, trip) as connection:
        waiting = asyncio.create_task(send(pipeline, trip, fix(at(trip, 300), *LOADING)))
        await until_locked(database)
        await connection.execute("update trips set delivered_at = $1, window_to = $1", at(trip, 200))
    assert (await waiting).positions == {}
    assert await database.fetchval("select count(*) from positions") == 1


async def test_a_silent_truck_whose_trip_ends_meanwhile_arrives_nowhere(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    now = dt.datetime.now(dt.UTC)
    await send(pipeline, trip, fix(now - 7 * MINUTE, *LOADING))
    await database.execute("update tracks set received_at = fix_time")
    async with database.acquire() as other, other.transaction():
        async with turn_of(database, trip) as connection:
            waiting = asyncio.create_task(sweep_silent_arrivals(other, now))
            await until_locked(database)
            await connection.execute("update trips set delivered_at = $1, window_to = $1", now)
        assert await waiting == []
    assert await database.fetchval("select count(*) from marks") == 0


async def test_a_trip_that_is_ended_while_its_overdue_window_is_closed_is_left_alone(
    database: Pool, trip: Carried
) -> None:
    now = dt.datetime.now(dt.UTC)
    async with database.acquire() as connection, connection.transaction():
        await connection.execute(
            "insert into marks (trip_id, stop_id, kind, source, at) values ($1, $2, 'arrived', 'driver', $3)",
            *(trip.trip_id, trip.stop_ids[1], now - 2 * HOUR),
        )
        await refold(connection, trip.trip_id)
    async with database.acquire() as other, other.transaction():
        async with turn_of(database, trip) as connection:
            waiting = asyncio.create_task(close_overdue_windows(other, now + 2 * HOUR))
            await until_locked(database)
            await connection.execute(CLOSE_WINDOW, trip.trip_id, now)
        assert await waiting == []
    assert await database.fetchval("select window_to from trips") == now


@pytest.mark.parametrize("column", ["window_from", "window_to", "plan_version"])
async def test_whoever_changes_a_trips_window_or_plan_gives_its_track_another_number(
    database: Pool, pipeline: Pipeline, trip: Carried, column: str
) -> None:
    await send(pipeline, trip, fix(at(trip, 1), *UNLOADING))
    value = "plan_version + 1" if column == "plan_version" else "window_from + interval '1 minute'"
    await database.execute(f"update trips set {column} = {value}")
    assert await database.fetchval("select sequence from tracks") == 2
    await database.execute("update trips set track_length_m = 1")
    assert await database.fetchval("select sequence from tracks") == 2
