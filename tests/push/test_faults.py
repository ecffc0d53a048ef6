"""Redis or PostgreSQL away for a while: afterwards every open map equals the database."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from hub.services.redis import RedisConfig, RedisService
from push.limits import PushLimits
from push.notify import BusAway, notify
from store.bus import Bus, BusConfig
from store.pool import Pool
from tests.ports import free_ports
from tests.push.conftest import Firm, fact, running
from tests.waiting import until

# The periodic look is not what heals here.
LIMITS = PushLimits(recheck_every_s=0.3, refresh_every_s=3600)


@pytest_asyncio.fixture
async def own_redis(tmp_path: Path) -> AsyncIterator[RedisService]:
    """A Redis this test may kill."""
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    service = RedisService(RedisConfig(tmp_path / "redis", free_ports(1)[0], "secret"))
    await service.start()
    yield service
    await service.stop()


@pytest_asyncio.fixture
async def own_bus(own_redis: RedisService) -> AsyncIterator[Bus]:
    bus = Bus(BusConfig(own_redis.url))
    yield bus
    await bus.close()


@pytest.mark.faults
async def test_after_redis_was_killed_every_map_equals_the_database(
    database: Pool, own_redis: RedisService, own_bus: Bus
) -> None:
    firm = await Firm(database, own_bus, 1).found()
    trips = [await firm.trip() for _ in range(3)]
    async with running(database, own_bus.config, LIMITS) as live:
        pages = [await live.join(firm.cookie) for _ in range(3)]
        _, token = await firm.share(trips[0].id)
        customer = await live.watch(token)
        await until(lambda: customer.frames and all(page.frames for page in pages))
        epoch = pages[0].frames[0]["epoch"]

        own_redis.process.send(signal.SIGKILL)
        await own_redis.process.wait()
        for trip in trips:
            await firm.move(trip.id, 5)
            await firm.change(trip.id, "Moved in the dark")
        with pytest.raises(BusAway):
            await notify(database, own_bus, await fact(firm, trips[0]))
        await own_redis.start()

        for page in pages:
            await until(lambda page=page: all(page.positions.get(trip.id, {}).get("sequence") == 5 for trip in trips))
            assert {seen["cargo_name"] for seen in page.trips.values()} == {"Moved in the dark"}
        await until(lambda: len(customer.of_type("share_snapshot")) >= 2)
        for page in pages:
            await until(lambda page=page: page.of_type("snapshot")[-1]["epoch"] != epoch)
            assert page.of_type("snapshot")[-1]["unread_count"] == 1

        # And it goes on living.
        await until(lambda: own_bus.repaying is None)
        await firm.move(trips[0].id, 6)
        await until(lambda: all(page.positions[trips[0].id]["sequence"] == 6 for page in pages))
        await until(lambda: customer.positions.get(trips[0].id, {}).get("sequence") == 6)


@pytest.mark.faults
async def test_a_page_that_comes_while_redis_is_away_gets_its_picture(
    database: Pool, own_redis: RedisService, own_bus: Bus
) -> None:
    firm = await Firm(database, own_bus, 1).found()
    trip = await firm.trip()
    async with running(database, own_bus.config, LIMITS) as live:
        await own_redis.stop()
        page = await live.join(firm.cookie)
        await until(lambda: trip.id in page.trips)
        await firm.change(trip.id, "Meanwhile")
        await own_redis.start()
        await until(lambda: page.trips[trip.id]["cargo_name"] == "Meanwhile")


@pytest.mark.faults
async def test_a_redis_that_hangs_is_noticed(database: Pool, own_redis: RedisService, own_bus: Bus) -> None:
    firm = await Firm(database, own_bus, 1).found()
    trip = await firm.trip()
    async with running(database, own_bus.config, LIMITS) as live:
        page = await live.join(firm.cookie)
        await until(lambda: page.frames)
        own_redis.process.send(signal.SIGSTOP)
        began = asyncio.get_running_loop().time()
        await firm.change(trip.id, "Unheard")
        assert asyncio.get_running_loop().time() - began < 3.0
        own_redis.process.send(signal.SIGCONT)
        await until(lambda: page.trips[trip.id]["cargo_name"] == "Unheard")


async def test_a_database_that_ends_every_connection_is_asked_again(firm: Firm, bus: Bus) -> None:
    trip = await firm.trip()
    async with running(firm.pool, bus.config, LIMITS) as live:
        page = await live.join(firm.cookie)
        await until(lambda: page.frames)
        for number in range(5):
            await firm.change(trip.id, f"Name {number}", told=False)
            ending = asyncio.create_task(
                firm.pool.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where datname = current_database() and pid <> pg_backend_pid()"
                )
            )
            await bus.publish([(f"live:{firm.id}", b"")])
            await asyncio.gather(ending, return_exceptions=True)
        await until(lambda: page.trips[trip.id]["cargo_name"] == "Name 4")
        assert page.closed_with is None
