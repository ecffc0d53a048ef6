"""A push process inside the test, a small organisation with trucks, and browsers that are WebSocket clients."""

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from freight.accounts.actions import Client, create_organisation, create_user, open_session
from freight.accounts.tokens import SESSION_COOKIE
from freight.config import FreightConfig
from freight.drivers.actions import create_driver
from freight.drivers.views import NewDriver
from freight.events.actions import record
from freight.events.facts import trip_fact
from freight.live import Changed, publish, to_organisation
from freight.orders.views import NewStop
from freight.routes.views import RouteView
from freight.shares.actions import create_share
from freight.shares.views import NewShare
from freight.tracking.positions import packed
from freight.tracking.views import PositionView
from freight.trips.actions import create_trip
from freight.trips.views import NewTrip, TripView
from freight.work import Doer, Work, unit_of_work
from push.app import Services, create_app
from push.limits import PushLimits
from push.protocol import LiveProtocol
from push.switchboard import Switchboard
from store.bus import Bus, BusConfig
from store.pool import Pool
from tests.ports import free_ports
from tests.waiting import until

PUBLIC_URL = "https://reis.example"
CONFIG = FreightConfig("Reis", PUBLIC_URL, b"s" * 32)
QUICK = PushLimits(recheck_every_s=0.3)


STRAIGHT = RouteView("_p~iF~ps|U_ulLnnqC", 100_000.0, 7200.0, False, "embedded")


@dataclass
class Browser:
    """One open page: everything it was sent, and what its map shows by the rules of the wire."""

    socket: ClientConnection
    frames: list[dict[str, Any]] = field(default_factory=list)
    positions: dict[int, dict[str, Any]] = field(default_factory=dict)
    trips: dict[int, dict[str, Any]] = field(default_factory=dict)
    reading: asyncio.Task[None] | None = None

    async def read(self) -> None:
        """Apply frames until the socket ends."""
        with contextlib.suppress(Exception):
            async for text in self.socket:
                self.apply(json.loads(text))

    def apply(self, frame: dict[str, Any]) -> None:
        """What a page does with a frame."""
        self.frames.append(frame)
        match frame["type"]:
            case "snapshot":
                self.trips = {trip["id"]: trip for trip in frame["trips"]}
                self.positions = {trip["id"]: trip["position"] for trip in frame["trips"] if trip["position"]}
            case "positions":
                for position in frame["positions"]:
                    self.move(position)
            case "trip":
                self.trips[frame["trip"]["id"]] = frame["trip"]
                if frame["trip"]["position"]:
                    self.move(frame["trip"]["position"])
            case "trip_gone":
                self.trips.pop(frame["trip_id"], None)
                self.positions.pop(frame["trip_id"], None)

    def move(self, position: dict[str, Any]) -> None:
        """Keep the newer position."""
        known = self.positions.get(position["trip_id"])
        if known is None or position["sequence"] > known["sequence"]:
            self.positions[position["trip_id"]] = position

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """The frames of one type, in order."""
        return [frame for frame in self.frames if frame["type"] == kind]

    @property
    def closed_with(self) -> int | None:
        """The close code the hub gave, None while open."""
        return self.socket.close_code


@dataclass
class Live:
    """A running push process."""

    url: str
    server: uvicorn.Server
    switchboard: Switchboard
    browsers: list[Browser] = field(default_factory=list)

    async def dial(self, path: str = "/ws", cookie: str | None = None, **options: Any) -> ClientConnection:
        """A socket as a browser opens it."""
        headers = {"Cookie": f"{SESSION_COOKIE}={cookie}"} if cookie else {}
        return await connect(self.url + path, additional_headers=headers, compression=None, **options)

    async def open(self, path: str, cookie: str | None, first: dict[str, Any], **options: Any) -> Browser:
        """A page in a room."""
        browser = Browser(await self.dial(path, cookie, **options))
        await browser.socket.send(json.dumps(first))
        browser.reading = asyncio.create_task(browser.read())
        self.browsers.append(browser)
        return browser

    async def join(self, cookie: str) -> Browser:
        """A dispatcher's page."""
        return await self.open("/ws", cookie, {"type": "join"}, origin=PUBLIC_URL)

    async def watch(self, token: str) -> Browser:
        """A customer's page."""
        return await self.open("/ws/share", None, {"type": "open", "token": token}, origin=PUBLIC_URL)


@contextlib.asynccontextmanager
async def running(
    pool: Pool, bus: BusConfig, limits: PushLimits = QUICK, ws: Any = LiveProtocol
) -> AsyncIterator[Live]:
    """A push process until the end of the block."""
    port = free_ports(1)[0]
    app = create_app(Services(pool, bus, CONFIG, limits=limits))
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        ws=ws,
        ws_max_size=limits.frame_bytes,
        ws_per_message_deflate=False,
        log_config=None,
        lifespan="on",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    live = Live(f"ws://127.0.0.1:{port}", server, app.state.switchboard)
    try:
        yield live
    finally:
        for browser in live.browsers:
            browser.socket.transport.abort()
            if browser.reading is not None:
                await browser.reading
        server.should_exit = True
        await serving


