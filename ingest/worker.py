"""One ingest worker: the session, the batches, and what stands between a batch and its acknowledgement."""

import asyncio
import datetime as dt
import gc
import time
from collections.abc import Sequence
from contextlib import suppress

import asyncpg
import structlog

from ingest import metrics
from ingest.backlog import Backlog
from ingest.config import IngestConfig
from ingest.decode import NOBODY
from ingest.message import Message, source_of
from ingest.pipeline import Aftermath, Pipeline
from ingest.publisher import Publisher
from ingest.subscriber import Subscriber
from store.bus import Bus
from store.lease import Lease
from store.partitions import make_partitions
from store.pool import Pool, open_pool

log = structlog.get_logger()

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
PARTITIONS_EVERY_S = 3600.0
# The turn all ingest workers of a database take; any number nobody else uses.
READING = 0x52454953
# A batch that fails for one of these is kept and tried again: the database is away, full or busy.
DATABASE_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    # A backend that ends in the middle of a word.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    # Frozen in the middle of a transaction: the server has let go of what it held.
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.PostgresSystemError,
)
# These say that the schema is not ours: nobody's message is at fault, and none may be given up for it.
WRONG_DATABASE = (asyncpg.SyntaxOrAccessError, asyncpg.UndefinedFunctionError)
# Impossible messages of more phones than this a minute mean that not the messages are impossible. One phone, broken or
# hostile, stops nobody.
MOST_IMPOSSIBLE_PHONES = 20
MINUTE_S = 60.0
# A batch makes tens of thousands of objects and no cycles: looking for these every 700 took a tenth of the time.
COLLECT_AFTER = (50_000, 20, 50)


async def run(config: IngestConfig, stop: asyncio.Event) -> None:
    """Take phones' messages in until `stop` is set. Broker, database and bus may come and go meanwhile.

    Of several workers one reads and the others stand by. All speak to the broker under one name: it keeps one session,
    and a new reader turns the old one out. What is decided is decided from locked rows, so that two who think it is
    their turn harm nothing.
    """
    backlog = Backlog(config.most_unacknowledged, config.most_backlog_bytes, config.batch_messages, config.batch_bytes)
    lease = Lease(config.database.url, READING, config.silence_s)
    subscriber = Subscriber(config, backlog, lease.held)
    bus = Bus(config.bus)
    pool = await _open_pool(config, stop)
    if pool is None:
        return
    worker = Worker(config, pool, backlog, subscriber, Publisher(bus))
    gc.set_threshold(*COLLECT_AFTER)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(lease.run(stop))
            tasks.create_task(subscriber.run(stop))
            tasks.create_task(worker.publisher.run(stop))
            tasks.create_task(worker.keep_partitions(stop))
            tasks.create_task(worker.run(stop))
    finally:
        await subscriber.close()
        await lease.give_back()
        await bus.close()
        await pool.close()


async def _open_pool(config: IngestConfig, stop: asyncio.Event) -> Pool | None:
    """The pool, as soon as the database answers; None when stopped before."""
    pause_s = FIRST_PAUSE_S
    while not stop.is_set():
        try:
            return await open_pool(config.database)
        except DATABASE_AWAY as error:
            log.warning("database_away", error=str(error), again_in_s=pause_s)
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
    return None


