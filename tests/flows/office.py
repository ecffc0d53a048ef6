"""A dispatcher's office over plain HTTP: signed in, with drivers, phones and trips, as the cabinet does it."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import aiomqtt
import httpx
import msgspec

from freight.accounts.tokens import SESSION_COOKIE
from freight.accounts.views import SessionView
from freight.driver_page.views import DriverHome
from freight.drivers.views import DeviceKind, DeviceSetup, DriverLink, DriverView
from freight.shares.views import ShareView
from freight.trips.views import TripView
from store.broker import BrokerConfig
from store.pool import Pool
from tests.cast import CAST_PASSWORD, Person
from tests.ingest.phone import Phone
from tests.ingest.world import LOADING, UNLOADING, fix
from tests.pages import Page
from tests.processes import HubProcesses
from tests.waiting import until

HOURS_AGO = 6
T = TypeVar("T")


@dataclass(frozen=True)
class Carriage:
    """A trip of this morning, its driver and his phone's settings."""

    trip: TripView
    device: DeviceSetup
    since: dt.datetime

    @property
    def id(self) -> int:
        return self.trip.id

    def fix(self, minute: float, place: tuple[float, float], **more: Any) -> dict[str, Any]:
        """What a stock OwnTracks phone says, some minutes after the trip was given."""
        extra = {"tid": "ph", "batt": 80, "bs": 1, "conn": "m", "t": "t", "m": 2, "alt": 760}
        return fix(self.since + dt.timedelta(minutes=minute), *place, **extra, **more)

    def loading(self, since: float = 5) -> list[dict[str, Any]]:
        """Ten minutes in the loading fence."""
        return [self.fix(since + minute, LOADING) for minute in range(10)]

    def road(self, since: float = 15) -> list[dict[str, Any]]:
        """Two hours from fence to fence, a fix a minute."""
        places = [[a + (b - a) * share / 121 for a, b in zip(LOADING, UNLOADING, strict=True)] for share in range(121)]
        return [
            self.fix(since + minute, (lat, lon), vel=150, cog=210)
            for minute, (lat, lon) in enumerate(places)
            if minute > 0
        ]

    def unloading(self, since: float = 136) -> list[dict[str, Any]]:
        """Ten minutes in the unloading fence, and off."""
        away = [(UNLOADING[0] - 0.02 * step, UNLOADING[1]) for step in (1, 2, 3)]
        return [self.fix(since + minute, UNLOADING) for minute in range(10)] + [
            self.fix(since + 10 + minute, place) for minute, place in enumerate(away)
        ]


class Office:
    """A signed-in dispatcher at the running hub's web port."""

    def __init__(self, hub: HubProcesses, database: Pool, person: Person) -> None:
        self.hub = hub
        self.database = database
        self.person = person
        self.client = httpx.AsyncClient(base_url=hub.url, timeout=20)

    async def __aenter__(self) -> Self:
        session = await self.post("/api/session", {"login": self.person.login, "password": CAST_PASSWORD}, SessionView)
        self.client.headers["X-CSRF"] = session.csrf
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()

    @property
    def cookie(self) -> str:
        return self.client.cookies[SESSION_COOKIE]

    async def get(self, path: str, shape: type[T]) -> T:
        return read(await self.client.get(path), shape)

    async def post(self, path: str, body: Any, shape: type[T]) -> T:
        return read(await self.client.post(path, json=body), shape)

    def page(self) -> Page:
        """The live map."""
        return Page(self.hub.url, cookie=self.cookie)

    @contextlib.asynccontextmanager
    async def cab(self, driver_id: int) -> AsyncIterator[httpx.AsyncClient]:
        """The driver's own page, signed in by a link of this office: it alone is told what a phone needs."""
        link = await self.post(f"/api/drivers/{driver_id}/link", None, DriverLink)
        async with httpx.AsyncClient(base_url=self.hub.url, timeout=20) as client:
            token = link.url.partition("#")[2]
            session = read(await client.post("/api/session/link", json={"token": token}), SessionView)
            client.headers["X-CSRF"] = session.csrf
            yield client

    async def carriage(self, name: str, phone: str, kind: DeviceKind = "owntracks") -> Carriage:
        """A new driver with a phone of this kind, sent from Bishkek to Osh this morning."""
        driver = await self.post("/api/drivers", {"name": name, "phone": phone, "vehicle_plate": "01 KG 1"}, DriverView)
        async with self.cab(driver.id) as cab:
            if kind == "app":
                device = read(await cab.get("/api/driver"), DriverHome).app
            else:
                device = read(await cab.post("/api/driver/devices", json={"kind": kind}), DeviceSetup)
        places = (("loading", "Бишкек", LOADING), ("unloading", "Ош", UNLOADING))
        stops = [
            {"kind": stop, "name": city, "country": "KG", "lat": place[0], "lon": place[1]}
            for stop, city, place in places
        ]
        new = {"driver_id": driver.id, "cargo_name": f"Груз {name}", "stops": stops}
        trip = await self.post("/api/trips", new, TripView)
        since = trip.window_from.replace(microsecond=0) - dt.timedelta(hours=HOURS_AGO)
        # A test has no morning to wait through: the trip is moved back to it.
        await self.database.execute(
            "update trips set window_from = $2, plan_version = plan_version + 1 where id = $1", trip.id, since
        )
        return Carriage(trip, device, since)

    async def share(self, trip_id: int) -> tuple[ShareView, str]:
        """A link to a trip, and its token."""
        share = await self.post(f"/api/trips/{trip_id}/shares", {"label": "Заказчик"}, ShareView)
        return share, share.url.partition("#")[2]

    async def phone(self, device: DeviceSetup) -> Phone:
        """The phone's MQTT client, once the broker knows it; to be entered."""
        broker = BrokerConfig(device.mqtt_host, device.mqtt_port, device.login, device.password)
        await until(lambda: _is_let_in(broker), what=f"the broker to know {device.login}")
        return Phone(broker)


async def _is_let_in(broker: BrokerConfig) -> bool:
    try:
        async with Phone(broker):
            return True
    except aiomqtt.MqttError:
        return False


def read(answer: httpx.Response, shape: type[T]) -> T:
    """The answer as a Struct; fails with its text when it is no success."""
    assert answer.is_success, answer.text
    return msgspec.json.decode(answer.content, type=shape)
