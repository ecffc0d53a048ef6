"""Marks, silence, the end of a tracking window, and what a finished trip leaves behind."""

import asyncio
import datetime as dt

import pytest

from freight.errors import NotFound
from freight.live import Changed, Happened, Told
from freight.tracking import refolds
from freight.tracking.refolds import close_overdue_windows, refold, sweep_silent_arrivals
from freight.tracking.silences import sweep_silences
from freight.trips.finishing import finish_trip
from ingest.pipeline import Pipeline
from store.pool import Connection, Pool
from tests.ingest.world import LOADING, UNLOADING, Carried, circle, drive, fix, make_trip, message
from tests.waiting import until

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
async def trip(database: Pool) -> Carried:
    """A trip whose window began six hours ago."""
    async with database.acquire() as connection:
        return await make_trip(connection)


async def mark(
    database: Pool, trip: Carried, stop: int, kind: str, at: dt.datetime, source: str = "driver"
) -> list[Told]:
    """Press a stage, as the cabinet and the driver's page do."""
    async with database.acquire() as connection, connection.transaction():
        await connection.execute(
            "insert into marks (trip_id, stop_id, kind, source, at) values ($1, $2, $3, $4, $5)",
            *(trip.trip_id, trip.stop_ids[stop], kind, source, at),
        )
        return await refold(connection, trip.trip_id)


async def unmark(database: Pool, trip: Carried) -> None:
    async with database.acquire() as connection, connection.transaction():
        await connection.execute("delete from marks where trip_id = $1", trip.trip_id)
        await refold(connection, trip.trip_id)


async def send(database: Pool, trip: Carried, *fixes: object) -> None:
    await Pipeline(database, 30).take([message(trip.login, one) for one in fixes])


async def state_of(database: Pool) -> str:
    return str(await database.fetchval("select state from orders"))


async def test_a_pressed_stage_moves_the_order_and_is_told(database: Pool, trip: Carried) -> None:
    told = await mark(database, trip, 0, "arrived", trip.window_from + MINUTE)
    messages = [one.message for one in told]
    assert await state_of(database) == "at_loading"
    assert Changed("trip", trip.trip_id) in messages
    assert [message.id for message in messages if isinstance(message, Happened)] == [trip.trip_id]
    assert await database.fetchval("select arrived_source from visits") == "driver"


async def test_the_phone_and_the_driver_are_both_witnesses_and_the_measurement_is_shown(
    database: Pool, trip: Carried
) -> None:
    await send(database, trip, *drive(trip)[:5])
    await mark(database, trip, 0, "arrived", trip.window_from + 30 * MINUTE)
    visit = await database.fetchrow("select arrived_at, arrived_source from visits")
    assert visit is not None
    assert (visit["arrived_source"], visit["arrived_at"]) == ("gps", trip.window_from + 5 * MINUTE)
    assert await database.fetchval("select count(*) from marks") == 1


async def test_a_mark_taken_back_takes_the_stage_back(database: Pool, trip: Carried) -> None:
    await mark(database, trip, 0, "departed", trip.window_from + MINUTE)
    assert await state_of(database) == "in_transit"
    await unmark(database, trip)
    assert await state_of(database) == "assigned"
    assert await database.fetchval("select withdrawn_at is not null from events where kind = 'departed'")


async def test_a_worker_that_kept_the_old_plan_notices_the_new_one(database: Pool, trip: Carried) -> None:
    pipeline = Pipeline(database, 30)
    await pipeline.take([message(trip.login, fix(trip.window_from + MINUTE, 42.0, 74.0))])
    await database.execute("update order_stops set fence = $1 where id = $2", circle(42.0, 74.0), trip.stop_ids[0])
    async with database.acquire() as connection, connection.transaction():
        await refold(connection, trip.trip_id)
    await pipeline.take(
        [message(trip.login, fix(trip.window_from + minute * MINUTE, 42.0, 74.0)) for minute in (2, 3, 4)]
    )
    assert await database.fetchval("select arrived_at from visits") == trip.window_from + MINUTE


async def test_a_plan_changed_without_a_refold_is_caught_up_with_the_next_fix(database: Pool, trip: Carried) -> None:
    pipeline = Pipeline(database, 30)
    track = [fix(trip.window_from + minute * MINUTE, 42.0, 74.0) for minute in range(5)]
    await pipeline.take([message(trip.login, one) for one in track[:4]])
    await database.execute("update order_stops set fence = $1 where id = $2", circle(42.0, 74.0), trip.stop_ids[0])
    await database.execute("update trips set plan_version = plan_version + 1")
    await pipeline.take([message(trip.login, track[4])])
    assert await database.fetchval("select arrived_at from visits") == trip.window_from


