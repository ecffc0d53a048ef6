"""Every key the product hands out, tried at every door that a key opens, through the running hub: only its own opens.

What each kind of person may ask of the endpoints behind the cookie is in tests/api/test_boundaries.py.
"""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import aiomqtt
import httpx
import pytest_asyncio

from api.app import HEADINGS
from freight.accounts.actions import create_link
from freight.accounts.tokens import SESSION_COOKIE, csrf_of, token_hash
from hub.sockets import SOCKETS
from store.broker import BrokerConfig
from store.pool import Pool
from tests.flows.office import Carriage, Office
from tests.ingest.phone import Phone
from tests.pages import Page
from tests.waiting import until

# Addresses that a key opens: in the body, the cookie, the first frame, the query or the password.
ADDRESSES = {"/api/session", "/api/session/link", "/api/share", "/phone", "/ws", "/ws/share"}


@dataclass
class Street:
    """The doors of one hub. Each answers whether `key` opened it."""

    office: Office
    story: Pool
    owntracks: Carriage
    client: httpx.AsyncClient

    async def cabinet(self, key: str) -> bool:
        headers = {"Cookie": f"{SESSION_COOKIE}={key}", "X-CSRF": csrf_of(key)}
        return (await self.client.get("/api/session", headers=headers)).is_success

    async def live_map(self, key: str) -> bool:
        return await _is_shown(Page(self.office.hub.url, cookie=key))

    async def shared_trip(self, key: str) -> bool:
        return (await self.client.post("/api/share", json={"token": key})).is_success

    async def shared_map(self, key: str) -> bool:
        return await _is_shown(Page(self.office.hub.url, share_token=key))

    async def drivers_link(self, key: str) -> bool:
        answer = await self.client.post("/api/session/link", json={"token": key})
        self.client.cookies.clear()
        return answer.is_success

    async def owntracks_by_http(self, key: str) -> bool:
        credentials = base64.b64encode(f"{self.owntracks.device.login}:{key}".encode()).decode()
        answer = await self.client.post("/phone", headers={"Authorization": f"Basic {credentials}"})
        return answer.is_success

    async def traccar(self, key: str) -> bool:
        # A tracker is thanked whatever it says, or it would say it for ever; what is said of nobody is set aside.
        unknown = "select count(*) from quarantine where reason = 'unknown_device'"
        before = await self.story.fetchval(unknown)
        assert (await self.client.get("/phone", params={"id": key, "lat": "95", "lon": "74"})).is_success
        return bool(await self.story.fetchval(unknown) == before)

    async def broker_as_phone(self, key: str) -> bool:
        return await self._broker(self.owntracks.device.login, key)

    async def broker_as_ingest(self, key: str) -> bool:
        return await self._broker("ingest-9", key)

    async def broker_as_administrator(self, key: str) -> bool:
        return await self._broker("hub", key)

    async def _broker(self, name: str, key: str) -> bool:
        device = self.owntracks.device
        try:
            async with Phone(BrokerConfig(device.mqtt_host, device.mqtt_port, name, key)):
                return True
        except aiomqtt.MqttError:
            return False

    @property
    def doors(self) -> dict[str, Callable[[str], Awaitable[bool]]]:
        """All of them by name."""
        return {
            one.__name__: one
            for one in (
                *(self.cabinet, self.live_map, self.shared_trip, self.shared_map, self.drivers_link),
                *(self.owntracks_by_http, self.traccar),
                *(self.broker_as_phone, self.broker_as_ingest, self.broker_as_administrator),
            )
        }


async def _is_shown(page: Page) -> bool:
    """Whether the page is given a picture before its socket is closed."""
    async with page:
        await until(lambda: page.trips or page.shared or page.closed_with is not None, what="a picture or a refusal")
        return bool(page.trips or page.shared)


@pytest_asyncio.fixture
async def street(office: Office, story: Pool) -> AsyncIterator[Street]:
    owntracks = await office.carriage("Ключ Ключев", "+996555310001")
    # From here on the broker knows the phone.
    await office.phone(owntracks.device)
    async with httpx.AsyncClient(base_url=office.hub.url, timeout=20) as client:
        yield Street(office, story, owntracks, client)


async def drivers_link(story: Pool, carriage: Carriage) -> str:
    """A fresh one-time link of the carriage's driver."""
    user_id = await story.fetchval("select user_id from drivers where id = $1", carriage.trip.driver.id)
    async with story.acquire() as connection:
        link, _ = await create_link(connection, user_id, None)
    return link


async def drivers_session(street: Street) -> str:
    """The cookie of a driver who came by his link."""
    token = await drivers_link(street.story, street.owntracks)
    answer = await street.client.post("/api/session/link", json={"token": token})
    street.client.cookies.clear()
    return answer.cookies[SESSION_COOKIE]


async def test_a_key_opens_its_own_doors_and_no_other(street: Street) -> None:
    office = street.office
    traccar = await office.carriage("Номер Номеров", "+996555310002", "traccar")
    app = await office.carriage("Приложение Своё", "+996555310003", "app")
    _, share = await office.share(street.owntracks.id)
    keys: dict[str, tuple[str, set[str]]] = {
        "the dispatcher's session": (office.cookie, {"cabinet", "live_map"}),
        "a driver's session": (await drivers_session(street), {"cabinet"}),
        "a public link": (share, {"shared_trip", "shared_map"}),
        "a driver's link": (await drivers_link(street.story, street.owntracks), {"drivers_link"}),
        "the phone's password": (street.owntracks.device.password, {"owntracks_by_http", "broker_as_phone"}),
        "another phone's password": (app.device.password, set()),
        "a tracker's number": (traccar.device.traccar_id, {"traccar"}),
        "the word against forged requests": (csrf_of(office.cookie), set()),
        "what the database keeps of a session": (token_hash(office.cookie).hex(), set()),
        "what the database keeps of a public link": (token_hash(share).hex(), set()),
    }
    opened = {
        name: {door for door, knock in street.doors.items() if await knock(key)} for name, (key, _) in keys.items()
    }
    assert opened == {name: own for name, (_, own) in keys.items()}


def test_no_address_that_a_key_opens_is_forgotten_here() -> None:
    public = {one.path for group in HEADINGS for one in group.all if one.permission.is_public}
    assert public | {socket.path for socket in SOCKETS} | {"/phone"} == ADDRESSES
