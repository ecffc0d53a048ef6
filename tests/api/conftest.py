"""The application over real PostgreSQL, Mosquitto and Redis, asked by several people at once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from starlette.applications import Starlette

from api.app import create_app
from api.context import Services
from freight.config import FreightConfig
from freight.trips.views import TripView
from store.bus import Bus
from store.pool import Pool
from tests.api.browser import ORIGIN, SECRET, Browser, new_trip
from tests.api.ears import Ears
from tests.cast import Person
from tests.services import RealServices
from tests.waiting import until

SignIn = Callable[[Person], Awaitable[Browser]]


@pytest.fixture
def config() -> FreightConfig:
    return FreightConfig(brand="Рейс", public_url=ORIGIN, device_secret=SECRET)


@pytest.fixture
def web_directory(tmp_path: Path) -> Path:
    """A web build of few words."""
    files = {
        "index.html": "<title>cabinet</title>",
        "s/index.html": "<title>share</title>",
        "d/index.html": "<title>driver</title>",
        "d/sw.js": "self.driver = true;",
        "assets/cabinet-1a2b.js": "export const cabinet = 1;",
        "basemap/region.pmtiles": "0123456789",
    }
    for name, text in files.items():
        (tmp_path / "web" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "web" / name).write_text(text)
    (tmp_path / "outside.txt").write_text("never served")
    return tmp_path / "web"


@pytest_asyncio.fixture
async def app(
    services: RealServices, database: Pool, bus: Bus, config: FreightConfig, web_directory: Path
) -> AsyncIterator[Starlette]:
    """The running application, its bridge connected to the broker."""
    made = create_app(Services(database, bus, config, services.broker("bridge-1"), web_directory))
    async with made.router.lifespan_context(made):
        yield made


@pytest_asyncio.fixture
async def visitor(app: Starlette) -> AsyncIterator[Browser]:
    """A browser nobody has signed in with."""
    async with Browser(app) as browser:
        yield browser


@pytest_asyncio.fixture
async def sign_in(app: Starlette, database: Pool) -> AsyncIterator[SignIn]:
    """Makes a signed-in browser for a person of the cast."""
    async with AsyncExitStack() as stack:

        async def make(person: Person) -> Browser:
            browser = await stack.enter_async_context(Browser(app))
            await browser.sign_in(person, database)
            return browser

        yield make


@pytest_asyncio.fixture
async def office(sign_in: SignIn, dispatcher: Person) -> Browser:
    """The dispatcher's browser."""
    return await sign_in(dispatcher)


@pytest_asyncio.fixture
async def rival_office(sign_in: SignIn, rival: Person) -> Browser:
    return await sign_in(rival)


@pytest_asyncio.fixture
async def cab(sign_in: SignIn, driver: Person) -> Browser:
    """The driver's browser."""
    return await sign_in(driver)


@pytest_asyncio.fixture
async def trip(office: Browser, driver: Person) -> TripView:
    """The driver's open trip from Bishkek to Osh."""
    return await office.post("/api/trips", new_trip(driver), TripView, status=201)


@pytest_asyncio.fixture
async def bridged(visitor: Browser) -> None:
    """Waits until HTTP fixes can be handed to the broker."""

    async def ready() -> bool:
        answer = await visitor.client.get("/health/ready")
        return bool(answer.json()["broker"] == "up")

    await until(ready, what="the bridge")


@pytest_asyncio.fixture
async def ears(bus: Bus) -> AsyncIterator[Ears]:
    """What is said on the live bus from now on."""
    async with Ears(bus) as listening:
        yield listening
