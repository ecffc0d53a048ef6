"""An open map shows what the database holds, whatever happens on the way."""

import asyncio
import json
import time

from freight.events.actions import record
from freight.events.facts import trip_fact
from freight.live import Changed, Happened, publish, to_organisation
from push.limits import PushLimits
from tests.push.conftest import PUBLIC_URL, Browser, Firm, Live
from tests.waiting import until


async def test_a_page_gets_the_picture_and_then_every_move(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    await firm.move(trip.id, 1)
    page = await live.join(firm.cookie)
    await until(lambda: page.positions)
    snapshot = page.frames[0]
    assert snapshot["type"] == "snapshot"
    assert [seen["id"] for seen in snapshot["trips"]] == [trip.id]
    assert page.positions[trip.id]["sequence"] == 1

    await firm.move(trip.id, 2)
    await until(lambda: page.positions[trip.id]["sequence"] == 2)
    frame = page.of_type("positions")[-1]
    assert (frame["epoch"], frame["sequence"]) == (snapshot["epoch"], snapshot["sequence"] + 1)


async def test_a_single_truck_is_shown_at_once(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    began = time.monotonic()
    await firm.move(trip.id, 1, stored=False)
    await until(lambda: trip.id in page.positions)
    assert time.monotonic() - began < 0.3


async def frames_of_a_fast_truck(firm: Firm, trip_id: int, page: Browser) -> int:
    """How many frames of positions a page gets of a truck that moves fifty times a second for 2.5 s."""
    await until(lambda: page.frames)
    began = time.monotonic()
    sequence = 0
    while time.monotonic() - began < 2.5:
        sequence += 1
        await firm.move(trip_id, sequence, stored=False)
        await asyncio.sleep(0.02)
    await until(lambda: page.positions.get(trip_id, {}).get("sequence") == sequence)
    return len(page.of_type("positions"))


async def test_positions_come_ten_times_a_second_however_fast_they_arrive(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    page = await live.join(firm.cookie)
    assert await frames_of_a_fast_truck(firm, trip.id, page) <= 30


async def test_a_crowded_room_is_told_more_seldom(firm: Firm, serve) -> None:  # type: ignore[no-untyped-def]
    trip = await firm.trip()
    async with serve(PushLimits(position_frames_per_s=2.0)) as live:
        page, _ = await live.join(firm.cookie), await live.join(firm.cookie)
        assert await frames_of_a_fast_truck(firm, trip.id, page) <= 5


async def test_a_shared_page_gets_positions_once_a_second(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    _, token = await firm.share(trip.id)
    assert await frames_of_a_fast_truck(firm, trip.id, await live.watch(token)) <= 5


async def test_a_change_is_told_at_once_and_as_the_database_has_it(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    await firm.change(trip.id, "Мёд")
    await until(lambda: page.trips[trip.id]["cargo_name"] == "Мёд", timeout_s=1.0)


async def test_a_fact_is_told_once_however_often_it_is_announced(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    fact = trip_fact(firm.id, trip.order_id, trip.id, None, "silent", trip.window_from, "gps")
    async with firm.pool.acquire() as connection, connection.transaction():
        recorded = await record(connection, [fact])
    for _ in range(3):
        happened = [Happened(one.event_id, one.revision, "trip", trip.id) for one in recorded]
        await publish(firm.bus, to_organisation(firm.id, *happened))
    await until(lambda: page.of_type("event"))
    await firm.change(trip.id, "After")
    await until(lambda: page.trips[trip.id]["cargo_name"] == "After")
    assert [frame["event"]["kind"] for frame in page.of_type("event")] == ["silent"]


async def test_what_nobody_announced_is_found_by_looking_again(firm: Firm, serve) -> None:  # type: ignore[no-untyped-def]
    trip = await firm.trip()
    async with serve(PushLimits(refresh_every_s=0.3)) as live:
        page = await live.join(firm.cookie)
        await until(lambda: page.frames)
        await firm.change(trip.id, "Quietly", told=False)
        await firm.move(trip.id, 7, told=False)
        fact = trip_fact(firm.id, trip.order_id, trip.id, None, "silent", trip.window_from, "gps")
        async with firm.pool.acquire() as connection, connection.transaction():
            await record(connection, [fact])
        await until(lambda: page.trips[trip.id]["cargo_name"] == "Quietly")
        await until(lambda: page.positions[trip.id]["sequence"] == 7)
        await until(lambda: page.of_type("event"))
        # The past is no news: only what happened while the page was open.
        assert [frame["event"]["kind"] for frame in page.of_type("event")] == ["silent"]


async def test_a_new_trip_appears(live: Live, firm: Firm) -> None:
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    trip = await firm.trip()
    await until(lambda: trip.id in page.trips)


async def test_a_resync_brings_a_snapshot_but_not_more_than_one_in_two_seconds(live: Live, firm: Firm) -> None:
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    for _ in range(5):
        await page.socket.send(json.dumps({"type": "resync"}))
    await until(lambda: len(page.of_type("snapshot")) == 2)
    await asyncio.sleep(0.2)
    assert len(page.of_type("snapshot")) == 2


async def test_an_organisation_never_sees_anothers_trucks(live: Live, firm: Firm, rival: Firm) -> None:
    mine, theirs = await firm.trip(), await rival.trip()
    page, other = await live.join(firm.cookie), await live.join(rival.cookie)
    await until(lambda: page.frames and other.frames)
    await rival.move(theirs.id, 1)
    await rival.change(theirs.id, "Secret")
    await until(lambda: other.trips[theirs.id]["cargo_name"] == "Secret" and other.positions)
    await firm.move(mine.id, 1)
    await until(lambda: page.positions)
    assert set(page.trips) == {mine.id}
    assert "Secret" not in json.dumps(page.frames)


async def test_two_processes_show_the_same(firm: Firm, serve) -> None:  # type: ignore[no-untyped-def]
    trip = await firm.trip()
    async with serve() as one, serve() as two:
        pages = [await one.join(firm.cookie), await two.join(firm.cookie)]
        await until(lambda: all(page.frames for page in pages))
        await firm.move(trip.id, 5)
        await until(lambda: all(page.positions.get(trip.id, {}).get("sequence") == 5 for page in pages))


async def test_a_room_that_everyone_left_is_given_up(firm: Firm, serve) -> None:  # type: ignore[no-untyped-def]
    async with serve(PushLimits(empty_room_s=0.2)) as live:
        page = await live.join(firm.cookie)
        await until(lambda: page.frames)
        channel = f"live:{firm.id}"
        assert channel in live.switchboard.listener.channels
        await page.socket.close()
        await until(lambda: not live.switchboard.rooms)
        await until(lambda: channel not in live.switchboard.listener.channels)
        assert not live.switchboard.sessions
        assert not live.switchboard.per_user
        again = await live.join(firm.cookie)
        await until(lambda: again.frames)


async def test_a_message_that_cannot_be_read_costs_the_room_nothing(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    # No such row, no such number in PostgreSQL, no message at all.
    for event_id in (999_999, 2**63):
        unreadable = (Happened(event_id, 1, "order", 1), Changed("trip", trip.id + 1000))
        await publish(firm.bus, to_organisation(firm.id, *unreadable))
    await firm.bus.publish([(f"live:{firm.id}", b"\xc1nonsense"), ("control", b"nonsense")])
    await firm.change(trip.id, "Still alive")
    await until(lambda: page.trips[trip.id]["cargo_name"] == "Still alive")


async def test_an_origin_of_our_own_or_none_is_let_in(live: Live, firm: Firm) -> None:
    for options in ({"origin": PUBLIC_URL}, {"origin": live.url.replace("ws:", "http:")}, {}):
        page = await live.open("/ws", firm.cookie, {"type": "join"}, **options)
        await until(lambda page=page: page.frames)
