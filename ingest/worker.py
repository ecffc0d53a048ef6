"""One ingest worker: the session, the batches, and what stands between a batch and its acknowledgement."""

import asyncio
import datetime as dt
import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import asyncpg
import structlog

from ingest import metrics
from ingest.backlog import Backlog
from ingest.config import IngestConfig
from ingest.message import Message
from ingest.pipeline import Aftermath, Pipeline
from ingest.publisher import Publisher
from ingest.subscriber import Subscriber
from ingest.suspects import Suspects, login_of
from store.away import DATABASE_ERRORS, is_away, is_damaged, is_refused_value
from store.bus import Bus
from store.lease import Lease
from store.partitions import make_partitions
from store.pauses import Backoff, happens_within
from store.pool import Pool, open_pool

log = structlog.get_logger()
Answer = TypeVar("Answer")

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
PARTITIONS_EVERY_S = 3600.0
# The turn all ingest workers of a database take; any number nobody else uses.
READING = 0x52454953
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
    pool = await _patiently("database_away", lambda: open_pool(config.database), stop)
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
        # Half of what may be on its way: others are still read meanwhile.
        self.suspects = Suspects(config.most_unacknowledged // 2)
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
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            log.warning("refold_retried", error=str(error) or type(error).__name__)
        else:
            self.publisher.tell(told)

    async def settle(self, batch: Sequence[Message], stop: asyncio.Event) -> None:
        """Store a batch however long the database takes; a message that can't be stored is found and set aside.

        Raises what is no message's fault: a bug, or a schema that is not ours. What fails is not acknowledged then.
        """
        await self._store(batch, stop)
        for message in self.suspects.take_guilty():
            # Once more: what it ran into then may be gone.
            error = await self._attempt([message], stop)
            if error is not None:
                await self._set_aside(message, error, stop)
        self.suspects.raise_if_all_fail()

    async def _store(self, batch: Sequence[Message], stop: asyncio.Event) -> None:
        error = await self._attempt(batch, stop)
        if error is not None:
            await self._divide(batch, error, stop)

    async def _attempt(self, batch: Sequence[Message], stop: asyncio.Event) -> Exception | None:
        """Store and acknowledge a batch, or leave it when told to stop; returns an error one of its messages may have
        caused."""
        backoff = Backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S)
        while True:
            began = time.monotonic()
            try:
                aftermath = await self.pipeline.take(batch)
            except Exception as error:
                if _may_be_of_a_message(error):
                    return error
                if not is_away(error):
                    raise
                metrics.batches.labels("retried").inc()
                await _wait_out("batch_retried", error, backoff, stop)
                if stop.is_set():
                    return None
            else:
                self._finish(batch, aftermath, time.monotonic() - began)
                return None

    async def _divide(self, batch: Sequence[Message], error: Exception, stop: asyncio.Event) -> None:
        """Look for the message that makes the batch fail."""
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._store(batch[:middle], stop)
            await self._store(batch[middle:], stop)
        elif isinstance(error, asyncpg.CheckViolationError) and await self._lacked_partitions(stop):
            await self._store(batch, stop)
        else:
            self.suspects.suspect(batch[0], error)

    async def _lacked_partitions(self, stop: asyncio.Event) -> bool:
        """Whether there was no place for the fix, which there is now."""
        made = await _patiently("partitions_not_made", self._make_partitions, stop)
        return made is None or bool(made)

    async def _set_aside(self, message: Message, error: Exception, stop: asyncio.Event) -> None:
        """Give up one message that is at fault itself; raises `error` when too many phones send such."""
        now, topic, login = time.monotonic(), message.packet.topic, login_of(message)
        self._impossible = {phone: at for phone, at in self._impossible.items() if now - at < MINUTE_S}
        # One traceback a minute tells as much as twenty.
        is_first, is_new = not self._impossible, login not in self._impossible
        self._impossible.setdefault(login, now)
        if len(self._impossible) > MOST_IMPOSSIBLE_PHONES:
            raise error
        if is_new:
            log.error("message_impossible", topic=topic, error=str(error), exc_info=error if is_first else None)
        metrics.refused.labels("impossible").inc()

        async def keep() -> bool:
            await self.pipeline.set_aside(message, error)
            return True

        if await _patiently("batch_retried", keep, stop):
            self.subscriber.acknowledge([message])

    def _finish(self, batch: Sequence[Message], aftermath: Aftermath, seconds: float) -> None:
        if aftermath.outcomes["stored"]:
            self.suspects.note_stored()
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
            except DATABASE_ERRORS as error:
                if not is_away(error):
                    raise
                log.warning("partitions_not_made", error=str(error))
            await happens_within(stop, PARTITIONS_EVERY_S)

    async def _make_partitions(self) -> list[str]:
        async with self.pool.acquire() as connection:
            return await make_partitions(connection, dt.datetime.now(dt.UTC).date(), self.config.retention_days)


async def _wait_out(event: str, error: Exception, backoff: Backoff, stop: asyncio.Event) -> None:
    """Say what is waited for, loudly when it is damage that will not pass by itself, and wait."""
    pause_s = backoff.pause_s()
    say = log.error if is_damaged(error) else log.warning
    state = getattr(error, "sqlstate", None)
    say(event, error=str(error) or type(error).__name__, sqlstate=state, again_in_s=round(pause_s, 2))
    await happens_within(stop, pause_s)


async def _patiently(event: str, work: Callable[[], Awaitable[Answer]], stop: asyncio.Event) -> Answer | None:
    """What `work` returns, however long the database takes; None when told to stop meanwhile."""
    backoff = Backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S)
    while True:
        try:
            return await work()
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            await _wait_out(event, error, backoff, stop)
            if stop.is_set():
                return None


def _may_be_of_a_message(error: Exception) -> bool:
    """Whether one message of a batch may have caused it: a value the database refuses, or a bug it brings out in us.
    What else the database says, no message is to blame for."""
    return is_refused_value(error) or not isinstance(error, DATABASE_ERRORS)


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
