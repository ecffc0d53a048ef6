"""Workers and services killed while phones go on sending: what was acknowledged is stored, and once."""

import asyncio
import datetime as dt
import signal
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from store.broker import BrokerControl
from store.pool import DatabaseConfig, Pool, open_pool
from tests.ingest.conftest import phone_of
from tests.ingest.world import LOADING, Carried, fix, make_trip
from tests.processes import HubProcesses
from tests.services import RealServices
from tests.waiting import until

pytestmark = pytest.mark.faults
MANY = 1_500


@pytest_asyncio.fixture(scope="module")
async def own_services(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealServices]:
    """Services these tests may break; the database is durable."""
    base = tmp_path_factory.getbasetemp()
    # The services' accounts must be able to walk down to their folders.
    for folder in (base.parent, base):
        folder.chmod(folder.stat().st_mode | 0o055)
    running = RealServices(tmp_path_factory.mktemp("breakable"), durable=True)
    await running.start()
    yield running
    await running.stop()


@pytest_asyncio.fixture
async def database(own_services: RealServices) -> AsyncIterator[Pool]:
    """A pool on a database of this test alone, on the services it may break."""
    url = await own_services.clone_database("faulty")
    pool = await open_pool(DatabaseConfig(url, min_size=0))
    yield pool
    await pool.close()
    await own_services.drop_database("faulty")


@pytest_asyncio.fixture
async def processes(
    own_services: RealServices, database: Pool, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[HubProcesses]:
    """Our processes on that database."""
    directory = tmp_path_factory.mktemp("hub")
    running = HubProcesses(directory, own_services, own_services.database_url("faulty"))
    yield running
    await running.stop_all()


@pytest.fixture
async def trip(database: Pool) -> Carried:
    async with database.acquire() as connection:
        return await make_trip(connection)


async def start_worker(processes: HubProcesses, number: int = 1) -> None:
    """Start one and wait until it is subscribed: before the first time the broker keeps messages for nobody."""
    joined = processes.log("ingest", number).count("broker_joined") if ("ingest", number) in processes.processes else 0
    await processes.start("ingest", number=number)
    await until(lambda: processes.log("ingest", number).count("broker_joined") > joined)


async def send_many(services: RealServices, trip: Carried, count: int = MANY) -> None:
    """Fixes a second apart, each acknowledged by the broker."""
    async with BrokerControl(services.broker("control-7")) as control, phone_of(control, services, trip.login) as phone:
        for number in range(count):
            at = trip.window_from + dt.timedelta(seconds=number + 1)
            await phone.send(fix(at, LOADING[0] + number * 1e-5, LOADING[1]))


async def stored(database: Pool) -> int:
    try:
        return int(await database.fetchval("select count(*) from positions"))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return -1


async def all_stored_once(database: Pool, count: int = MANY) -> None:
    """Everything is there, and what is counted a second time by nobody is what the rows say."""
    await until(lambda: _is(database, count))
    assert await database.fetchval("select fix_count from tracks") == count
    assert await database.fetchval("select count(*) from events where kind = 'arrived'") <= 1


async def _is(database: Pool, count: int) -> bool:
    return await stored(database) == count


async def test_a_worker_killed_three_times_loses_and_repeats_nothing(
    own_services: RealServices, database: Pool, processes: HubProcesses, trip: Carried
) -> None:
    await start_worker(processes)
    sending = asyncio.create_task(send_many(own_services, trip))
    for share in (0.2, 0.4, 0.6):
        await until(lambda share=share: _at_least(database, int(MANY * share)))
        await processes.kill("ingest")
        await start_worker(processes)
    await sending
    await all_stored_once(database)


async def _at_least(database: Pool, count: int) -> bool:
    return await stored(database) >= count


async def test_a_database_that_dies_and_returns_costs_nothing(
    own_services: RealServices, database: Pool, processes: HubProcesses, trip: Carried
) -> None:
    await start_worker(processes)
    sending = asyncio.create_task(send_many(own_services, trip))
    await until(lambda: _at_least(database, MANY // 4))
    # The driver's pool logs with a traceback that it could not connect.
    processes.expected_tracebacks = True
    # PostgreSQL's "immediate": no rollback, no checkpoint; it recovers from its log.
    own_services.postgres.process.send(signal.SIGQUIT)
    await own_services.postgres.process.wait()
    await own_services.postgres.start()
    await sending
    await all_stored_once(database)


async def test_fixes_sent_while_no_worker_runs_wait_for_it_through_a_restart_of_the_broker(
    own_services: RealServices, database: Pool, processes: HubProcesses, trip: Carried
) -> None:
    await start_worker(processes)
    await processes.stop("ingest")
    await send_many(own_services, trip, 500)
    await own_services.mosquitto.stop()
    await own_services.mosquitto.start()
    await start_worker(processes)
    await all_stored_once(database, 500)


async def test_a_broker_that_returns_is_joined_again(
    own_services: RealServices, database: Pool, processes: HubProcesses, trip: Carried
) -> None:
    await start_worker(processes)
    await send_many(own_services, trip, 100)
    await all_stored_once(database, 100)
    await own_services.mosquitto.stop()
    await own_services.mosquitto.start()
    await until(lambda: processes.log("ingest").count("broker_joined") == 2)
    await send_many(own_services, trip, 200)
    await all_stored_once(database, 200)


async def test_without_redis_fixes_are_stored_all_the_same(
    own_services: RealServices, database: Pool, processes: HubProcesses, trip: Carried
) -> None:
    await start_worker(processes)
    await own_services.redis.stop()
    await send_many(own_services, trip, 300)
    await all_stored_once(database, 300)
    await own_services.redis.start()


async def start_standby(processes: HubProcesses, number: int) -> None:
    """Start one beside a worker that reads."""
    await processes.start("ingest", number=number)
    await until(lambda: '"started"' in processes.log("ingest", number))


@pytest.mark.parametrize("fault", ["killed", "frozen"])
async def test_a_reader_that_falls_out_is_followed_by_the_one_that_stands_by(
    own_services: RealServices, database: Pool, processes: HubProcesses, trip: Carried, fault: str
) -> None:
    await start_worker(processes, 1)
    await start_standby(processes, 2)
    sending = asyncio.create_task(send_many(own_services, trip))
    await until(lambda: _at_least(database, MANY // 4))
    assert "broker_joined" not in processes.log("ingest", 2)
    if fault == "killed":
        await processes.kill("ingest", 1)
    else:
        processes.freeze("ingest", 1)
    await sending
    # Without the first one's coming back.
    await until(lambda: _is(database, MANY))
    assert "broker_joined" in processes.log("ingest", 2)
    if fault == "killed":
        await start_standby(processes, 1)
    else:
        processes.thaw("ingest", 1)
    await all_stored_once(database)
