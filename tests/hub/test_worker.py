"""The worker: every kind of job that is written has a handler, and a bug in one is no absence."""

import re
from pathlib import Path

from freight.config import FreightConfig
from freight.events.actions import NOTIFY
from hub.worker import Worker, WorkerConfig
from store.broker import BrokerConfig
from store.bus import Bus, BusConfig
from store.jobs import HELD_JOBS, enqueue
from store.pool import DatabaseConfig, Pool
from tests.processes import HubProcesses
from tests.waiting import until

ROOT = Path(__file__).parents[2]


class Names:
    """Collects what a worker registers."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def register(self, name: str, handler: object) -> None:
        self.names.add(name)


def written_jobs() -> set[str]:
    """The job names the business enqueues, by the constants it does so with."""
    sources = [path.read_text() for path in (ROOT / "freight").rglob("*.py")]
    constants = {name for text in sources for name in re.findall(r"await enqueue\(connection, ([A-Z_]+),", text)}
    values = (re.findall(rf'^{name} = "(\w+)"$', text, re.M) for name in constants for text in sources)
    return {value for found in values for value in found}


async def test_every_job_that_is_written_is_handled(database: Pool, database_url: str, bus: Bus) -> None:
    config = WorkerConfig(
        DatabaseConfig(database_url),
        BusConfig("redis://127.0.0.1"),
        BrokerConfig("127.0.0.1", 1, "control-1", ""),
        FreightConfig("Reis", "http://localhost", b"s" * 32),
    )
    names = Names()
    Worker(config, database, bus).register(names)  # type: ignore[arg-type]
    assert len(written_jobs()) >= 3
    assert names.names == written_jobs()


async def test_a_misspelt_column_ends_the_process_and_the_next_one_does_the_job(
    database: Pool, hub_processes: HubProcesses
) -> None:
    hub_processes.expected_tracebacks = True
    await hub_processes.start("worker")
    await database.execute("alter table events rename kind to sort")
    async with database.acquire() as connection:
        await enqueue(connection, NOTIFY, [b"1"])
    await hub_processes.process("worker").process.wait()
    assert "UndefinedColumnError" in hub_processes.log("worker")
    assert await database.fetch(HELD_JOBS) == []
    await database.execute("alter table events rename sort to kind")
    await hub_processes.start("worker")
    await until(lambda: database.fetchval("select count(*) = 0 from pgqueuer"), what="the job to be done")


async def test_a_misspelt_column_in_a_round_ends_the_process(database: Pool, hub_processes: HubProcesses) -> None:
    hub_processes.expected_tracebacks = True
    await database.execute("alter table sessions rename expires_at to ends_at")
    await hub_processes.start("worker")
    await hub_processes.process("worker").process.wait()
    assert "UndefinedColumnError" in hub_processes.log("worker")
