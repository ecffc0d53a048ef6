"""Tracks that tempt a stage detector, through the pipeline into the tables: noise, driving past, a wrong clock."""

import datetime as dt
import math
import random
from typing import Any

import pytest

from geo.fix import flag_names
from ingest.pipeline import Pipeline
from store.pool import Pool
from tests.ingest.world import LOADING, Carried, drive, fix, make_trip, message

RADIUS_M = 300
METRES_PER_DEGREE = 111_195.0


def east_of(place: tuple[float, float], metres: float, north_m: float = 0) -> tuple[float, float]:
    """The place so many metres east (and north) of another."""
    lat, lon = place
    return lat + north_m / METRES_PER_DEGREE, lon + metres / (METRES_PER_DEGREE * math.cos(math.radians(lat)))


async def take(pipeline: Pipeline, trip: Carried, fixes: list[dict[str, Any]], batch: int = 50, **more: Any) -> None:
    """Store fixes in batches of this size."""
    for start in range(0, len(fixes), batch):
        await pipeline.take([message(trip.login, one, **more) for one in fixes[start : start + batch]])


async def stages(database: Pool, trip: Carried) -> list[str]:
    """The stages told and not taken back, in order."""
    rows = await database.fetch(
        "select kind from events where trip_id = $1 and kind in ('arrived', 'departed', 'delivered')"
        " and withdrawn_at is null order by at",
        trip.trip_id,
    )
    return [row["kind"] for row in rows]


@pytest.mark.parametrize("seed", range(3))
async def test_a_thousand_fixes_of_noise_on_an_edge_are_one_stage_at_most(database: Pool, seed: int) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection, hours_ago=8)
    chance = random.Random(seed)
    fixes = []
    for step in range(1_000):
        off_m, north_m = chance.uniform(-30, 30), chance.uniform(-30, 30)
        at = trip.window_from + dt.timedelta(seconds=20 * step)
        fixes.append(fix(at, *east_of(LOADING, RADIUS_M + off_m, north_m), acc=20))
    await take(Pipeline(database, 30), trip, fixes)
    assert await database.fetchval("select count(*) from positions") == 1_000
    assert await database.fetchval("select max(revision) from events") in (None, 1)
    assert len(await stages(database, trip)) <= 1


@pytest.mark.parametrize("every_s", [1, 10, 30])
@pytest.mark.parametrize("aside_m", [0, 200, 310])
async def test_driving_past_at_60_kmh_is_no_stage(database: Pool, every_s: int, aside_m: float) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    fixes = []
    for second in range(0, 600, every_s):
        at = trip.window_from + dt.timedelta(seconds=second)
        fixes.append(fix(at, *east_of(LOADING, (second - 300) * 60 / 3.6, aside_m), acc=8, vel=60))
    await take(Pipeline(database, 30), trip, fixes, batch=7)
    assert await stages(database, trip) == []
    assert await database.fetchval("select state from orders where id = $1", trip.order_id) == "assigned"


async def test_a_clock_of_ours_that_ran_ahead_or_behind_costs_no_point(database: Pool) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    pipeline = Pipeline(database, 30)
    track = drive(trip)
    real = dt.datetime.now(dt.UTC)
    third = len(track) // 3
    await take(pipeline, trip, track[:third], at=real + dt.timedelta(hours=20))
    await take(pipeline, trip, track[third : 2 * third], at=real - dt.timedelta(hours=20))
    await take(pipeline, trip, track[2 * third :], at=real)
    # What a phone sends again, having heard no answer, is known whatever the clock said before.
    await take(pipeline, trip, track, at=real)
    rows = await database.fetch("select flags from positions order by fix_time")
    assert len(rows) == len(track)
    flags = [flag_names(row["flags"]) for row in rows]
    assert all("stale" in names for names in flags[:third])
    assert all("future" in names for names in flags[third : 2 * third])
    # Fixes from a future cannot be trusted; those before and after them still tell the trip.
    assert await stages(database, trip) == ["arrived", "departed", "arrived", "delivered"]


async def test_a_backlog_from_before_the_trip_is_not_kept_and_stops_nothing(database: Pool) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    before = [fix(trip.window_from - dt.timedelta(minutes=minute), *LOADING) for minute in range(1, 30)]
    pipeline = Pipeline(database, 30)
    await take(pipeline, trip, before, batch=5)
    await take(pipeline, trip, [fix(trip.window_from + dt.timedelta(minutes=1), *LOADING)])
    assert await database.fetchval("select count(*) from positions") == 1
    assert await database.fetchval("select count(*) from quarantine") == 0


async def test_a_phone_whose_clock_runs_a_day_ahead_is_set_aside_until_it_is_right_again(database: Pool) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    pipeline = Pipeline(database, 30)
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    wrong = [fix(now + dt.timedelta(hours=30, seconds=second), *LOADING) for second in range(5)]
    right = [fix(now + dt.timedelta(seconds=second), *LOADING) for second in range(5)]
    await take(pipeline, trip, wrong + right, batch=3)
    assert await database.fetchval("select count(*) from positions") == 5
    assert await database.fetchval("select count(*) from quarantine where reason = 'far_future'") == 5
    shown = await database.fetchval("select fix_time from tracks where trip_id = $1", trip.trip_id)
    assert shown == now + dt.timedelta(seconds=4)