async def test_nobody_refolds_a_trip_that_does_not_exist(database: Pool) -> None:
    async with database.acquire() as connection:
        with pytest.raises(NotFound):
            await refold(connection, 404)


async def test_a_truck_that_stopped_inside_and_fell_silent_has_arrived(database: Pool, trip: Carried) -> None:
    now = dt.datetime.now(dt.UTC)
    await send(database, trip, fix(now - 7 * MINUTE, *LOADING))
    await database.execute("update tracks set received_at = fix_time")
    async with database.acquire() as connection:
        assert await sweep_silent_arrivals(connection, now - 3 * MINUTE) == []
        told = await sweep_silent_arrivals(connection, now)
    assert Changed("trip", trip.trip_id) in [one.message for one in told]
    assert await database.fetchval("select arrived_source from visits") == "silence"
    assert await state_of(database) == "at_loading"


async def test_a_silent_arrival_is_marked_once(database: Pool, trip: Carried) -> None:
    now = dt.datetime.now(dt.UTC)
    await send(database, trip, fix(now - 7 * MINUTE, *LOADING))
    await database.execute("update tracks set received_at = fix_time")
    async with database.acquire() as connection:
        await sweep_silent_arrivals(connection, now)
        assert await sweep_silent_arrivals(connection, now + HOUR) == []
    assert await database.fetchval("select count(*) from marks") == 1


async def test_a_silent_arrival_that_late_points_refute_is_taken_back_and_may_be_concluded_again(
    database: Pool, trip: Carried
) -> None:
    now = dt.datetime.now(dt.UTC)
    came, past = now - 60 * MINUTE, (LOADING[0] + 0.05, LOADING[1])
    await send(database, trip, fix(came, *LOADING))
    await database.execute("update tracks set received_at = fix_time")
    async with database.acquire() as connection:
        await sweep_silent_arrivals(connection, now - 50 * MINUTE)
    assert await state_of(database) == "at_loading"
    # What the phone kept back in the tunnel: it drove on.
    on_the_way = [fix(came + minute * MINUTE, past[0] + minute * 0.01, past[1], vel=60) for minute in (1, 2, 3)]
    await send(database, trip, *on_the_way)
    assert await state_of(database) == "assigned"
    assert await database.fetchval("select withdrawn_at is not null from events where kind = 'arrived'")
    await send(database, trip, fix(now - 7 * MINUTE, *LOADING))
    await database.execute("update tracks set received_at = fix_time")
    async with database.acquire() as connection:
        await sweep_silent_arrivals(connection, now)
    assert await state_of(database) == "at_loading"
    assert await database.fetchval("select count(*) from marks") == 1


async def test_a_loading_that_nobody_saw_is_passed_by_a_long_stay_at_the_unloading(
    database: Pool, trip: Carried
) -> None:
    begin = trip.window_from + HOUR
    on_the_way = [fix(begin + n * MINUTE, UNLOADING[0] - 0.05 + n * 0.01, UNLOADING[1], vel=70) for n in range(5)]
    await send(database, trip, *on_the_way)
    standing = [fix(begin + n * MINUTE, UNLOADING[0] + n * 1e-6, UNLOADING[1]) for n in range(5, 20)]
    await send(database, trip, *standing[:8])
    assert await state_of(database) == "assigned"
    await send(database, trip, *standing[8:])
    assert await state_of(database) == "at_unloading"
    rows = await database.fetch("select stop_id, arrived_at is null as unmarked from visits order by stop_id")
    assert [(row["stop_id"], row["unmarked"]) for row in rows] == [
        (trip.stop_ids[0], True),
        (trip.stop_ids[1], False),
    ]
    assert [row["kind"] for row in await database.fetch("select kind from events")].count("arrived") == 1
    # Pressed after all.
    await mark(database, trip, 0, "departed", trip.window_from + MINUTE)
    assert (
        await database.fetchval("select departed_source from visits where stop_id = $1", trip.stop_ids[0]) == "driver"
    )
    assert await state_of(database) == "at_unloading"


async def test_a_phone_that_tells_no_speed_has_arrived_after_a_quarter_of_an_hour(
    database: Pool, trip: Carried
) -> None:
    now = dt.datetime.now(dt.UTC)
    await send(database, trip, fix(now - 17 * MINUTE, *LOADING, vel=None))
    await database.execute("update tracks set received_at = fix_time")
    async with database.acquire() as connection:
        assert await sweep_silent_arrivals(connection, now - 5 * MINUTE) == []
        assert await sweep_silent_arrivals(connection, now) != []


