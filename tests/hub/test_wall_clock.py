"""The worker and a wall clock that jumps."""

import dataclasses
import datetime as dt

import pytest

from freight.config import FreightConfig
from hub.wall_clock import WallClock
from hub.worker import Worker, WorkerConfig
from ingest.pipeline import Pipeline
from store.broker import BrokerConfig
from store.bus import Bus
from store.pool import DatabaseConfig, Pool
from tests.ingest.world import LOADING, fix, make_trip, message

MINUTE = dt.timedelta(minutes=1)


@dataclasses.dataclass
class Machine:
    """A machine's two clocks, which go on together unless somebody sets the wall clock."""

    wall_s: float = dataclasses.field(default_factory=lambda: dt.datetime.now(dt.UTC).timestamp())
    monotonic_s: float = 1_000.0

    def clock(self) -> WallClock:
        return WallClock(lambda: self.wall_s, lambda: self.monotonic_s)

    def live(self, time: dt.timedelta) -> None:
        self.wall_s += time.total_seconds()
        self.monotonic_s += time.total_seconds()

    def set_clock(self, by: dt.timedelta) -> None:
        self.wall_s += by.total_seconds()


def test_it_tells_the_time_and_trusts_it_from_the_start() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.live(MINUTE)
    assert clock.now() == dt.datetime.fromtimestamp(machine.wall_s, dt.UTC)
    assert clock.is_steady_for(dt.timedelta(days=1))


@pytest.mark.parametrize("by", [10 * MINUTE, -10 * MINUTE])
def test_after_a_jump_it_is_trusted_with_an_age_once_it_has_gone_on_for_that_long(by: dt.timedelta) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.set_clock(by)
    clock.now()
    machine.live(4 * MINUTE)
    clock.now()
    assert not clock.is_steady_for(5 * MINUTE)
    assert clock.is_steady_for(3 * MINUTE)
    machine.live(MINUTE)
    clock.now()
    assert clock.is_steady_for(5 * MINUTE)


def test_a_time_server_that_corrects_the_clock_little_by_little_is_no_jump() -> None:
    machine = Machine()
    clock = machine.clock()
    for _ in range(100):
        machine.live(MINUTE)
        machine.set_clock(dt.timedelta(seconds=1))
        clock.now()
    assert clock.is_steady_for(dt.timedelta(days=1))


async def test_no_truck_arrives_or_falls_silent_because_the_clock_was_put_forward(
    database: Pool, database_url: str, bus: Bus
) -> None:
    """It stopped for a moment inside its fence and speaks on: only time could make a silence of that."""
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    now = dt.datetime.now(dt.UTC)
    await Pipeline(database, 30).take([message(trip.login, fix(now, *LOADING))])
    config = WorkerConfig(
        DatabaseConfig(database_url),
        bus.config,
        BrokerConfig("127.0.0.1", 1, "control-1", ""),
        FreightConfig("Reis", "http://localhost", b"s" * 32),
    )
    machine = Machine()
    worker = Worker(config, database, bus)
    worker.clock = machine.clock()

    async def told() -> list[str]:
        await worker.sweep_arrivals()
        await worker.tell_silences()
        return [row["kind"] for row in await database.fetch("select kind from events order by id")]

    assert await told() == []
    machine.set_clock(60 * MINUTE)
    assert await told() == []
    machine.live(6 * MINUTE)
    assert await told() == ["arrived"]
    machine.live(35 * MINUTE)
    assert await told() == ["arrived", "silent"]
