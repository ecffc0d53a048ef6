"""Of several workers one reads."""

import datetime as dt

import msgspec

from ingest.backlog import Backlog
from ingest.config import IngestConfig
from store.broker import BrokerControl
from store.pool import Pool
from tests.ingest.conftest import phone_of, running, subscriber_of
from tests.ingest.phone import Phone
from tests.ingest.world import LOADING, fix, make_trip
from tests.services import RealServices
from tests.waiting import until


async def test_of_two_workers_one_reads_and_the_other_goes_on_when_it_stops(
    database: Pool, services: RealServices, broker_control: BrokerControl, ingest_config: IngestConfig
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    kept = msgspec.structs.replace(ingest_config, session_expiry_s=60)
    began = dt.timedelta(0)

    async def tell(phone: Phone, count: int) -> None:
        nonlocal began
        for _ in range(count):
            began += dt.timedelta(seconds=1)
            await phone.send(fix(trip.window_from + began, *LOADING))

    # The broker keeps the session from here on.
    subscriber = subscriber_of(kept, Backlog(100, 10**6, 100, 10**6))
    await subscriber.connect()
    await subscriber.close()
    async with phone_of(broker_control, services, trip.login) as phone:
        async with running(kept) as first:
            await until(lambda: has_reader(database))
            async with running(kept):
                await tell(phone, 10)
                await until(lambda: database.fetchval("select count(*) = 10 from positions"))
                first.set()
                await tell(phone, 10)
                await until(lambda: database.fetchval("select count(*) = 20 from positions"))
        # Nobody is there: the one session of both keeps what comes.
        await tell(phone, 10)
        async with running(ingest_config):
            await until(lambda: database.fetchval("select count(*) = 30 from positions"))


async def has_reader(database: Pool) -> bool:
    """Whether some worker has the turn."""
    query = "select exists (select from pg_locks join pg_database d on d.oid = database where locktype = 'advisory'"
    return bool(await database.fetchval(f"{query} and d.datname = current_database())"))