async def test_a_moving_truck_has_not_arrived(database: Pool, trip: Carried) -> None:
    now = dt.datetime.now(dt.UTC)
    await send(database, trip, fix(now - 7 * MINUTE, *LOADING, vel=30))
    await database.execute("update tracks set received_at = fix_time")
    async with database.acquire() as connection:
        assert await sweep_silent_arrivals(connection, now) == []


async def test_no_truck_that_is_elsewhere_keeps_an_older_silence_from_being_looked_at(
    database: Pool, trip: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refolds, "MOST_PER_SWEEP", 2)
    monkeypatch.setattr(refolds, "MOST_LOOKED_AT", 2)
    now = dt.datetime.now(dt.UTC)
    async with database.acquire() as connection:
        others = [await make_trip(connection) for _ in range(8)]
    await send(database, trip, fix(now - 3 * HOUR, *LOADING))
    for number, other in enumerate(others):
        # The last five stand at their loading place.
        await send(database, other, fix(now - 7 * MINUTE, *(LOADING if number > 2 else (42.0, 74.0))))
    await database.execute("update tracks set received_at = fix_time")
    async with database.acquire() as connection:
        arrived = [await arrived_after(connection, now) for _ in range(4)]
    assert arrived == [2, 4, 6, 6]


async def arrived_after(connection: Connection, now: dt.datetime) -> int:
    """How many arrivals there are after one sweep more."""
    await sweep_silent_arrivals(connection, now)
    return int(await connection.fetchval("select count(*) from visits where arrived_source = 'silence'"))


async def test_the_window_closes_three_hours_after_arriving_at_the_last_stop(database: Pool, trip: Carried) -> None:
    now = dt.datetime.now(dt.UTC)
    arrived_at = now - 2 * HOUR
    await mark(database, trip, 1, "arrived", arrived_at)
    async with database.acquire() as connection:
        assert await close_overdue_windows(connection, now) == []
        told = await close_overdue_windows(connection, now + HOUR + MINUTE)
    assert Changed("trip", trip.trip_id) in [one.message for one in told]
    assert await database.fetchval("select window_to from trips") == arrived_at + 3 * HOUR
    assert await database.fetchval("select count(*) from pgqueuer where entrypoint = 'finish_trip'") == 1


async def test_a_delivery_pressed_far_from_the_fence_ends_the_window_five_minutes_later(
    database: Pool, trip: Carried
) -> None:
    delivered_at = dt.datetime.now(dt.UTC) - MINUTE
    await mark(database, trip, 1, "departed", delivered_at)
    assert await state_of(database) == "delivered"
    assert await database.fetchval("select window_to from trips") is None
    async with database.acquire() as connection:
        await close_overdue_windows(connection, delivered_at + 6 * MINUTE)
    row = await database.fetchrow("select delivered_at, window_to from trips")
    assert row is not None
    assert (row["delivered_at"], row["window_to"]) == (delivered_at, delivered_at + 5 * MINUTE)


async def test_a_truck_still_in_the_fence_is_followed_though_delivered(database: Pool, trip: Carried) -> None:
    now = dt.datetime.now(dt.UTC)
    await mark(database, trip, 0, "departed", now - 2 * HOUR)
    await send(database, trip, *[fix(now - (60 - minute) * MINUTE, *UNLOADING) for minute in range(5)])
    await mark(database, trip, 1, "departed", now - 20 * MINUTE)
    async with database.acquire() as connection:
        await close_overdue_windows(connection, now)
    assert await state_of(database) == "delivered"
    assert await database.fetchval("select window_to from trips") is None


async def test_no_truck_still_in_its_fence_keeps_another_window_open(
    database: Pool, trip: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refolds, "MOST_PER_SWEEP", 1)
    monkeypatch.setattr(refolds, "MOST_LOOKED_AT", 1)
    now = dt.datetime.now(dt.UTC)
    async with database.acquire() as connection:
        other = await make_trip(connection)
    await mark(database, trip, 0, "departed", now - 2 * HOUR)
    await send(database, trip, *[fix(now - (60 - minute) * MINUTE, *UNLOADING) for minute in range(5)])
    await mark(database, trip, 1, "departed", now - 20 * MINUTE)
    await mark(database, other, 1, "arrived", now - 2 * HOUR)
    async with database.acquire() as connection:
        await close_overdue_windows(connection, now + HOUR + MINUTE)
    windows = await database.fetch("select window_to is null as is_open from trips order by id")
    assert [row["is_open"] for row in windows] == [True, False]


async def test_a_delivery_taken_back_opens_the_window_again(database: Pool, trip: Carried) -> None:
    await mark(database, trip, 1, "departed", trip.window_from + MINUTE)
    assert await database.fetchval("select window_to is not null from trips")
    await unmark(database, trip)
    assert await database.fetchval("select window_to is null and delivered_at is null from trips")


