"""What every test may ask for: real services, a database of its own, the broker, the bus."""

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from store.broker import BrokerConfig, BrokerControl
from store.bus import Bus, BusConfig
from store.pool import DatabaseConfig, Pool, open_pool
from tests.cast import Person, make_dispatcher, make_driver, make_person
from tests.processes import HubProcesses
from tests.services import RealServices
from tests.workers import pytest_xdist_make_scheduler as pytest_xdist_make_scheduler

numbers = itertools.count(1)
OWN_FOLDER = pytest.StashKey[Path]()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip aloud what needs root: the run's last lines say what it does not prove, and the command that does."""
    marker = item.get_closest_marker("needs_root")
    if marker is not None and os.geteuid() != 0:
        pytest.skip(f"not covered without root: {marker.args[0]}. To run it: sudo .venv/bin/pytest '{item.nodeid}'")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give this run a folder of its own. The usual one is closed to other accounts, those of services among them, by
    whichever run begins next."""
    if config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="reis-pytest-")
        config.stash[OWN_FOLDER] = Path(config.option.basetemp)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """What went well leaves nothing behind; what failed can be looked at."""
    folder = session.config.stash.get(OWN_FOLDER, None)
    if folder is not None and exitstatus == pytest.ExitCode.OK:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def walkable_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The services' accounts must be able to walk down to the folder of a test that starts its own."""
    base = tmp_path_factory.getbasetemp()
    # A worker's folder is one deeper than that of a run in one process.
    for folder in (base, *base.parents[:2]):
        # Only where it is missing: a parent may be /tmp itself.
        mode = folder.stat().st_mode
        if mode & 0o055 != 0o055:
            folder.chmod(mode | 0o055)


MEMORY_WANTED_BYTES = 2 * 1024**3


def quick_folder() -> str | None:
    """Memory where there is enough: hundreds of databases are copied, used once and dropped. None: the usual place."""
    memory = Path("/dev/shm")
    try:
        is_roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_WANTED_BYTES
    except OSError:
        return None
    return str(memory) if is_roomy else None


@pytest_asyncio.fixture(scope="session")
async def services() -> AsyncIterator[RealServices]:
    """PostgreSQL, Mosquitto and Redis for the whole run. A test that kills one of them starts its own set."""
    # Not below pytest's own folder: the next run closes that to other accounts, the services' among them.
    with tempfile.TemporaryDirectory(prefix="reis-tests-", dir=quick_folder()) as folder:
        running = RealServices(Path(folder))
        await running.start()
        yield running
        await running.stop()


@pytest_asyncio.fixture
async def database_url(services: RealServices) -> AsyncIterator[str]:
    """A migrated database of this test alone."""
    name = f"test_{next(numbers)}"
    yield await services.clone_database(name)
    await services.drop_database(name)


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Pool]:
    """A pool on this test's database."""
    pool = await open_pool(DatabaseConfig(database_url, min_size=1, max_size=8))
    yield pool
    await pool.close()


@pytest.fixture
def redis_url(services: RealServices) -> str:
    return services.redis.url


@pytest.fixture
def bus_config(redis_url: str) -> BusConfig:
    """The bus under a prefix of this test alone."""
    return BusConfig(redis_url, prefix=f"test{next(numbers)}:")


@pytest_asyncio.fixture
async def bus(bus_config: BusConfig) -> AsyncIterator[Bus]:
    bus = Bus(bus_config)
    yield bus
    await bus.close()


@pytest.fixture
def broker(services: RealServices) -> BrokerConfig:
    """The broker as its administrator; no two connections may use it at the same time."""
    return services.broker("control-8")


@pytest_asyncio.fixture
async def broker_control(services: RealServices) -> AsyncIterator[BrokerControl]:
    """An open control connection, under a name no process uses."""
    async with BrokerControl(services.broker("control-7")) as control:
        yield control


@pytest_asyncio.fixture
async def hub_processes(services: RealServices, database_url: str, tmp_path: Path) -> AsyncIterator[HubProcesses]:
    """Our own processes on this test's database; none runs until the test starts it."""
    processes = HubProcesses(tmp_path, services, database_url)
    yield processes
    await processes.stop_all()


@pytest_asyncio.fixture
async def dispatcher(database: Pool) -> Person:
    return await make_dispatcher(database, "Ала-Тоо Экспедиция", "Айбек Усенов", "aibek@alatoo.example")


@pytest_asyncio.fixture
async def rival(database: Pool) -> Person:
    """Another company's dispatcher, who must never see anything of the first."""
    return await make_dispatcher(database, "Соперник Карго", "Виктор Ли", "viktor@sopernik.example")


@pytest_asyncio.fixture
async def driver(database: Pool, dispatcher: Person) -> Person:
    """A driver of the dispatcher's."""
    return await make_driver(database, dispatcher, "Бакыт Асанов", "+996 555 123 456", "01 KG 777 ABC")


@pytest_asyncio.fixture
async def carrier(database: Pool) -> Person:
    return await make_person(database, "carrier", "Гүлнара Токтосунова", "gulnara@carrier.example")


@pytest_asyncio.fixture
async def stranger(database: Pool) -> Person:
    """Someone with an account and nothing to do with anyone here."""
    return await make_person(database, "manager", "Чужой Человек", "stranger@elsewhere.example")