class Worker:
    """Takes batch after batch: stored, then acknowledged, then told."""

    def __init__(
        self, config: IngestConfig, pool: Pool, backlog: Backlog, subscriber: Subscriber, publisher: Publisher
    ) -> None:
        self.config = config
        self.pool = pool
        self.backlog = backlog
        self.subscriber = subscriber
        self.publisher = publisher
        self.pipeline = Pipeline(pool, config.retention_days)
        self._impossible: dict[str, float] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set; a batch in hand is finished, or left unacknowledged when the database is away."""
        while not stop.is_set():
            batch = await self.backlog.next_batch(self.config.linger_s)
            metrics.backlog.set(len(self.backlog))
            if batch:
                await self.settle(batch, stop)
            await self._catch_up()

    async def _catch_up(self) -> None:
        """Long tracks that waited to be folded anew; while the database is away they wait on."""
        try:
            told = await self.pipeline.catch_up()
        except DATABASE_AWAY as error:
            log.warning("refold_retried", error=str(error) or type(error).__name__)
        else:
            self.publisher.tell(told)

    async def settle(self, batch: Sequence[Message], stop: asyncio.Event) -> None:
        """Store a batch however long the database takes; a message that can't be stored is found and set aside."""
        pause_s = FIRST_PAUSE_S
        while True:
            began = time.monotonic()
            try:
                aftermath = await self.pipeline.take(batch)
            except DATABASE_AWAY as error:
                metrics.batches.labels("retried").inc()
                log.warning("batch_retried", error=str(error) or type(error).__name__, again_in_s=pause_s)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
                if stop.is_set():
                    return
            except WRONG_DATABASE:
                raise
            except Exception as error:
                await self._divide(batch, error, stop)
                return
            else:
                self._finish(batch, aftermath, time.monotonic() - began)
                return

    async def _divide(self, batch: Sequence[Message], error: Exception, stop: asyncio.Event) -> None:
        """Look for the message that makes the batch fail."""
        if len(batch) > 1:
            middle = len(batch) // 2
            await self.settle(batch[:middle], stop)
            await self.settle(batch[middle:], stop)
            return
        try:
            if isinstance(error, asyncpg.CheckViolationError) and await self._make_partitions():
                await self.settle(batch, stop)
            else:
                await self._set_aside(batch, error)
        except DATABASE_AWAY:
            # Gone in this very moment: begin again with this message, as patiently as with any.
            await self.settle(batch, stop)

    async def _set_aside(self, batch: Sequence[Message], error: Exception) -> None:
        """One message no batch can be stored with; raises `error` when too many phones send such."""
        now, topic = time.monotonic(), batch[0].packet.topic
        # By login: one phone may speak under as many device names as it likes.
        login = (source_of(topic) or NOBODY).login
        self._impossible = {phone: at for phone, at in self._impossible.items() if now - at < MINUTE_S}
        # One traceback a minute tells as much as twenty.
        is_first, is_new = not self._impossible, login not in self._impossible
        self._impossible.setdefault(login, now)
        if len(self._impossible) > MOST_IMPOSSIBLE_PHONES:
            raise error
        if is_new:
            log.error("message_impossible", topic=topic, error=str(error), exc_info=error if is_first else None)
        metrics.refused.labels("impossible").inc()
        await self.pipeline.set_aside(batch[0], error)
        self.subscriber.acknowledge(batch)

    def _finish(self, batch: Sequence[Message], aftermath: Aftermath, seconds: float) -> None:
        self.subscriber.acknowledge(batch)
        self.publisher.tell(aftermath.told, aftermath.positions, aftermath.shift)
        if aftermath.confirmations:
            self.subscriber.publish(aftermath.confirmations)
        count(batch, aftermath, seconds)

    async def keep_partitions(self, stop: asyncio.Event) -> None:
        """Make the coming days' partitions; the worker process does so too, but fixes must not wait for it."""
        while not stop.is_set():
            try:
                await self._make_partitions()
            except DATABASE_AWAY as error:
                log.warning("partitions_not_made", error=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(PARTITIONS_EVERY_S):
                    await stop.wait()

    async def _make_partitions(self) -> list[str]:
        async with self.pool.acquire() as connection:
            return await make_partitions(connection, dt.datetime.now(dt.UTC).date(), self.config.retention_days)


def count(batch: Sequence[Message], aftermath: Aftermath, seconds: float) -> None:
    """Count a committed batch."""
    metrics.batches.labels("stored").inc()
    metrics.batch_messages.observe(len(batch))
    metrics.quarantined.inc(aftermath.written_down)
    metrics.batch_seconds.observe(seconds)
    metrics.lag_seconds.observe(time.time() - batch[0].received_at_us / 1_000_000)
    for counter, counted in (
        (metrics.fixes, aftermath.outcomes),
        (metrics.flagged, aftermath.flags),
        (metrics.refused, aftermath.refusals),
        (metrics.idle, aftermath.idle),
    ):
        for label, number in counted.items():
            if number:
                counter.labels(label).inc(number)
    log.debug("batch_stored", messages=len(batch), seconds=round(seconds, 4), **aftermath.outcomes)