@pytest_asyncio.fixture
async def live(database: Pool, bus_config: BusConfig) -> AsyncIterator[Live]:
    async with running(database, bus_config) as live:
        yield live


class Firm:
    """An organisation with a signed-in dispatcher and trucks on the road."""

    def __init__(self, pool: Pool, bus: Bus, number: int) -> None:
        self.pool = pool
        self.bus = bus
        self.number = number
        self.drivers = 0

    async def found(self) -> "Firm":
        async with self.pool.acquire() as connection:
            self.id = await create_organisation(connection, f"Firm {self.number}")
            self.user_id = await create_user(
                connection,
                organisation_id=self.id,
                role="dispatcher",
                name="Dispatcher",
                email=f"d{self.number}@reis.example",
            )
            self.cookie, _ = await open_session(connection, self.user_id, Client(), 30)
        return self

    def at_work(self) -> contextlib.AbstractAsyncContextManager[Work]:
        """A change by the dispatcher's hand."""
        return unit_of_work(self.pool, self.bus, Doer(self.user_id, self.id))

    async def trip(self) -> TripView:
        """One more driver with an open trip."""
        self.drivers += 1
        phone = f"+99655512{self.number:02d}{self.drivers:02d}"
        async with self.at_work() as work:
            driver = await create_driver(work, NewDriver(f"Driver {self.drivers}", phone))
        stops = [
            NewStop("loading", "Бишкек", 42.87, 74.59),
            NewStop("unloading", "Ош", 40.53, 72.80),
        ]
        new = NewTrip(stops, "Текстиль", driver_id=driver.id)
        async with self.at_work() as work:
            return await create_trip(work, new, STRAIGHT)

    async def share(self, trip_id: int) -> tuple[int, str]:
        """A link to a trip: its id and token."""
        async with self.at_work() as work:
            share = await create_share(work, CONFIG, trip_id, NewShare("Customer"))
        return share.id, share.url.partition("#")[2]

    async def move(
        self, trip_id: int, sequence: int, *, stored: bool = True, told: bool = True, minutes_ago: float = 0
    ) -> PositionView:
        """A position as ingest writes and tells it."""
        now = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes_ago)
        now_ms = int(now.timestamp() * 1000)
        position = PositionView(trip_id, sequence, now_ms, now_ms, 42.0 + sequence * 1e-4, 74.0)
        if stored:
            await self.pool.execute(
                "update tracks set sequence = $2, fix_time = $3, received_at = $3, lat = $4, lon = $5"
                " where trip_id = $1",
                *(trip_id, sequence, now, position.lat, position.lon),
            )
        if told:
            await publish(self.bus, to_organisation(self.id, packed([position])))
        return position

    async def end(self, trip_id: int, hours_ago: float, *, told: bool = True) -> None:
        """A trip that was delivered and left so long ago."""
        await self.pool.execute(
            "update orders set state = 'delivered' where id = (select order_id from trips where id = $1)", trip_id
        )
        await self.pool.execute(
            "update trips set window_from = now() - interval '9 days', window_to = now() - make_interval(secs => $2)"
            " where id = $1",
            *(trip_id, hours_ago * 3600),
        )
        if told:
            await publish(self.bus, to_organisation(self.id, Changed("trip", trip_id)))

    async def add_late(self, trip_id: int, count: int) -> None:
        """Points of the last hour that reach the hub only now, as ingest stores them."""
        await self.pool.execute(
            """
            insert into positions (fix_time, received_at, lat, lon, driver_id, trip_id, device_id, flags, geometry)
            select now() - n * interval '1 minute', now(), 42 + n * 0.01, 74, t.driver_id, t.id, 0, 0,
              st_setsrid(st_makepoint(74, 42 + n * 0.01), 4326)
            from trips t, generate_series(1, $2) as n where t.id = $1
            """,
            *(trip_id, count),
        )

    async def change(self, trip_id: int, cargo: str, *, told: bool = True) -> None:
        """A change of a trip as api writes and tells it."""
        await self.pool.execute(
            "update orders set cargo_name = $2 where id = (select order_id from trips where id = $1)", trip_id, cargo
        )
        if told:
            await publish(self.bus, to_organisation(self.id, Changed("trip", trip_id)))


async def fact(firm: Firm, trip: TripView, kind: str = "arrived") -> int:
    """The id of a fact just written."""
    async with firm.pool.acquire() as connection, connection.transaction():
        happened = trip_fact(firm.id, trip.order_id, trip.id, trip.stops[0].id, kind, trip.window_from, "gps")
        return (await record(connection, [happened]))[0].event_id


@pytest_asyncio.fixture
async def firm(database: Pool, bus: Bus) -> Firm:
    return await Firm(database, bus, 1).found()


@pytest_asyncio.fixture
async def rival(database: Pool, bus: Bus) -> Firm:
    return await Firm(database, bus, 2).found()


@pytest.fixture
def serve(database: Pool, bus_config: BusConfig) -> Callable[..., Any]:
    """Push processes with limits of the test's own."""

    def start(limits: PushLimits = QUICK, ws: Any = LiveProtocol) -> Any:
        return running(database, bus_config, limits, ws)

    return start
