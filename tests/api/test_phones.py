"""The one address of HTTP phones, up to the broker: what is published, what is answered, what is kept."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import aiomqtt
import httpx
import pytest
import pytest_asyncio
from prometheus_client import REGISTRY
from starlette.applications import Starlette

from api.app import create_app
from api.context import Services
from freight.config import FreightConfig
from freight.drivers.credentials import tracker_id
from freight.drivers.views import DeviceSetup
from store.broker import BrokerConfig
from store.bus import Bus
from store.mqtt import PACKET_EXTRA_BYTES
from store.pool import Pool
from tests.api.browser import SECRET, Browser
from tests.services import RealServices
from tests.waiting import until

PLACE = {"lat": "42.8746", "lon": "74.5698", "timestamp": "1789999990", "speed": "10", "batt": "50"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Broker:
    """What reaches the broker below one login."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []

    async def say(self, login: str, count: int = 1) -> list[tuple[str, Any]]:
        """The first `count` messages of a login: device name and content."""
        await until(lambda: len(self._of(login)) >= count, what=f"{count} messages of {login}")
        return self._of(login)

    def _of(self, login: str) -> list[tuple[str, Any]]:
        split = [(topic.split("/"), payload) for topic, payload in self.heard]
        return [(parts[2], json.loads(payload)) for parts, payload in split if parts[1] == login]


@pytest_asyncio.fixture
async def broker_ears(services: RealServices) -> AsyncIterator[Broker]:
    """Subscribed as ingest is, so that the broker has someone to keep messages for."""
    account = services.broker("ingest-8")
    ears = Broker()

    async def listen(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            ears.heard.append((str(message.topic), bytes(message.payload or b"")))

    async with aiomqtt.Client(
        account.host,
        account.port,
        username=account.username,
        password=account.password,
        identifier=account.username,
        protocol=aiomqtt.ProtocolVersion.V5,
    ) as client:
        await client.subscribe("owntracks/#", qos=1)
        listening = asyncio.create_task(listen(client))
        yield ears
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


@pytest_asyncio.fixture
async def tracker(cab: Browser) -> DeviceSetup:
    """A Traccar Client of the driver's."""
    return await cab.post("/api/driver/devices", {"kind": "traccar"}, DeviceSetup, status=201)


async def quarantined(database: Pool) -> list[tuple[str, str, bytes]]:
    async with database.acquire() as connection:
        rows = await connection.fetch("select reason, detail, payload from quarantine order by id")
    return [(row["reason"], row["detail"], row["payload"]) for row in rows]


def basic(login: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


@pytest.mark.usefixtures("bridged")
async def test_traccars_three_formats_reach_the_broker(
    visitor: Browser, tracker: DeviceSetup, broker_ears: Broker
) -> None:
    fields = {"id": tracker.traccar_id, **PLACE}
    location = {"timestamp": "2026-09-21T17:46:30.000Z", "coords": {"latitude": 42.8746, "longitude": 74.5698}}
    answers = [
        await visitor.client.post("/phone", params=fields),
        await visitor.client.get("/phone/", params=fields),
        await visitor.client.post("/phone", data=fields),
        await visitor.client.post("/phone", json={"location": location, "device_id": tracker.traccar_id}),
    ]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "")] * 4
    said = await broker_ears.say(tracker.login, 4)
    assert {device for device, _ in said} == {"traccar"}
    assert [(one["_type"], one["lat"], one["lon"]) for _, one in said] == [("location", 42.8746, 74.5698)] * 4


@pytest.mark.usefixtures("bridged")
async def test_owntracks_over_http_is_handed_on_as_it_is(
    visitor: Browser, tracker: DeviceSetup, broker_ears: Broker
) -> None:
    fix = {"_type": "location", "lat": 42.5, "lon": 74.5, "tst": 1_789_999_990, "future_field": [1]}
    headers = basic(tracker.login, tracker.password)
    answer = await visitor.client.post("/phone", json=fix, headers=headers)
    assert (answer.status_code, answer.text) == (200, "[]")
    named = await visitor.client.post("/phone", json=[fix, fix], headers={**headers, "X-Limit-D": "nexus5"})
    assert named.text == "[]"
    unnamed = await visitor.client.post("/phone", json=fix, headers={**headers, "X-Limit-D": "../#/+"})
    assert unnamed.text == "[]"
    said = await broker_ears.say(tracker.login, 3)
    assert said == [("phone", fix), ("nexus5", [fix, fix]), ("phone", fix)]


