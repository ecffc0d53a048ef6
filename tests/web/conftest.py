"""One running hub with the built pages, and one browser, for every test of a page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import redis.asyncio
from playwright.async_api import Browser, async_playwright, expect

from store.pool import DatabaseConfig, Pool, open_pool
from tests.cast import make_dispatcher
from tests.flows.office import Office
from tests.processes import HubProcesses
from tests.services import RealServices
from tests.web.browser import CHROMIUM, CHROMIUM_ARGUMENTS, PATIENCE_MS, Tabs

BUILT = Path("web/dist").absolute()
expect.set_options(timeout=PATIENCE_MS)


@pytest_asyncio.fixture(scope="package")
async def hub(services: RealServices, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubProcesses]:
    """The whole hub behind one web port, serving the pages of the last web build."""
    if not (BUILT / "index.html").exists():
        pytest.fail("the web pages are not built: npm --prefix web run build")
    directory = tmp_path_factory.mktemp("pages")
    url = await services.clone_database(directory.name)
    processes = HubProcesses(directory, services, url, HUB_WEB_DIR=str(BUILT))
    await processes.start_all()
    yield processes
    await processes.stop_all()
    await services.drop_database(directory.name)


@pytest_asyncio.fixture(autouse=True)
async def nobody_signed_in_lately(services: RealServices) -> None:
    """One dispatcher signs in again and again, more often than a person may: each test counts from nothing."""
    client = redis.asyncio.Redis.from_url(services.redis.url)
    counts = [key async for key in client.scan_iter("*limit*")]
    if counts:
        await client.delete(*counts)
    await client.aclose()


@pytest_asyncio.fixture(scope="package")
async def story(hub: HubProcesses) -> AsyncIterator[Pool]:
    """A look into the hub's database."""
    pool = await open_pool(DatabaseConfig(hub.settings.database().url, max_size=4))
    yield pool
    await pool.close()


@pytest_asyncio.fixture(scope="package")
async def office(hub: HubProcesses, story: Pool) -> AsyncIterator[Office]:
    """The dispatcher's office."""
    person = await make_dispatcher(story, "Ала-Тоо Экспедиция", "Айбек Усенов", "aibek@alatoo.example")
    async with Office(hub, story, person) as office:
        yield office


@pytest_asyncio.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    """Debian's Chromium without a screen."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def tabs(chromium: Browser, hub: HubProcesses) -> AsyncIterator[Tabs]:
    """Opens tabs; at the end of the test each must be without script errors and foreign requests."""
    async with Tabs(chromium, hub.url) as tabs:
        yield tabs
