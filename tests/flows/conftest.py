"""One running hub for all stories, and the two offices that use it."""

import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from store.pool import DatabaseConfig, Pool, open_pool
from tests.cast import make_dispatcher
from tests.flows.office import Office
from tests.processes import HubProcesses
from tests.services import RealServices
from tests.waiting import until

numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="package")
async def hub(services: RealServices, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubProcesses]:
    """api, push, ingest, worker and the web port as processes of their own."""
    directory = tmp_path_factory.mktemp("hub")
    url = await services.clone_database(directory.name)
    processes = HubProcesses(directory, services, url)
    await processes.start_all()
    # A broker without a past keeps nothing for a worker it has never heard of.
    await until(lambda: "broker_joined" in processes.log("ingest"))
    yield processes
    await processes.stop_all()
    await services.drop_database(directory.name)


@pytest_asyncio.fixture(scope="package")
async def story(hub: HubProcesses) -> AsyncIterator[Pool]:
    """A look into the hub's database."""
    pool = await open_pool(DatabaseConfig(hub.settings.database().url, max_size=4))
    yield pool
    await pool.close()


@pytest_asyncio.fixture
async def office(hub: HubProcesses, story: Pool) -> AsyncIterator[Office]:
    """A dispatcher's office, new to every story."""
    person = await make_dispatcher(story, "Ала-Тоо Экспедиция", "Айбек Усенов", f"aibek{next(numbers)}@alatoo.example")
    async with Office(hub, story, person) as office:
        yield office


@pytest_asyncio.fixture
async def rival_office(hub: HubProcesses, story: Pool) -> AsyncIterator[Office]:
    """Another company's."""
    person = await make_dispatcher(story, "Соперник Карго", "Виктор Ли", f"viktor{next(numbers)}@sopernik.example")
    async with Office(hub, story, person) as office:
        yield office