@pytest.mark.usefixtures("bridged")
async def test_heartbeats_and_greetings_are_thanked(
    visitor: Browser, tracker: DeviceSetup, broker_ears: Broker
) -> None:
    beat = await visitor.client.post("/phone", params={"id": tracker.traccar_id, "batt": "4"})
    greeting = await visitor.client.post("/phone", data={"id": tracker.traccar_id, "notificationToken": "fcm"})
    assert (beat.status_code, greeting.status_code) == (200, 200)
    last = await visitor.client.get("/phone", params={"id": tracker.traccar_id, **PLACE})
    assert last.status_code == 200
    said = await broker_ears.say(tracker.login, 2)
    assert [one["_type"] for _, one in said] == ["heartbeat", "location"]
    assert said[0][1]["batt"] == 4


@pytest.mark.usefixtures("bridged")
async def test_what_cannot_be_read_is_handed_on_for_ingest_to_refuse(
    visitor: Browser, tracker: DeviceSetup, broker_ears: Broker
) -> None:
    answer = await visitor.client.get("/phone", params={"id": tracker.traccar_id, **PLACE, "lat": "north"})
    assert answer.status_code == 200
    assert (await broker_ears.say(tracker.login))[0][1]["lat"] == "north"


async def test_an_unknown_phone_is_thanked_and_set_aside(visitor: Browser, database: Pool) -> None:
    identifiers = ("", "12345678", "dunknown1-aaaaaaaaaaaaaaaa", "x" * 500, "\0", "d'or 1=1")
    for identifier in identifiers:
        answer = await visitor.client.get("/phone", params={"id": identifier, **PLACE})
        assert answer.status_code == 200
    assert [reason for reason, _, _ in await quarantined(database)] == ["unknown_device"] * len(identifiers)


async def test_a_guessed_credential_of_a_known_login_publishes_nothing(
    visitor: Browser, tracker: DeviceSetup, database: Pool
) -> None:
    forged = f"{tracker.login}-aaaaaaaaaaaaaaaa"
    old = tracker_id(SECRET, tracker.login, 2)
    for identifier in (forged, old, tracker.login):
        assert (await visitor.client.get("/phone", params={"id": identifier, **PLACE})).status_code == 200
    assert [reason for reason, _, _ in await quarantined(database)] == ["unknown_device"] * 3


async def test_a_removed_device_is_unknown(
    office: Browser, visitor: Browser, tracker: DeviceSetup, database: Pool
) -> None:
    await office.client.delete(f"/api/devices/{tracker.id}")
    await visitor.client.get("/phone", params={"id": tracker.traccar_id, **PLACE})
    assert [reason for reason, _, _ in await quarantined(database)] == ["unknown_device"]
    answer = await visitor.client.post("/phone", json={}, headers=basic(tracker.login, tracker.password))
    assert answer.status_code == 401


async def test_a_wrong_owntracks_password_is_refused(visitor: Browser, tracker: DeviceSetup) -> None:
    fix = {"_type": "location", "lat": 1, "lon": 1, "tst": 1}
    broken = httpx.Headers([(b"Authorization", b"Basic \xa7\xa7")])
    for given in (httpx.Headers(basic(tracker.login, "wrong")), httpx.Headers(basic("nobody", "x")), broken, None):
        answer = await visitor.client.post("/phone", json=fix, headers=given)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic")


UNREADABLE = [
    (b"\xff\xfe\x00", "unreadable"),
    (b"x" * 70_000, "too_large"),
    (b"[[[", "unreadable"),
    (b"{" * 9000, "unreadable"),
]


async def test_content_never_costs_a_phone_an_error(visitor: Browser, database: Pool) -> None:
    for body, _ in UNREADABLE:
        assert (await visitor.client.post("/phone", content=body, headers=FORM)).status_code == 200
    assert [reason for reason, _, _ in await quarantined(database)] == [reason for _, reason in UNREADABLE]


async def test_a_browser_that_looks_in_is_thanked(visitor: Browser, database: Pool) -> None:
    assert (await visitor.client.get("/phone")).status_code == 200
    assert await quarantined(database) == []


async def test_a_flood_of_strangers_is_counted_not_kept(visitor: Browser, database: Pool) -> None:
    for _ in range(40):
        assert (await visitor.client.get("/phone", params={"id": "stranger", **PLACE})).status_code == 200
    assert len(await quarantined(database)) == 30


