"""The job worker: notifications, devices at the broker, finished trips, and what must be looked at every so often."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import aiomqtt
import structlog
from prometheus_client import Counter, Gauge

from freight.accounts.actions import delete_expired_sessions
from freight.config import FreightConfig
from freight.drivers.broker import BROKER_DEVICE, reconcile_devices, sync_device
from freight.drivers.phones import delete_old_quarantine
from freight.events.actions import NOTIFY
from freight.live import Told
from freight.tracking.outcomes import FINISH_TRIP
from freight.tracking.refolds import SILENCE, close_overdue_windows, sweep_silent_arrivals
from freight.tracking.silences import SILENT_AFTER, sweep_silences
from freight.trips.finishing import finish_trip
from freight.work import unit_of_work
from hub.wall_clock import WallClock
from push.notify import notify
from store.away import DATABASE_ERRORS, is_away
from store.broker import BrokerConfig, BrokerControl, BrokerError
from store.bus import Bus, BusConfig
from store.jobs import HELD_JOBS, JobRunner, forget_old_notes
from store.kept_answers import forget_old_answers
from store.partitions import Expiry, make_partitions
from store.pool import Connection, DatabaseConfig, Pool, open_pool

log = structlog.get_logger()

Sweep = Callable[[Connection, dt.datetime], Awaitable[Sequence[Told]]]
RETRY_S = 5.0

ROUNDS = Counter("worker_rounds_total", "Regular rounds made", ["name", "outcome"])
FAILING = Gauge("worker_rounds_failing", "1 while a regular round fails and is tried again", ["name"])
HELD = Gauge("worker_jobs_held", "Jobs given up on, waiting for an operator")


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What one worker works with; `broker` must be an account of its own."""

    database: DatabaseConfig
    bus: BusConfig
    broker: BrokerConfig
    freight: FreightConfig


class Worker:
    """The handlers and rounds of one worker, over one pool and one bus."""

    def __init__(self, config: WorkerConfig, pool: Pool, bus: Bus) -> None:
        self.config = config
        self.pool = pool
        self.bus = bus
        self.clock = WallClock()
        # One account may be connected once: jobs take turns at the broker.
        self.broker_turn = asyncio.Lock()
        self.expiry = Expiry()

    def register(self, runner: JobRunner) -> None:
        """Tell the runner who handles what."""
        runner.register(NOTIFY, self.notify)
        runner.register(BROKER_DEVICE, self.sync_device)
        runner.register(FINISH_TRIP, self.finish_trip)

    async def notify(self, payload: bytes) -> None:
        """A fact was written: everyone it concerns is told. The payload is the event's id in digits."""
        await notify(self.pool, self.bus, int(payload))

    async def finish_trip(self, payload: bytes) -> None:
        """A trip's tracking ended: its path is kept, simplified. The payload is the trip's id in digits."""
        await finish_trip(self.pool, int(payload))

    async def sync_device(self, payload: bytes) -> None:
        """A device changed: the broker agrees. The payload is the device's id in digits."""
        await self._at_broker(
            lambda control: sync_device(control, self.pool, self.config.freight.device_secret, int(payload))
        )

    async def reconcile(self) -> None:
        """The broker agrees with every device, whatever it forgot while we were away."""
        await self._at_broker(self._reconcile)

    async def _reconcile(self, control: BrokerControl) -> None:
        count = await reconcile_devices(control, self.pool, self.config.freight.device_secret)
        if count:
            log.info("devices_reconciled", count=count)

    async def _at_broker(self, work: Callable[[BrokerControl], Awaitable[None]]) -> None:
        async with self.broker_turn:
            try:
                async with BrokerControl(self.config.broker) as control:
                    await work(control)
            except (aiomqtt.MqttError, BrokerError) as error:
                # What the queue takes for "away for now, try again".
                raise ConnectionError(f"broker: {error}") from error

    async def keep_partitions(self) -> None:
        """Tomorrow's partition exists, the expired ones are gone."""
        today = dt.datetime.now(dt.UTC).date()
        async with self.pool.acquire() as connection:
            made = await make_partitions(connection, today, self.config.freight.retention_days)
            dropped = await self.expiry.drop(connection, today, self.config.freight.retention_days, time.monotonic())
        if made or dropped:
            log.info("partitions_kept", made=len(made), dropped=dropped)

    async def forget_old(self) -> None:
        """Sessions past their end, old quarantine, answers to repeats and notes of jobs are deleted."""
        async with self.pool.acquire() as connection:
            await delete_expired_sessions(connection)
            await forget_old_notes(connection)
            await forget_old_answers(connection)
            await delete_old_quarantine(connection, self.config.freight.retention_days)

    async def count_held(self) -> None:
        """Jobs given up on are counted for the operator."""
        async with self.pool.acquire() as connection:
            HELD.set(sum(row["count"] for row in await connection.fetch(HELD_JOBS)))

    async def sweep_arrivals(self) -> None:
        """Trucks that stopped inside a fence and fell silent have arrived."""
        await self._sweep(sweep_silent_arrivals, by_silence_of=SILENCE)

    async def tell_silences(self) -> None:
        """Trucks nobody hears of any more, and those heard again."""
        await self._sweep(sweep_silences, by_silence_of=SILENT_AFTER)

    async def close_windows(self) -> None:
        """Tracking ends where the privacy rule says so."""
        await self._sweep(close_overdue_windows)

    async def _sweep(self, sweep: Sweep, *, by_silence_of: dt.timedelta = dt.timedelta()) -> None:
        """Look for what time alone decides. After a jump of the clock every truck seems silent for as long as it
        jumped: silence is judged again when all of it lies after the jump."""
        now = self.clock.now()
        if not self.clock.is_steady_for(by_silence_of):
            return
        async with unit_of_work(self.pool, self.bus) as work:
            work.tell(await sweep(work.connection, now))


