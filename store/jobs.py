"""Jobs in PostgreSQL: enqueued in the transaction of the change they follow, run by the worker, tried again.

A job is at-least-once: handlers drop repeats by the id of what they handle.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn

import msgspec
import structlog
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver, AsyncpgPoolDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.buffers import JobStatusLogBuffer
from pgqueuer.core.executors import AbstractEntrypointExecutor
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.models import Job
from redis.exceptions import RedisError

from store.away import is_away
from store.pauses import doubled_s
from store.pool import Connection, Pool

log = structlog.get_logger()

FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 900.0
# For how long a job is tried while what it needs is away.
TRIED_FOR = dt.timedelta(days=1)
# A job that was in hand at so many ends of a process is suspected of causing them.
MOST_ENDS = 5
# The library's poll for jobs whose notice was lost; a notice itself wakes it within milliseconds.
DEQUEUE_TIMEOUT = dt.timedelta(seconds=1)
# The library notes every step of every job, adds the notes up by the second, and keeps both for ever.
NOTES_KEPT = dt.timedelta(days=14)
# At once, so that the first time after years of running takes no minutes.
MOST_NOTES_FORGOTTEN = 100_000

# Counted before the job is run: whatever ends the process, the next one knows. The library counts retries alone.
BEGIN = """
update pgqueuer set headers = jsonb_build_object('begun', coalesce((headers->>'begun')::int, 0) + 1)
where id = $1
returning (headers->>'begun')::int
"""
ENDED_WELL = "update pgqueuer set headers = null where id = $1"
FORGET_NOTES = """
delete from {table} where id in (select id from {table} where created < now() - $1::interval order by created limit $2)
"""

# The jobs given up on, by `entrypoint`, for `hub check` and the metrics.
HELD_JOBS = """
select entrypoint, count(*) from pgqueuer where status = 'failed' group by entrypoint order by entrypoint
"""

FORGET_ENDS = "update pgqueuer set headers = null where status = 'failed' returning id"

Handler = Callable[[bytes], Awaitable[None]]


class JobError(Exception):
    """Base of what a handler raises of its own accord about what it could not do."""


class Temporary(JobError):
    """What the job needs is away or busy: it is tried again, with growing pauses, as long as its kind is."""


class Permanent(JobError):
    """Trying again could not better it: the job is held for the operator at once."""


class EndsProcesses(JobError):
    """The job was in hand each time a process ended: it is held, so that the others get their turn."""

    def __init__(self, name: str, ends: int) -> None:
        super().__init__(f"{name} was in hand at {ends} ends of a process")


def passes(error: BaseException) -> bool:
    """Whether a job that failed so is tried again: what it needs is away, be it database, Redis or another service."""
    return isinstance(error, Temporary | RedisError) or is_away(error)


def pause_after(attempts: int) -> dt.timedelta:
    """How long a job waits that failed for the `attempts`th time, from 1."""
    return dt.timedelta(seconds=doubled_s(FIRST_RETRY_S, LONGEST_RETRY_S, attempts - 1))


def waited_before(attempts: int) -> dt.timedelta:
    """How long a job has waited in all that failed for the `attempts`th time."""
    return sum((pause_after(n) for n in range(1, attempts)), dt.timedelta())


def install_statement() -> str:
    """The queue's schema, for the migration."""
    return QueryBuilderEnvironment().build_install_query()


def uninstall_statement() -> str:
    """The end of the queue's schema, for the migration."""
    return QueryBuilderEnvironment().build_uninstall_query()


class Envelope(msgspec.Struct):
    """What the queue stores: the handler's payload."""

    payload: bytes


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