async def test_of_an_unknown_phone_neither_credential_nor_place_is_kept(
    visitor: Browser, tracker: DeviceSetup, database: Pool
) -> None:
    """The identifier is the credential: one of another hub, or of a removed device, opens something somewhere."""
    forged = f"{tracker.login}-aaaaaaaaaaaaaaaa"
    location = {"timestamp": "2026-09-21T17:46:30.000Z", "coords": {"latitude": 42.8746, "longitude": 74.5698}}
    await visitor.client.get("/phone", params={"id": forged, **PLACE})
    await visitor.client.post("/phone", data={"id": forged, **PLACE, "notificationToken": "fcm-secret"})
    await visitor.client.post("/phone", json={"location": location, "device_id": "356938035643809"})
    await visitor.client.post("/phone", content=f"lost {PLACE}".encode(), headers=FORM)
    async with database.acquire() as connection:
        rows = await connection.fetch("select topic, reason, detail, payload, size from quarantine order by id")
    assert [(row["topic"], row["payload"]) for row in rows] == [("http/phone", b"")] * 4
    shown = [row["detail"] for row in rows]
    assert shown == [tracker.login[:6], tracker.login[:6], "356938", "neither JSON nor a form"]
    assert all(row["size"] > 60 for row in rows)


@pytest.mark.usefixtures("bridged", "trip")
async def test_what_the_broker_would_hang_up_on_is_set_aside_and_costs_the_neighbours_nothing(
    visitor: Browser, tracker: DeviceSetup, broker_ears: Broker, database: Pool
) -> None:
    headers = basic(tracker.login, tracker.password)
    losses = REGISTRY.get_sample_value("phone_bridge_losses_total")
    fix = b'{"_type":"location","lat":42.5,"lon":74.5,"tst":1789999990}'
    # As many bytes as the broker takes in a packet, but for the topic and the packet's own head.
    long = fix.ljust(65_520)
    # Short as it comes, twice as long as it would be handed on.
    grown = f"id={tracker.traccar_id}&lon=74.5&lat=" + '"' * 40_000

    neighbours = [visitor.client.post("/phone", content=fix, headers=headers) for _ in range(20)]
    answers = await asyncio.gather(
        visitor.client.post("/phone", content=long, headers=headers),
        *neighbours,
        visitor.client.post("/phone", content=grown, headers=FORM),
    )
    assert [answer.status_code for answer in answers] == [200] * 22
    assert len(await broker_ears.say(tracker.login, 20)) == 20
    async with database.acquire() as connection:
        rows = await connection.fetch("select reason, topic, size, payload from quarantine order by size")
    assert [(row["reason"], row["topic"]) for row in rows] == [("too_large", f"owntracks/{tracker.login}")] * 2
    assert [len(row["payload"]) for row in rows] == [4096] * 2 and rows[0]["payload"].startswith(fix)
    # What Traccar Client's body says of itself is its credential.
    assert tracker.traccar_id.encode() not in rows[1]["payload"]
    assert REGISTRY.get_sample_value("phone_bridge_losses_total") == losses


@pytest.mark.usefixtures("bridged")
async def test_the_longest_message_the_broker_takes_reaches_it(
    visitor: Browser, tracker: DeviceSetup, broker_ears: Broker, database: Pool
) -> None:
    topic = f"owntracks/{tracker.login}/phone"
    body = b"[1]".ljust(65_536 - PACKET_EXTRA_BYTES - len(topic))
    headers = basic(tracker.login, tracker.password)
    assert (await visitor.client.post("/phone", content=body, headers=headers)).status_code == 200
    assert await broker_ears.say(tracker.login) == [("phone", [1])]
    assert await quarantined(database) == []


async def test_a_phone_comes_again_while_the_broker_is_away(
    services: RealServices, database: Pool, bus: Bus, app: Starlette, office: Browser, tracker: DeviceSetup
) -> None:
    nowhere = BrokerConfig("127.0.0.1", 9, "bridge-2", "x")
    config = FreightConfig(brand="Рейс", public_url="http://hub.test", device_secret=SECRET)
    apart = create_app(Services(database, bus, config, nowhere, services.directory))
    async with apart.router.lifespan_context(apart), Browser(apart) as phone:
        answer = await phone.client.get("/phone", params={"id": tracker.traccar_id, **PLACE})
        ready = await phone.client.get("/health/ready")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert ready.json() == {"database": "up", "bus": "up", "broker": "down"}