async def test_a_finished_trip_leaves_a_simplified_line_with_its_times_and_length(
    database: Pool, trip: Carried
) -> None:
    track = drive(trip)
    await send(database, trip, *track)
    assert await finish_trip(database, trip.trip_id)
    row = await database.fetchrow(
        "select st_npoints(track) as points, st_srid(track) as srid, track_length_m,"
        " st_m(st_startpoint(track)) as start, st_y(st_endpoint(track)) as lat from trips"
    )
    assert row is not None
    assert 2 < row["points"] < len(track)
    assert row["srid"] == 4326
    assert row["start"] == pytest.approx(track[0]["tst"], abs=1)
    assert row["track_length_m"] == pytest.approx(305_000, rel=0.03)


async def test_an_open_trip_has_nothing_to_finish(database: Pool, trip: Carried) -> None:
    assert not await finish_trip(database, trip.trip_id)
    assert not await finish_trip(database, 404)


async def test_a_long_silence_is_told_once_and_so_is_its_end(database: Pool, trip: Carried) -> None:
    now = dt.datetime.now(dt.UTC)
    await send(database, trip, fix(now - 50 * MINUTE, 42.0, 74.0, batt=30))
    await database.execute("update tracks set received_at = fix_time")
    async with database.acquire() as connection:
        assert await sweep_silences(connection, now - 20 * MINUTE) == []
        assert len(await sweep_silences(connection, now)) == 1
        assert await sweep_silences(connection, now) == []
        told = await database.fetchrow("select data, late from events where kind = 'silent'")
        assert told is not None
        assert (told["data"], told["late"]) == ({"battery_pct": 30}, False)
        await send(database, trip, fix(now, 42.01, 74.0))
        assert len(await sweep_silences(connection, now)) == 1
        assert await sweep_silences(connection, now) == []
        silent_s = await database.fetchval("select data -> 'silent_s' from events where kind = 'resumed'")
        assert 49 * 60 < silent_s < 52 * 60


async def heard(database: Pool, trip: Carried, at: dt.datetime) -> None:
    """A word of the truck, received when it was measured."""
    await send(database, trip, fix(at, 42.0, 74.0))
    await database.execute("update tracks set received_at = fix_time")


async def silences(database: Pool) -> list[tuple[str, dt.datetime]]:
    """What was told of silences and their ends, in the order it was told."""
    rows = await database.fetch("select kind, at from events order by id")
    return [(row["kind"], row["at"]) for row in rows]


async def test_each_silence_is_a_pair_of_facts_of_its_own(database: Pool, trip: Carried) -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    first, second, third = (now - hours * HOUR for hours in (5, 3, 1))
    async with database.acquire() as connection:
        await heard(database, trip, first)
        await sweep_silences(connection, now)
        await heard(database, trip, second)
        await sweep_silences(connection, second + MINUTE)
        assert await silences(database) == [("silent", first), ("resumed", second)]
        await sweep_silences(connection, now)
        # Two silences lie between this sweep and the one before: the end of the first is told before the next.
        await heard(database, trip, third)
        assert len(await sweep_silences(connection, now)) == 2
        assert await sweep_silences(connection, now) == []
    assert await silences(database) == [
        *(("silent", first), ("resumed", second)),
        *(("silent", second), ("resumed", third)),
        ("silent", third),
    ]
    assert await database.fetchval("select max(revision) from events") == 1


async def test_sweeps_of_two_workers_at_once_tell_a_silence_once(database: Pool, trip: Carried) -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    await heard(database, trip, now - HOUR)

    async def sweep() -> list[Told]:
        async with database.acquire() as connection, connection.transaction():
            return await sweep_silences(connection, now)

    async with database.acquire() as connection, connection.transaction():
        assert len(await sweep_silences(connection, now)) == 1
        # Another worker looks before the first has committed.
        other = asyncio.create_task(sweep())

        async def is_waiting() -> bool:
            waits = await database.fetchval("select count(*) from pg_locks where locktype = 'advisory' and not granted")
            return other.done() or bool(waits)

        await until(is_waiting)
    assert await other == []
    assert await silences(database) == [("silent", now - HOUR)]


async def test_a_delivered_trip_may_be_silent(database: Pool, trip: Carried) -> None:
    await send(database, trip, fix(trip.window_from, 42.0, 74.0))
    await database.execute("update tracks set received_at = fix_time")
    await database.execute("update orders set state = 'delivered'")
    async with database.acquire() as connection:
        assert await sweep_silences(connection, dt.datetime.now(dt.UTC)) == []
