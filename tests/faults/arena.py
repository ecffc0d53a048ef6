"""The whole product under its own supervisor, durable as in production, and trucks whose phones never give up."""

import asyncio
import contextlib
import datetime as dt
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from freight.accounts.actions import Client, create_organisation, create_user, open_session
from freight.drivers.actions import create_driver
from freight.drivers.devices import add_own_device, devices_of
from freight.drivers.views import DeviceKind, DeviceSetup, NewDevice, NewDriver
from freight.orders.views import NewStop
from freight.routes.views import RouteView
from freight.shares.actions import create_share
from freight.shares.views import NewShare
from freight.trips.actions import create_trip
from freight.trips.views import NewTrip
from freight.work import Doer, Work, unit_of_work
from hub.own_process import HubProcess
from hub.settings import ProcessKind
from hub.supervisor import Supervised, Supervisor
from store.bus import Bus
from store.pool import DatabaseConfig, Pool, open_pool
from tests.faults.clocks import Clock
from tests.faults.history import PhoneHistory
from tests.faults.phones import AppPhone, Phone, StockPhone, TraccarPhone
from tests.faults.roads import STOPS, Road
from tests.pages import Page
from tests.processes import HubProcesses, Kind
from tests.services import RealServices
from tests.waiting import until

KINDS: tuple[DeviceKind, ...] = ("owntracks", "app", "owntracks", "traccar")
HUB: tuple[tuple[Kind, int], ...] = (
    ("api", 1),
    ("push", 1),
    ("ingest", 1),
    ("ingest", 2),
    ("worker", 1),
    ("haproxy", 1),
)
# One reads, the other stands by; which is which changes with every strike.
INGEST = ("ingest-1", "ingest-2")
# Whoever asks the wall clock for anything that is stored or told.
CLOCKED: tuple[ProcessKind, ...] = ("api", "push", "ingest", "worker")
# The trucks' first fixes; a whole run is over before they reach the present.
HOURS_AGO = 20
numbers = itertools.count(1)


def _straight(points: Sequence[tuple[float, float]]) -> RouteView:
    """A road planner that knows one road."""
    return RouteView("_p~iF~ps|U_ulLnnqC", 100_000.0, 7200.0, False, "embedded")


