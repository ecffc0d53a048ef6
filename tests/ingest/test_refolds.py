"""Tracks that are folded anew: at once, later, beside the loop, and never for nothing."""

import asyncio
import time
from collections.abc import Callable

import asyncpg
import pytest

from geo.batch import refold
from geo.fix import Columns
from geo.plan import Plan
from geo.state import Folded
from ingest.pipeline import Pipeline
from store.pool import Pool
from tests.ingest.world import LOADING, Carried, at, fix, message, send
from tests.waiting import until


async def test_a_long_track_late_fixes_keep_coming_to_is_folded_anew_in_its_turn(
    database: Pool, pipeline: Pipeline, trip: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.refolds.SHORT_FIXES", 10)
    monkeypatch.setattr("ingest.refolds.FIXES_A_SECOND", 0.01)
    monkeypatch.setattr("ingest.refolds.LONGEST_PAUSE_S", 3600)
    road = [fix(at(trip, 60 + minute), 42.0, 74.0 + minute / 100) for minute in range(12)]
    await send(pipeline, trip, *road[:11])
    await send(pipeline, trip, fix(at(trip, 50), 41.9, 74.0))
    # Late again, and this time it would be an arrival; the newest position is told all the same.
    stay = [fix(at(trip, minute), *LOADING) for minute in (5, 7, 9)]
    aftermath = await send(pipeline, trip, *stay, road[11])
    assert [view.lon for view in aftermath.positions[trip.organisation_id]] == [74.11]
    assert await database.fetchval("select count(*) from positions") == 16
    assert await database.fetchval("select count(*) from visits") == 0
    assert await pipeline.catch_up() == []
    # Another worker takes over what was left waiting.
    assert await Pipeline(database, 30).catch_up()
    assert await database.fetchval("select arrived_at from visits") == at(trip, 5)
    assert await database.fetchval("select lon from tracks") == 74.11


async def test_a_long_track_that_waited_is_folded_anew_when_its_time_comes(
    database: Pool, pipeline: Pipeline, trip: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.refolds.SHORT_FIXES", 1)
    monkeypatch.setattr("ingest.refolds.FIXES_A_SECOND", 1)
    await send(pipeline, trip, fix(at(trip, 60), 42.0, 74.0))
    await send(pipeline, trip, fix(at(trip, 50), 42.0, 74.0))
    await send(pipeline, trip, *[fix(at(trip, minute), *LOADING) for minute in (5, 7, 9)])
    assert await until(pipeline.catch_up)
    assert await database.fetchval("select arrived_at from visits") == at(trip, 5)
    assert await pipeline.catch_up() == []


async def test_a_fold_that_takes_long_stops_neither_the_loop_nor_its_transaction(
    database: Pool, pipeline: Pipeline, trip: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freight.tracking.refolds.LONG_FIXES", 2)
    monkeypatch.setattr("freight.tracking.refolds.SIGN_OF_LIFE_S", 0.1)
    monkeypatch.setattr("freight.tracking.refolds.fold_whole", slowly(1.0))
    await send(pipeline, trip, fix(at(trip, 60), 42.0, 74.0))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.02)
            ticks += 1

    ticking = asyncio.create_task(tick())
    late = [message(trip.login, fix(at(trip, minute), *LOADING)) for minute in (5, 7, 9)]
    async with database.acquire() as connection:
        await connection.execute("set idle_in_transaction_session_timeout = 500")
        await pipeline.store(connection, late, careful=False)
    ticking.cancel()
    assert ticks > 10
    assert await database.fetchval("select arrived_at from visits") == at(trip, 5)


async def test_a_batch_that_is_tried_again_does_not_fold_a_long_track_again(
    database: Pool, pipeline: Pipeline, trip: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.refolds.SHORT_FIXES", 1)
    await send(pipeline, trip, fix(at(trip, 60), 42.0, 74.0))
    late = [fix(at(trip, minute), *LOADING) for minute in (5, 7, 9)]
    with monkeypatch.context() as broken:
        broken.setattr("freight.tracking.refolds.fold_whole", slowly(0.5))
        broken.setattr("ingest.pipeline.save_news", failing)
        with pytest.raises(asyncpg.DeadlockDetectedError):
            await send(pipeline, trip, *late)
    await send(pipeline, trip, *late)
    assert await database.fetchval("select count(*) from positions") == 4
    assert await database.fetchval("select count(*) from visits") == 0
    assert await until(pipeline.catch_up)
    assert await database.fetchval("select arrived_at from visits") == at(trip, 5)


def slowly(seconds: float) -> Callable[[Plan, Columns], Folded]:
    """A fold that keeps its thread busy."""

    def fold(plan: Plan, fixes: Columns) -> Folded:
        time.sleep(seconds)
        return refold(plan, fixes)

    return fold


async def failing(*_: object) -> None:
    """What a transaction may end in at any time."""
    raise asyncpg.DeadlockDetectedError("for once")


async def test_a_batch_that_fails_forgets_nothing_that_waits(
    database: Pool, pipeline: Pipeline, trip: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(pipeline, trip, fix(at(trip, 60), 42.0, 74.0))

    with monkeypatch.context() as broken:
        broken.setattr("ingest.pipeline.save_news", failing)
        with pytest.raises(asyncpg.DeadlockDetectedError):
            await send(pipeline, trip, *[fix(at(trip, minute), *LOADING) for minute in (5, 7, 9)])
    assert await database.fetchval("select count(*) from positions") == 1
    await send(pipeline, trip, *[fix(at(trip, minute), *LOADING) for minute in (5, 7, 9)])
    assert await database.fetchval("select arrived_at from visits") == at(trip, 5)