async def every(seconds: float, name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Do `work` now and then every so often; while database or broker are away, try again soon."""
    while True:
        try:
            await work()
        except DATABASE_ERRORS as error:
            if not is_away(error):
                raise
            ROUNDS.labels(name, "failed").inc()
            FAILING.labels(name).set(1)
            log.warning("round_failed", name=name, problem=str(error) or type(error).__name__)
            await asyncio.sleep(min(seconds, RETRY_S))
        else:
            ROUNDS.labels(name, "done").inc()
            FAILING.labels(name).set(0)
            await asyncio.sleep(seconds)


async def run(config: WorkerConfig, stop: asyncio.Event) -> None:
    """Work until `stop` is set. Raises OSError or asyncpg.PostgresError when the database is away at the start."""
    pool = await open_pool(config.database)
    bus = Bus(config.bus)
    worker = Worker(config, pool, bus)
    runner = JobRunner(pool)
    worker.register(runner)
    rounds: list[tuple[float, Callable[[], Awaitable[None]]]] = [
        (600, worker.keep_partitions),
        (60, worker.reconcile),
        (3600, worker.forget_old),
        (30, worker.sweep_arrivals),
        (30, worker.close_windows),
        (60, worker.tell_silences),
        (60, worker.count_held),
    ]
    over = asyncio.Event()
    tasks = [asyncio.create_task(every(seconds, work.__name__, work)) for seconds, work in rounds]
    for task in tasks:
        # A round ends by a bug alone. The jobs in hand are finished before it ends the process: cut off in the middle
        # of its start, the queue does not come to an end at all.
        task.add_done_callback(lambda _: over.set())
    stopping = asyncio.create_task(stop.wait())
    stopping.add_done_callback(lambda _: over.set())
    await runner.run(over)
    ended = [task for task in tasks if task.done()]
    stopping.cancel()
    for task in tasks:
        task.cancel()
    for task in ended:
        task.result()
    await bus.close()
    await pool.close()
