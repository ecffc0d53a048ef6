"""The bus loses messages, but never in silence."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from hub.services.redis import RedisConfig, RedisService
from store.bus import GAP, Bus, BusConfig, Listener
from tests.ports import free_ports
from tests.waiting import until


class Ear:
    """A listener that writes down what it hears."""

    def __init__(self, config: BusConfig) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.losses = 0
        self.listener = Listener(config, lambda channel, payload: self.heard.append((channel, payload)), self.lose)
        self.listener.channels.add("control")

    def lose(self) -> None:
        self.losses += 1

    async def __aenter__(self) -> "Ear":
        self.running = asyncio.create_task(self.listener.run())
        await until(lambda: self.listener.connected)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)


@pytest_asyncio.fixture
async def own_redis(tmp_path: Path) -> AsyncIterator[RedisService]:
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    service = RedisService(RedisConfig(tmp_path / "redis", free_ports(1)[0], "secret"))
    await service.start()
    yield service
    await service.stop()


async def test_what_is_published_is_heard_in_order(bus: Bus) -> None:
    async with Ear(bus.config) as ear:
        assert await ear.listener.add("a")
        assert await bus.publish([("a", b"1"), ("b", b"x"), ("a", b"2"), ("control", b"3")])
        await until(lambda: len(ear.heard) == 3)
        assert ear.heard == [("a", b"1"), ("a", b"2"), ("control", b"3")]
        assert ear.losses == 0


async def test_a_channel_added_is_heard_from_that_moment_on(bus: Bus) -> None:
    async with Ear(bus.config) as ear:
        for number in range(50):
            channel = f"c{number}"
            assert await ear.listener.add(channel)
            await bus.publish([(channel, b"first")])
        await until(lambda: len(ear.heard) == 50)


async def test_a_channel_removed_is_silent_and_one_added_again_meanwhile_is_not(bus: Bus) -> None:
    async with Ear(bus.config) as ear:
        await ear.listener.add("a")
        await ear.listener.remove("a")
        await bus.publish([("a", b"1"), ("control", b"2")])
        await until(lambda: ear.heard)
        assert ear.heard == [("control", b"2")]
        await ear.listener.add("a")
        await asyncio.gather(ear.listener.remove("a"), ear.listener.add("a"))
        await bus.publish([("a", b"3")])
        await until(lambda: ("a", b"3") in ear.heard)


async def test_nothing_is_not_sent(bus: Bus) -> None:
    assert await bus.publish([])


@pytest.mark.faults
async def test_a_listener_is_told_of_a_loss_once_it_hears_again(own_redis: RedisService) -> None:
    bus = Bus(BusConfig(own_redis.url))
    async with Ear(bus.config) as ear:
        await ear.listener.add("a")
        own_redis.process.send(signal.SIGKILL)
        await own_redis.process.wait()
        await until(lambda: not ear.listener.connected)
        assert not await ear.listener.add("b")
        assert ear.losses == 0
        await own_redis.start()
        await until(lambda: ear.losses == 1)
        await until(lambda: bus.publish([("a", b"1"), ("b", b"2")]))
        await until(lambda: {("a", b"1"), ("b", b"2")} <= set(ear.heard))
    await bus.close()


@pytest.mark.faults
async def test_a_publisher_owes_its_channels_a_gap_and_pays_it(own_redis: RedisService) -> None:
    bus = Bus(BusConfig(own_redis.url))
    async with Ear(bus.config) as ear:
        for channel in ("a", "b"):
            await ear.listener.add(channel)
        own_redis.process.send(signal.SIGSTOP)
        assert not await bus.publish([("a", b"lost")])
        began = asyncio.get_running_loop().time()
        # Whoever comes next does not wait for the dead.
        assert not await bus.publish([("b", b"lost")])
        assert asyncio.get_running_loop().time() - began < 0.1
        own_redis.process.send(signal.SIGCONT)
        await until(lambda: {("a", GAP), ("b", GAP)} <= set(ear.heard))
        await until(lambda: bus.publish([("a", b"again")]))
        await until(lambda: ("a", b"again") in ear.heard)
    await bus.close()