@dataclass
class Firm:
    """An organisation under fire: its trips, its phones, its open pages."""

    organisation_id: int
    user_id: int
    cookie: str
    trip_ids: list[int] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    share_pages: dict[int, Page] = field(default_factory=dict)

    @property
    def histories(self) -> list[PhoneHistory]:
        return [phone.history for phone in self.phones]

    async def drive(self, steps: range, per_second: float) -> None:
        """Let every phone measure these steps, so many a second each."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number, step in enumerate(steps):
            for phone in self.phones:
                phone.take(step)
            await asyncio.sleep(max(0.0, began + (number + 1) / per_second - loop.time()))

    async def all_vouched_for(self, timeout_s: float = 60.0) -> None:
        """Wait until no phone has anything left to send."""
        for phone in self.phones:
            phone.come_out()
        await until(lambda: all(phone.is_empty for phone in self.phones), timeout_s, "the phones to empty their queues")

    async def close(self) -> None:
        """Switch everything off."""
        await asyncio.gather(*(phone.close() for phone in self.phones))
        for page in (*self.pages, *self.share_pages.values()):
            await page.close()


class Arena:
    """PostgreSQL (durable), Mosquitto, Redis, api, push, ingest, worker and the web port: each kept up by the hub's own
    supervisor. `members` are all of them by name, `clocks` the wall clocks of those that look at one."""

    def __init__(self, directory: Path, processes: Sequence[tuple[Kind, int]] = HUB) -> None:
        self.services = RealServices(directory / "services", durable=True)
        self.services.directory.mkdir(exist_ok=True)
        self.services.directory.chmod(0o755)
        self.supervisor = Supervisor()
        self.hub = HubProcesses(directory, self.services, self.services.postgres.url)
        # A process whose database is shot from under it may end; the supervisor is there for that.
        self.hub.expected_tracebacks = True
        for kind, number in processes:
            self.hub.add(kind, number)
        self.clocks: dict[str, Clock] = {}
        for member in self.hub.processes.values():
            if isinstance(member, HubProcess) and member.kind in CLOCKED:
                clock = self.clocks[member.name] = Clock(directory / f"{member.name}.clock")
                clock.give_to(member.process)
        services = (self.services.postgres, self.services.mosquitto, self.services.redis)
        self.members: dict[str, Supervised] = {one.name: one for one in services}
        self.members |= {member.name: member for member in self.hub.processes.values()}

    async def start(self) -> None:
        """Bring everything up, and keep it up from now on."""
        services = [self.services.postgres, self.services.mosquitto, self.services.redis]
        await self.supervisor.start(services)
        await self.services.prepare()
        await self.supervisor.start(list(self.hub.processes.values()))
        self.pool: Pool = await open_pool(DatabaseConfig(self.services.postgres.url, min_size=0, max_size=4))
        self.bus = Bus(self.hub.settings.bus())

    async def stop(self) -> None:
        """Stop everything in order."""
        await self.bus.close()
        await self.pool.close()
        await self.supervisor.stop()

    @contextlib.asynccontextmanager
    async def without(self, *names: str) -> AsyncIterator[None]:
        """These members are stopped and stay so; afterwards they are started and kept up again."""
        watched = [
            keeper for keeper in self.supervisor.keepers if keeper.get_name() in {f"keep {name}" for name in names}
        ]
        for keeper in watched:
            self.supervisor.keepers.remove(keeper)
            keeper.cancel()
        await asyncio.gather(*watched, return_exceptions=True)
        members = [self.members[name] for name in names]
        await asyncio.gather(*(member.stop() for member in members))
        try:
            yield
        finally:
            await self.supervisor.start(members)

    async def all_up(self, timeout_s: float = 60.0) -> None:
        """Wait until the supervisor has everything running and the hub says it is ready."""

        async def is_up() -> bool:
            for keeper in self.supervisor.keepers:
                if keeper.done():
                    # Keeping up is what `hub run` lives for: it would have ended with this error.
                    keeper.result()
            if not all(member.process.is_running for member in self.members.values()):
                return False
            try:
                async with httpx.AsyncClient(timeout=5) as client:
                    return (await client.get(f"{self.hub.url}/health/ready")).status_code == 200
            except httpx.HTTPError:
                return False

        await until(is_up, timeout_s, "everything to be up again")

    async def firm(self, trucks: int, steps: int, seed: int, kinds: Sequence[DeviceKind] = KINDS) -> Firm:
        """An organisation with `trucks` on the road, each for `steps` fixes, one open live map and one shared trip."""
        number = next(numbers)
        async with self.pool.acquire() as connection:
            organisation_id = await create_organisation(connection, f"Arena {number}")
            user_id = await create_user(
                connection,
                organisation_id=organisation_id,
                role="dispatcher",
                name="Dispatcher",
                email=f"d{number}@arena.example",
            )
            cookie, _ = await open_session(connection, user_id, Client(), 1)
        firm = Firm(organisation_id, user_id, cookie)
        for truck in range(trucks):
            await self._add_truck(firm, number, truck, steps, seed, kinds[truck % len(kinds)])
        return firm

    async def _add_truck(self, firm: Firm, firm_number: int, truck: int, steps: int, seed: int, kind: Any) -> None:
        config = self.hub.settings.freight()
        new = NewDriver(f"Driver {truck}", f"+9965{firm_number:04d}{truck:04d}")
        async with self._at_work(firm) as work:
            driver = await create_driver(work, new)
            if kind == "app":
                device = (await devices_of(work.connection, config, driver.id))[0]
            else:
                device = await add_own_device(work, config, driver.id, NewDevice(kind))
        road = Road(truck, steps)
        first = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(hours=HOURS_AGO)
        stops = [_new_stop(road, index) for index in range(STOPS)]
        order = NewTrip(stops, f"Cargo {truck}", driver_id=driver.id)
        at = first - dt.timedelta(minutes=5)
        async with self._at_work(firm) as work:
            route = _straight([(stop.lat, stop.lon) for stop in stops])
            trip = await create_trip(work, order, route, at=at)
        history = PhoneHistory(device.login, driver.id, int(first.timestamp()), road)
        firm.trip_ids.append(trip.id)
        firm.phones.append(self._phone(history, seed, device))

    def _at_work(self, firm: Firm) -> AbstractAsyncContextManager[Work]:
        return unit_of_work(self.pool, self.bus, Doer(firm.user_id, firm.organisation_id))

    def _phone(self, history: PhoneHistory, seed: int, device: DeviceSetup) -> Phone:
        port = self.services.mosquitto.config.port
        if device.kind == "traccar":
            return TraccarPhone(history, seed, self.hub.url, device.traccar_id)
        if device.kind == "app":
            return AppPhone(history, seed, port, device.password)
        return StockPhone(history, seed, port, device.password)

    async def open_pages(self, firm: Firm) -> None:
        """Open the live map twice, and the first trip's public link."""
        firm.pages = [Page(self.hub.url, cookie=firm.cookie) for _ in range(2)]
        async with self._at_work(firm) as work:
            share = await create_share(work, self.hub.settings.freight(), firm.trip_ids[0], NewShare("Customer"))
        token = share.url.partition("#")[2]
        firm.share_pages[firm.trip_ids[0]] = Page(self.hub.url, share_token=token)
        pages = (*firm.pages, *firm.share_pages.values())
        for page in pages:
            page.open()
        await until(lambda: all(page.is_in_step for page in pages), 30, "the pages")

    async def switch_on(self, firm: Firm) -> None:
        """Connect the phones, and wait until each has got a first fix through."""
        for phone in firm.phones:
            phone.start()
            phone.take(0)
        await firm.all_vouched_for()


def _new_stop(road: Road, index: int) -> NewStop:
    lat, lon = road.stop(index)
    return NewStop("unloading" if index % 2 else "loading", f"Stop {index}", lat, lon)
