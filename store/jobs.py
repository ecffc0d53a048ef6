"""Jobs in PostgreSQL: enqueued in the transaction of the change they follow, run by the worker, tried again.

A job is at-least-once: handlers drop repeats by the id of what they handle.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import msgspec
import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.models import Job

from store.away import DATABASE_ERRORS
from store.pool import Connection, Pool

log = structlog.get_logger()

FIRST_RETRY_S = 2
MOST_ATTEMPTS = 8
# The library's poll for jobs whose notice was lost; a notice itself wakes it within milliseconds.
DEQUEUE_TIMEOUT = dt.timedelta(seconds=1)
# The library notes every step of every job, adds the notes up by the second, and keeps both for ever.
NOTES_KEPT = dt.timedelta(days=14)
# At once, so that the first time after years of running takes no minutes.
MOST_NOTES_FORGOTTEN = 100_000

FORGET_NOTES = """
delete from {table} where id in (select id from {table} where created < now() - $1::interval order by created limit $2)
"""

# The jobs given up on, by `entrypoint`, for `hub check` and the metrics.
HELD_JOBS = """
select entrypoint, count(*) from pgqueuer where status = 'failed' group by entrypoint order by entrypoint
"""

HELD_IDS = "select id from pgqueuer where status = 'failed'"

Handler = Callable[[bytes], Awaitable[None]]


def install_statement() -> str:
    """The queue's schema, for the migration."""
    return QueryBuilderEnvironment().build_install_query()


def uninstall_statement() -> str:
    """The end of the queue's schema, for the migration."""
    return QueryBuilderEnvironment().build_uninstall_query()


class Envelope(msgspec.Struct):
    """What the queue stores: the handler's payload and how often it was tried."""

    payload: bytes
    attempt: int = 1


async def enqueue(connection: Connection, name: str, payloads: list[bytes], delay: dt.timedelta | None = None) -> None:
    """Write one job per payload on `connection`; part of its transaction when one is open."""
    if not payloads:
        return
    queries = Queries(AsyncpgDriver(connection))  # type: ignore[arg-type]
    await queries.enqueue(
        [name] * len(payloads),
        [msgspec.msgpack.encode(Envelope(payload)) for payload in payloads],
        [0] * len(payloads),
        [delay] * len(payloads) if delay else None,
    )


class JobRunner:
    """Runs jobs until stopped. Register handlers by name first."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.manager = QueueManager(Queries(AsyncpgPoolDriver(pool)))

    def register(self, name: str, handler: Handler) -> None:
        """`handler(payload)` is called for each job of this name; an exception means try again later."""

        async def run(job: Job) -> None:
            envelope = msgspec.msgpack.decode(job.payload or b"", type=Envelope)
            try:
                await handler(envelope.payload)
            except DATABASE_ERRORS as error:
                await self._retry(name, envelope, error)

        self.manager.entrypoint(name, on_failure="hold")(run)

    async def _retry(self, name: str, envelope: Envelope, error: Exception) -> None:
        if envelope.attempt >= MOST_ATTEMPTS:
            raise error
        delay = dt.timedelta(seconds=FIRST_RETRY_S * 2 ** (envelope.attempt - 1))
        log.warning("job_retried", job=name, attempt=envelope.attempt, delay_s=delay.seconds, error=str(error))
        again = Envelope(envelope.payload, envelope.attempt + 1)
        async with self.pool.acquire() as connection:
            queries = Queries(AsyncpgDriver(connection))  # type: ignore[arg-type]
            await queries.enqueue(name, msgspec.msgpack.encode(again), 0, delay)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; jobs in hand are finished."""

        async def watch() -> None:
            await stop.wait()
            self.manager.shutdown.set()

        watcher = asyncio.create_task(watch())
        try:
            await self.manager.run(dequeue_timeout=DEQUEUE_TIMEOUT)
        finally:
            watcher.cancel()


async def retry_held_jobs(connection: Connection) -> int:
    """Queue every job given up on again; how many there were."""
    ids = [row["id"] for row in await connection.fetch(HELD_IDS)]
    await Queries(AsyncpgDriver(connection)).requeue_jobs(ids)  # type: ignore[arg-type]
    return len(ids)


async def forget_old_notes(connection: Connection) -> None:
    """Drop what the queue noted of jobs longer than two weeks ago; for the worker's regular round."""
    for table in ("pgqueuer_log", "pgqueuer_statistics"):
        await connection.execute(FORGET_NOTES.format(table=table), NOTES_KEPT, MOST_NOTES_FORGOTTEN)


__all__ = [
    "HELD_JOBS",
    "Envelope",
    "JobRunner",
    "enqueue",
    "forget_old_notes",
    "install_statement",
    "retry_held_jobs",
    "uninstall_statement",
]
