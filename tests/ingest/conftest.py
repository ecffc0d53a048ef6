"""A running ingest worker and phones that publish to it over the real broker."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from ingest.backlog import Backlog
from ingest.config import IngestConfig
from ingest.pipeline import Pipeline
from ingest.subscriber import Subscriber
from ingest.worker import run
from store.broker import BrokerConfig, BrokerControl, DeviceAccess
from store.bus import BusConfig
from store.pool import DatabaseConfig, Pool
from tests.ingest.phone import Phone
from tests.ingest.world import Carried, make_trip
from tests.services import RealServices


@pytest.fixture
def ingest_config(services: RealServices, database_url: str, bus_config: BusConfig) -> IngestConfig:
    """The first worker's settings. Its session ends with it, or it would keep messages of later tests."""
    return IngestConfig(services.broker("ingest-1"), DatabaseConfig(database_url), bus_config, session_expiry_s=0)


def subscriber_of(config: IngestConfig, backlog: Backlog) -> Subscriber:
    """A subscriber whose turn it always is."""
    turn = asyncio.Event()
    turn.set()
    return Subscriber(config, backlog, turn)


@contextlib.asynccontextmanager
async def running(config: IngestConfig) -> AsyncIterator[asyncio.Event]:
    """A worker in this process, stopped in order afterwards, or when the event is set."""
    stop = asyncio.Event()
    task = asyncio.create_task(run(config, stop))
    yield stop
    stop.set()
    await task


@pytest_asyncio.fixture
async def worker(ingest_config: IngestConfig) -> AsyncIterator[None]:
    """One ingest worker."""
    async with running(ingest_config):
        yield


@contextlib.asynccontextmanager
async def phone_of(control: BrokerControl, services: RealServices, login: str) -> AsyncIterator[Phone]:
    """A connected phone with an account of its own."""
    await control.put_device(DeviceAccess(login, "secret", True))
    broker = services.broker("ingest-1")
    async with Phone(BrokerConfig(broker.host, broker.port, login, "secret")) as phone:
        yield phone
    await control.remove_device(login)


@pytest.fixture
def pipeline(database: Pool) -> Pipeline:
    return Pipeline(database, retention_days=30)


@pytest_asyncio.fixture
async def trip(database: Pool) -> Carried:
    """A trip whose window began six hours ago."""
    async with database.acquire() as connection:
        return await make_trip(connection)