class Queue(QueueManager):
    """The library's loop, but for a job that failed because the database is away: it holds no such job.

    The row stays as it is, in the hands of a worker that does not say any more that it is at it, and is taken up again
    half a minute after the database is back.
    """

    async def log_failure(
        self, job: Job, executor: AbstractEntrypointExecutor, exc: Exception, jbuff: JobStatusLogBuffer
    ) -> None:
        """Write down that a job is held, unless nothing can be written now."""
        if is_away(exc):
            log.warning("job_left", job=job.entrypoint, error=str(exc) or type(exc).__name__)
        else:
            await super().log_failure(job, executor, exc, jbuff)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of the jobs of one name."""

    name: str
    handler: Handler
    tried_for: dt.timedelta


class JobRunner:
    """Runs jobs until stopped. Register handlers by name first."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.manager = Queue(Queries(AsyncpgPoolDriver(pool)))
        self.bug: Exception | None = None

    def register(self, name: str, handler: Handler, tried_for: dt.timedelta = TRIED_FOR) -> None:
        """`handler(payload)` is called for each job of this name.

        What `passes` is tried again for `tried_for`. Permanent holds the job at once. All else is a bug: it ends the
        process, and the job is tried again by the next one, a few times.
        """
        kind = Kind(name, handler, tried_for)

        async def run(job: Job) -> None:
            await self._run(kind, job)

        self.manager.entrypoint(name, on_failure="hold")(run)

    async def _run(self, kind: Kind, job: Job) -> None:
        begun = int(await self.pool.fetchval(BEGIN, job.id) or 1)
        if begun > MOST_ENDS:
            raise EndsProcesses(kind.name, begun - 1)
        try:
            await kind.handler(msgspec.msgpack.decode(job.payload or b"", type=Envelope).payload)
        except Permanent:
            raise
        except Exception as error:
            if passes(error):
                await self._retry(kind, job, error)
            await self._end(kind, job, begun, error)

    async def _retry(self, kind: Kind, job: Job, error: Exception) -> NoReturn:
        """Have a job tried again whose trouble passes, unless it has been for long enough."""
        attempts = job.attempts + 1
        if waited_before(attempts) >= kind.tried_for:
            raise Permanent(f"{kind.name} was tried for {kind.tried_for}: {error}") from error
        await self.pool.execute(ENDED_WELL, job.id)
        pause = pause_after(attempts)
        log.warning(
            "job_retried", job=kind.name, attempt=attempts, delay_s=round(pause.total_seconds()), error=_words(error)
        )
        raise RetryRequested(pause, _words(error)) from error

    async def _end(self, kind: Kind, job: Job, begun: int, error: Exception) -> NoReturn:
        """A bug: end the process with it, and leave the job to the next one."""
        self.bug = error
        self.manager.shutdown.set()
        log.error("job_ends_process", job=kind.name, ends=begun, held=begun == MOST_ENDS, error=_words(error))
        if begun == MOST_ENDS:
            raise error
        raise RetryRequested(pause_after(begun), _words(error)) from error

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; jobs in hand are finished. Raises the bug a handler brought out."""

        async def watch() -> None:
            await stop.wait()
            self.manager.shutdown.set()

        watcher = asyncio.create_task(watch())
        try:
            await self.manager.run(dequeue_timeout=DEQUEUE_TIMEOUT)
        finally:
            watcher.cancel()
        if self.bug is not None:
            raise self.bug


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__


async def retry_held_jobs(connection: Connection) -> int:
    """Queue every job given up on again; how many there were."""
    ids = [row["id"] for row in await connection.fetch(FORGET_ENDS)]
    await Queries(AsyncpgDriver(connection)).requeue_jobs(ids)  # type: ignore[arg-type]
    return len(ids)


async def forget_old_notes(connection: Connection) -> None:
    """Drop what the queue noted of jobs longer than two weeks ago; for the worker's regular round."""
    for table in ("pgqueuer_log", "pgqueuer_statistics"):
        await connection.execute(FORGET_NOTES.format(table=table), NOTES_KEPT, MOST_NOTES_FORGOTTEN)


__all__ = [
    "HELD_JOBS",
    "EndsProcesses",
    "Envelope",
    "JobError",
    "JobRunner",
    "Permanent",
    "Temporary",
    "enqueue",
    "forget_old_notes",
    "install_statement",
    "retry_held_jobs",
    "uninstall_statement",
]
