"""The worker's wiring: every kind of job that is written has a handler."""

import re
from pathlib import Path

from freight.config import FreightConfig
from hub.worker import Worker, WorkerConfig
from store.broker import BrokerConfig
from store.bus import Bus, BusConfig
from store.pool import DatabaseConfig, Pool

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
