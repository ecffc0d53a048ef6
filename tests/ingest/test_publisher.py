"""What listeners are told: the newest, in few messages, and never at the cost of the next batch."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import redis.asyncio
from prometheus_client import REGISTRY

from freight.drivers.shifts import KEPT_S, ShiftFix, shift_key
from freight.live import Changed, Message, Positions, decode, to_organisation
from freight.tracking.positions import packed, unpacked
from freight.tracking.views import PositionView
from hub.services.redis import RedisConfig, RedisService
from ingest.publisher import Publisher
from store.bus import Bus, BusConfig
from tests.ports import free_ports

TRIP_CHANGED = to_organisation(1, Changed("trip", 7))


class Recorder(Bus):
    """A bus that keeps what it is given, or is away."""

    def __init__(self, config: BusConfig) -> None:
        super().__init__(config)
        self.is_away = False
        self.taken: list[tuple[str, Message]] = []

    async def publish(self, messages: object) -> bool:
        if self.is_away:
            return False
        self.taken += [(channel, decode(payload)) for channel, payload in messages]  # type: ignore[attr-defined]
        return True


@pytest.fixture
def recorder(bus_config: BusConfig) -> Recorder:
    return Recorder(bus_config)


def position(trip_id: int, sequence: int) -> PositionView:
    return PositionView(trip_id, sequence, 1, 2, 42.0, 74.0)


async def test_of_one_truck_only_the_newest_position_is_published(recorder: Recorder) -> None:
    publisher = Publisher(recorder)
    publisher.tell([], {1: [position(7, 1), position(8, 1)], 2: [position(9, 1)]})
    publisher.tell(TRIP_CHANGED, {1: [position(7, 2)]})
    assert await publisher.publish()
    assert recorder.taken == [
        ("live:1", packed([position(7, 2), position(8, 1)])),
        ("live:2", packed([position(9, 1)])),
        ("live:1", Changed("trip", 7)),
    ]


async def test_what_was_published_is_not_repeated(recorder: Recorder) -> None:
    publisher = Publisher(recorder)
    publisher.tell(TRIP_CHANGED)
    await publisher.publish()
    await publisher.publish()
    assert len(recorder.taken) == 1


async def test_a_thousand_trucks_go_in_messages_of_bearable_size(recorder: Recorder) -> None:
    publisher = Publisher(recorder)
    publisher.tell([], {1: [position(trip, 1) for trip in range(1_200)]})
    await publisher.publish()
    sizes = [len(unpacked(message)) for _, message in recorder.taken if isinstance(message, Positions)]
    assert sizes == [500, 500, 200]


async def test_an_absent_bus_is_no_error(recorder: Recorder) -> None:
    publisher = Publisher(recorder)
    recorder.is_away = True
    publisher.tell(TRIP_CHANGED)
    assert not await publisher.publish()


async def test_a_free_drivers_place_lives_in_redis_for_an_hour(bus: Bus) -> None:
    publisher = Publisher(bus)
    place = ShiftFix(5, 1_795_435_200_000, 42.0, 74.0)
    publisher.tell([], shift=[place])
    assert await publisher.publish()
    key = bus.config.prefix + shift_key(5)
    assert msgspec.json.decode(await bus.redis.get(key), type=ShiftFix) == place
    assert KEPT_S - 60 < await bus.redis.ttl(key) <= KEPT_S


async def test_a_full_redis_keeps_no_places_and_holds_up_no_messages(tmp_path: Path) -> None:
    async with full_redis(tmp_path) as url:
        full = Bus(BusConfig(url))
        publisher = Publisher(full)
        unpublished, unkept = count("ingest_unpublished_messages_total"), count("ingest_unkept_shift_fixes_total")
        publisher.tell(TRIP_CHANGED, shift=[ShiftFix(5, 1_795_435_200_000, 42.0, 74.0)])
        assert await publisher.publish()
        assert count("ingest_unpublished_messages_total") == unpublished
        assert count("ingest_unkept_shift_fixes_total") == unkept + 1
        assert await full.redis.get(full.config.prefix + shift_key(5)) is None
        await full.close()


@asynccontextmanager
async def full_redis(folder: Path) -> AsyncIterator[str]:
    """A Redis without room for one more key."""
    for parent in (folder.parent, folder):
        parent.chmod(0o755)
    service = RedisService(RedisConfig(folder / "redis", free_ports(1)[0], "secret"))
    await service.start()
    client = redis.asyncio.Redis.from_url(service.url)
    await client.config_set("maxmemory", "1")
    await client.aclose()
    yield service.url
    await service.stop()


def count(sample: str) -> float:
    return REGISTRY.get_sample_value(sample) or 0.0
