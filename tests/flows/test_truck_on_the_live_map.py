"""A phone speaks, the dispatcher sees: phone → broker → ingest → database → stage → bus → socket → page."""

import asyncio
from typing import Any

import aiomqtt
import msgspec

from freight.notifications.views import NotificationPage
from freight.tracking.views import TrackView
from store.pool import Pool
from tests.flows.office import Carriage, Office
from tests.ingest.phone import Phone
from tests.pages import Page
from tests.waiting import until

WHOLE_TRIP = ["arrived", "departed", "approaching_50km", "approaching_5km", "arrived", "delivered"]


async def send(phone: Phone, fixes: list[dict[str, Any]]) -> None:
    """Publish fix after fix as a stock OwnTracks does: retained, each acknowledged by the broker."""
    for one in fixes:
        await phone.send(one, retain=True)


def shows(page: Page, carriage: Carriage, stage: str, last: dict[str, Any]) -> bool:
    """Whether a page has the truck at its last fix and at this stage."""
    position = page.positions.get(carriage.id, {})
    trip = page.trips.get(carriage.id, {})
    return trip.get("stage") == stage and position.get("fix_time_ms") == round(last["tst"] * 1000)


def on_the_way(page: Page, carriage: Carriage) -> list[str]:
    """What a page was told of the road; that the trip was given is told at the hour of the test."""
    return [kind for kind in page.kinds(carriage.id) if kind != "assigned"]


async def test_the_dispatcher_watches_a_trip_from_its_order_to_its_delivery(office: Office, story: Pool) -> None:
    async with office.page() as page:
        carriage = await office.carriage("Бакыт Асанов", "+996555100001")
        await until(lambda: carriage.id in page.trips, what="the new trip on the map")
        assert page.trips[carriage.id]["stage"] == "assigned"
        async with await office.phone(carriage.device) as phone:
            for fixes, stage in (
                (carriage.loading(), "at_loading"),
                (carriage.road(), "in_transit"),
                (carriage.unloading(), "delivered"),
            ):
                await send(phone, fixes)
                await until(lambda stage=stage, last=fixes[-1]: shows(page, carriage, stage, last), what=stage)
        await until(lambda: on_the_way(page, carriage) == WHOLE_TRIP, what="the facts on the map")
        stops = page.trips[carriage.id]["stops"]
        assert all(stop["arrived_source"] == stop["departed_source"] == "gps" for stop in stops)
        assert page.repeated_events == []
        fixes = carriage.loading() + carriage.road() + carriage.unloading()
        assert await story.fetchval("select count(*) from positions where trip_id = $1", carriage.id) == len(fixes)
        track = await office.get(f"/api/trips/{carriage.id}/track", TrackView)
        assert track.stored_count == len(fixes)
        # Learnt hours after it happened, the approaches are shown but wake nobody, and the stages are one quiet word.
        await until(lambda: are_told(office, ["arrived", "arrived", "delivered", "departed"]), what="the notifications")
        await until(lambda: page.unread_count == 1, what="the bell")
    told = (await office.get("/api/notifications", NotificationPage)).notifications
    assert [one.event.kind for one in told if one.read_at is None] == ["delivered"]


async def are_told(office: Office, kinds: list[str]) -> bool:
    """Whether these are all the facts the dispatcher was told of."""
    told = (await office.get("/api/notifications", NotificationPage)).notifications
    return sorted(one.event.kind for one in told) == kinds


async def test_a_page_opened_later_shows_what_the_open_one_shows(office: Office) -> None:
    async with office.page() as early:
        carriage = await office.carriage("Нурлан Жээнбеков", "+996555100002")
        async with await office.phone(carriage.device) as phone:
            fixes = carriage.loading() + carriage.road()[:30]
            await send(phone, fixes)
        await until(lambda: shows(early, carriage, "in_transit", fixes[-1]))
        async with office.page() as late:
            await until(lambda: late.is_in_step)
            assert late.positions == early.positions
            assert {trip_id: trip["stage"] for trip_id, trip in late.trips.items()} == {
                trip_id: trip["stage"] for trip_id, trip in early.trips.items()
            }


async def test_a_rival_sees_and_hears_nothing_of_it(office: Office, rival_office: Office) -> None:
    async with rival_office.page() as theirs, office.page() as ours:
        await until(lambda: theirs.is_in_step and ours.is_in_step)
        carriage = await office.carriage("Азамат Бекташов", "+996555100003")
        own = await rival_office.carriage("Их Водитель", "+996555100004")
        async with await office.phone(carriage.device) as phone:
            await send(phone, carriage.loading())
        await until(lambda: "arrived" in ours.kinds(carriage.id))
        async with await rival_office.phone(own.device) as phone:
            await send(phone, own.loading())
        await until(lambda: "arrived" in theirs.kinds(own.id))
        assert set(theirs.trips) == {own.id}
        assert not [text for text in theirs.seen if "Азамат" in text]
        answer = await rival_office.client.get(f"/api/trips/{carriage.id}/track")
        assert answer.status_code == 404


async def test_our_own_app_keeps_a_point_until_the_hub_has_committed_it(office: Office, story: Pool) -> None:
    carriage = await office.carriage("Тимур Садыков", "+996555100005", "app")
    await office.phone(carriage.device)
    app = aiomqtt.Client(
        "127.0.0.1",
        office.hub.settings.port,
        username=carriage.device.login,
        password=carriage.device.password,
        identifier=carriage.device.login,
        protocol=aiomqtt.ProtocolVersion.V5,
        transport="websockets",
        websocket_path="/mqtt",
    )
    fixes = [{**one, "seq": number} for number, one in enumerate(carriage.loading(), start=1)]
    async with app, asyncio.timeout(15):
        await app.subscribe(carriage.device.topic + "/stored", qos=1)
        await app.publish(carriage.device.topic, msgspec.json.encode(fixes), qos=1)
        word = msgspec.json.decode(bytes((await anext(app.messages)).payload))
    assert word == {"_type": "stored", "seq": 10, "seqs": [[1, 10]]}
    assert await story.fetchval("select count(*) from positions where trip_id = $1", carriage.id) == 10
