"""What a batch leads to, from the messages to the rows."""

import datetime as dt
from collections.abc import Sequence

import asyncpg
import pytest

from geo.fix import Flag
from geo.polyline import encode_polyline
from ingest.pipeline import Pipeline
from ingest.reports import DeviceNews
from store.pool import Connection, Pool
from tests.ingest.world import (
    LOADING,
    UNLOADING,
    Carried,
    at,
    circle,
    drive,
    fix,
    make_driver,
    make_trip,
    message,
    send,
)


async def test_a_whole_trip_becomes_positions_visits_events_and_a_delivered_order(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    track = drive(trip)
    for start in range(0, len(track), 50):
        await send(pipeline, trip, *track[start : start + 50])
    assert await database.fetchval("select count(*) from positions") == len(track)
    visits = await database.fetch("select * from visits order by stop_id")
    assert [visit["stop_id"] for visit in visits] == trip.stop_ids
    kinds = [row["kind"] for row in await database.fetch("select kind from events order by at")]
    assert kinds == ["arrived", "departed", "approaching_50km", "approaching_5km", "arrived", "delivered"]
    assert await database.fetchval("select state from orders where id = $1", trip.order_id) == "delivered"
    ended = await database.fetchrow("select delivered_at, window_to from trips")
    assert ended is not None
    assert ended["window_to"] == ended["delivered_at"] + dt.timedelta(minutes=5)


async def test_every_stage_is_a_job_for_the_notifier_in_the_same_transaction(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    await send(pipeline, trip, *[fix(at(trip, minute), *LOADING) for minute in range(5)])
    event_id = await database.fetchval("select id from events where kind = 'arrived'")
    assert await database.fetchval("select count(*) from pgqueuer where entrypoint = 'notify'") == 1
    payload = await database.fetchval("select payload from pgqueuer where entrypoint = 'notify'")
    assert str(event_id).encode() in payload


async def test_the_same_batch_twice_changes_nothing(database: Pool, pipeline: Pipeline, trip: Carried) -> None:
    batch = [message(trip.login, one) for one in drive(trip)[:30]]
    await pipeline.take(batch)
    before = await database.fetch("select * from tracks")
    aftermath = await pipeline.take(batch)
    assert await database.fetchval("select count(*) from positions") == 30
    assert await database.fetch("select * from tracks") == before
    assert not aftermath.positions
    assert aftermath.outcomes["duplicate"] == 30


async def test_a_worker_that_knows_nothing_goes_on_where_another_stopped(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    track = drive(trip)
    await send(pipeline, trip, *track[:3])
    await send(Pipeline(database, 30), trip, *track[3:20])
    await send(pipeline, trip, *track[20:])
    kinds = [row["kind"] for row in await database.fetch("select kind from events order by at")]
    assert kinds[:2] == ["arrived", "departed"]
    # Three batches, and the end of the tracking window with the last of them.
    assert await database.fetchval("select sequence from tracks") == 4


async def test_repeats_of_fixes_the_fold_passes_over_are_found(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    nowhere = fix(at(trip, 1), 0.001, 0.001)
    await send(pipeline, trip, nowhere)
    await send(pipeline, trip, nowhere, fix(at(trip, 2), *LOADING))
    rows = await database.fetch("select flags from positions order by fix_time")
    assert rows[0]["flags"] & Flag.NULL_ISLAND
    assert len(rows) == 2


async def test_a_batch_is_begun_again_carefully_when_something_new_is_stored_already(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    first, second = fix(at(trip, 1), *LOADING), fix(at(trip, 2), *LOADING)
    await send(pipeline, trip, first, second)
    await database.execute("update tracks set state = null, fix_count = 0")
    await send(Pipeline(database, 30), trip, first, second, fix(at(trip, 3), *LOADING))
    assert await database.fetchval("select count(*) from positions") == 3


async def test_late_fixes_correct_the_same_event_and_say_so(database: Pool, pipeline: Pipeline, trip: Carried) -> None:
    await send(pipeline, trip, *[fix(at(trip, minute), *LOADING) for minute in range(10, 15)])
    told_first = await database.fetchrow("select * from events where kind = 'arrived'")
    await send(pipeline, trip, *[fix(at(trip, minute), *LOADING) for minute in range(5, 8)])
    corrected = await database.fetchrow("select * from events where kind = 'arrived'")
    assert told_first is not None and corrected is not None
    assert corrected["id"] == told_first["id"]
    assert corrected["revision"] == 2
    assert corrected["at"] == at(trip, 5)
    assert corrected["late"]


async def test_an_arrival_the_full_track_does_not_show_is_withdrawn_and_comes_back(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    # Two sparse fixes inside look like a stay, until the late one between them shows the truck elsewhere.
    await send(pipeline, trip, fix(at(trip, 10), *LOADING), fix(at(trip, 13), *LOADING))
    assert await database.fetchval("select withdrawn_at is null from events where kind = 'arrived'")
    aside = [fix(at(trip, 10.5 + n / 4), LOADING[0] + 0.04, LOADING[1]) for n in range(8)]
    await send(pipeline, trip, *aside)
    assert await database.fetchval("select withdrawn_at is not null from events where kind = 'arrived'")
    assert await database.fetchval("select count(*) from visits") == 0
    assert await database.fetchval("select state from orders") == "assigned"
    await send(pipeline, trip, *[fix(at(trip, minute), *LOADING) for minute in (15, 17, 19)])
    row = await database.fetchrow("select withdrawn_at, revision from events where kind = 'arrived'")
    assert row is not None
    assert (row["withdrawn_at"], row["revision"]) == (None, 3)


async def test_an_acquitted_leap_loses_its_flag_in_the_rows_of_earlier_batches(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    await send(pipeline, trip, fix(at(trip, 1), *LOADING))
    for minute in (2, 3):
        await send(pipeline, trip, fix(at(trip, minute), 41.0, 71.0 + minute / 100))
    query = "select count(*) from positions where flags & 4 <> 0"
    assert await database.fetchval(query) == 2
    await send(pipeline, trip, fix(at(trip, 4), 41.0, 71.04))
    assert await database.fetchval(query) == 0
    assert await database.fetchval("select lon from tracks") == 71.04


async def test_a_leap_is_acquitted_in_its_own_drivers_points_alone(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    # Two trucks side by side, to the last bit; only one goes on to prove that it is there.
    async with database.acquire() as connection:
        other = await make_trip(connection)
    await database.execute("update trips set window_from = $1", trip.window_from)
    for one in (trip, other):
        for minute, place in ((1, (42.8746, 74.5698)), (2, (41.0, 71.02)), (3, (41.0, 71.03))):
            await send(pipeline, one, fix(at(trip, minute), *place))
    suspects = "select count(*) from positions where flags & 4 <> 0 and driver_id = $1"
    assert [await database.fetchval(suspects, one.driver_id) for one in (trip, other)] == [2, 2]
    await send(pipeline, trip, fix(at(trip, 4), 41.0, 71.04))
    assert [await database.fetchval(suspects, one.driver_id) for one in (trip, other)] == [0, 2]


async def test_fixes_outside_the_window_are_not_stored(database: Pool, pipeline: Pipeline, trip: Carried) -> None:
    aftermath = await send(pipeline, trip, fix(at(trip, -1), *LOADING), fix(at(trip, 1), *LOADING))
    assert await database.fetchval("select count(*) from positions") == 1
    assert aftermath.outcomes["outside_window"] == 1


async def test_after_three_hours_at_the_last_stop_nothing_is_stored_any_more(
    database: Pool, pipeline: Pipeline
) -> None:
    stops = [("loading", *LOADING, None), ("unloading", *UNLOADING, circle(*UNLOADING))]
    async with database.acquire() as connection:
        trip = await make_trip(connection, stops=stops)
    await database.execute(
        "insert into marks (trip_id, stop_id, kind, source, at) values ($1, $2, 'departed', 'driver', $3)",
        *(trip.trip_id, trip.stop_ids[0], at(trip, 1)),
    )
    stay = [fix(at(trip, 2 + minute), *UNLOADING) for minute in range(0, 250, 10)]
    for one in stay:
        await send(pipeline, trip, one)
    newest = await database.fetchval("select max(fix_time) from positions")
    assert newest == at(trip, 182)


async def test_a_late_fix_finds_the_trip_that_has_ended(database: Pool, pipeline: Pipeline, trip: Carried) -> None:
    await send(pipeline, trip, fix(at(trip, 20), *LOADING))
    await database.execute("update trips set window_to = $1", at(trip, 30))
    aftermath = await send(pipeline, trip, fix(at(trip, 10), *LOADING), fix(at(trip, 40), *LOADING))
    assert await database.fetchval("select count(*) from positions") == 2
    assert aftermath.outcomes["outside_window"] == 1


async def test_two_phones_of_one_driver_feed_one_trip(database: Pool, pipeline: Pipeline, trip: Carried) -> None:
    await database.execute(
        "insert into driver_devices (driver_id, login, kind) values ($1, 'second', 'app')", trip.driver_id
    )
    await pipeline.take(
        [message(trip.login, fix(at(trip, 1), *LOADING)), message("second", fix(at(trip, 2), *LOADING))]
    )
    assert await database.fetchval("select count(distinct device_id) from positions") == 2
    assert await database.fetchval("select fix_count from tracks") == 2


async def test_nobody_speaks_for_an_unknown_or_disabled_phone(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    await database.execute("update driver_devices set disabled_at = now()")
    await pipeline.take(
        [message("stranger", fix(at(trip, 1), *LOADING)), message(trip.login, fix(at(trip, 1), *LOADING))]
    )
    assert await database.fetchval("select count(*) from positions") == 0
    reasons = [row["reason"] for row in await database.fetch("select reason from quarantine")]
    assert reasons == ["unknown_device", "unknown_device"]


async def test_quarantine_keeps_what_came_cut_to_size_and_bounded(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    long = b"x" * 10_000
    aftermath = await pipeline.take([message(trip.login, long) for _ in range(50)])
    rows = await database.fetch("select * from quarantine")
    assert len(rows) == 20
    assert (rows[0]["reason"], len(rows[0]["payload"]), rows[0]["size"]) == ("bad_json", 4096, 10_000)
    assert rows[0]["topic"] == f"owntracks/{trip.login}/phone"
    assert (aftermath.refusals["bad_json"], aftermath.written_down) == (50, 20)


async def test_of_a_driver_on_no_trip_not_even_quarantine_keeps_a_place(database: Pool, pipeline: Pipeline) -> None:
    async with database.acquire() as connection:
        _, _, login = await make_driver(connection)
    await pipeline.take([message(login, {"_type": "location", "lat": 42.5, "lon": 74.5})])
    row = await database.fetchrow("select reason, payload, size > 0 as came from quarantine")
    assert row is not None
    assert (row["reason"], row["payload"], row["came"]) == ("missing_tst", b"", True)


async def test_the_brokers_last_will_says_since_when_a_phone_is_gone(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    await send(pipeline, trip, fix(at(trip, 1), *LOADING, batt=40))
    await send(pipeline, trip, {"_type": "lwt", "tst": 1})
    gone = await database.fetchrow("select * from device_reports")
    assert gone is not None
    assert gone["offline_at"] is not None
    await send(pipeline, trip, fix(at(trip, 2), *LOADING))
    assert await database.fetchval("select offline_at from device_reports") is None


async def test_a_phone_that_is_back_is_known_to_be_back_also_when_its_batch_had_to_be_tried_again(
    database: Pool, pipeline: Pipeline, trip: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(pipeline, trip, {"_type": "lwt", "tst": 1})

    async def lose(connection: Connection, news: Sequence[DeviceNews]) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as broken:
        broken.setattr("ingest.pipeline.save_news", lose)
        with pytest.raises(ConnectionResetError):
            await send(pipeline, trip, fix(at(trip, 2), *LOADING))
    await send(pipeline, trip, fix(at(trip, 2), *LOADING))
    assert await database.fetchval("select offline_at from device_reports") is None


async def test_a_device_heard_while_our_clock_ran_ahead_is_heard_again_once_it_is_right(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    await send(pipeline, trip, {"_type": "status"})
    await database.execute("update device_reports set last_heard_at = now() + interval '20 hours'")
    await send(pipeline, trip, {"_type": "lwt", "tst": 1})
    row = await database.fetchrow("select offline_at, last_heard_at <= now() as is_past from device_reports")
    assert row is not None
    assert row["offline_at"] is not None
    assert row["is_past"]


@pytest.mark.parametrize(("told", "kept"), [(55.0, 55), (4, 4), (True, None), (101.0, None), ("many", None)])
async def test_a_report_tells_the_battery_in_whole_percent(
    database: Pool, pipeline: Pipeline, trip: Carried, told: object, kept: int | None
) -> None:
    await send(pipeline, trip, {"_type": "heartbeat", "batt": told})
    assert await database.fetchval("select battery_pct from device_reports") == kept


async def test_a_report_of_a_stranger_is_refused_with_its_reason(database: Pool, pipeline: Pipeline) -> None:
    aftermath = await pipeline.take([message("stranger", {"_type": "lwt", "tst": 1})])
    assert aftermath.refusals == {"unknown_device": 1}
    assert await database.fetchval("select reason from quarantine") == "unknown_device"


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800"])
async def test_a_report_jsonb_would_refuse_is_heard_without_its_content(
    database: Pool, pipeline: Pipeline, trip: Carried, text: str
) -> None:
    await send(pipeline, trip, b'{"_type":"status","name":"%s"}' % text.encode())
    assert await database.fetchval("select report is null and last_heard_at is not null from device_reports")


async def test_a_low_battery_is_told_once(database: Pool, pipeline: Pipeline, trip: Carried) -> None:
    for minute, percent in enumerate((50, 9, 30, 8)):
        await send(pipeline, trip, fix(at(trip, minute + 1), *LOADING, batt=percent))
    rows = await database.fetch("select revision, data from events where kind = 'low_battery'")
    assert [(row["revision"], row["data"]) for row in rows] == [(1, {"battery_pct": 9})]


async def test_appearing_inside_a_fence_from_afar_is_shown(database: Pool, pipeline: Pipeline, trip: Carried) -> None:
    await send(pipeline, trip, fix(at(trip, 1), LOADING[0] + 0.06, LOADING[1]))
    await send(pipeline, trip, fix(at(trip, 3), *LOADING))
    assert await database.fetchval("select data from events where kind = 'implausible'") == {"flag": "teleport"}


async def test_a_free_driver_on_shift_leaves_no_row_but_his_last_place(database: Pool, pipeline: Pipeline) -> None:
    async with database.acquire() as connection:
        driver_id, _, login = await make_driver(connection)
    await database.execute("update drivers set on_shift = true where id = $1", driver_id)
    now = dt.datetime.now(dt.UTC)
    aftermath = await pipeline.take(
        [message(login, fix(now - dt.timedelta(minutes=1), 42.0, 74.0)), message(login, fix(now, *LOADING))]
    )
    assert await database.fetchval("select count(*) from positions") == 0
    [place] = aftermath.shift
    assert (place.driver_id, place.lat, place.lon) == (driver_id, *LOADING)


async def test_a_driver_off_shift_leaves_nothing(database: Pool, pipeline: Pipeline) -> None:
    async with database.acquire() as connection:
        _, _, login = await make_driver(connection)
    aftermath = await pipeline.take([message(login, fix(dt.datetime.now(dt.UTC), *LOADING))])
    assert not aftermath.shift


async def test_the_newest_position_is_told_not_a_backlog(database: Pool, pipeline: Pipeline, trip: Carried) -> None:
    await send(pipeline, trip, fix(at(trip, 100), *LOADING))
    aftermath = await send(pipeline, trip, *[fix(at(trip, minute), 42.0, 74.0) for minute in range(50, 60)])
    [view] = aftermath.positions[trip.organisation_id]
    assert (view.lat, view.lon, view.sequence) == (*LOADING, 2)


async def test_an_arrival_is_estimated_along_the_planned_route(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    route = {"line": "_p~iF~ps|U_ulLnnqC", "length_m": 252_000.0, "duration_s": 12_600.0}
    await database.execute("update trips set route = $1", route)
    aftermath = await send(pipeline, trip, fix(at(trip, 1), 38.5, -120.2))
    [view] = aftermath.positions[trip.organisation_id]
    assert view.distance_left_m is not None and view.eta_at_ms is not None
    hours = (view.eta_at_ms - view.fix_time_ms) / 3_600_000
    assert hours == pytest.approx(view.distance_left_m / 20 / 3600, rel=0.01)
    assert await database.fetchval("select eta_at is not null from tracks")


async def test_loading_is_no_slow_driving(database: Pool, pipeline: Pipeline, trip: Carried) -> None:
    route = {"line": encode_polyline([LOADING, UNLOADING]), "length_m": 360_000.0, "duration_s": 18_000.0}
    await database.execute("update trips set route = $1", route)
    for minute in range(0, 60, 3):
        aftermath = await send(pipeline, trip, fix(at(trip, minute), *LOADING))
    [view] = aftermath.positions[trip.organisation_id]
    assert view.eta_at_ms is not None
    assert view.eta_at_ms - view.fix_time_ms == pytest.approx(18_000_000, rel=0.02)


async def test_an_order_that_was_cancelled_stays_so(database: Pool, pipeline: Pipeline, trip: Carried) -> None:
    await database.execute("update orders set state = 'cancelled'")
    await send(pipeline, trip, *[fix(at(trip, minute), *LOADING) for minute in range(5)])
    assert await database.fetchval("select state from orders") == "cancelled"


async def test_a_message_that_can_not_be_stored_is_set_aside_with_its_error(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    await pipeline.set_aside(message(trip.login, b"odd"), asyncpg.DataError("too odd\0"))
    row = await database.fetchrow("select reason, detail, payload from quarantine")
    assert row is not None
    assert (row["reason"], row["payload"]) == ("impossible", b"odd")
    assert "too odd" in row["detail"]
