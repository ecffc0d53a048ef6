"""A room kept equal to the database, and its listeners fed.

Positions come whole from the bus and are merged at once. Of facts only ids come: one task a room reads their rows,
all that gathered meanwhile in one go, always one read after another, so that what is read later is never older.
"""

from __future__ import annotations

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

import structlog

from freight.live import Changed, Happened, Message, Notified
from freight.tracking.views import PositionView
from push import metrics
from push.limits import PushLimits
from push.pace import Pace
from push.protocol import text_frame
from push.session import Session
from store.away import DATABASE_ERRORS, is_away
from store.pauses import happens_within
from store.pool import Pool

log = structlog.get_logger()

RETRY_S = 0.5
# After so many failures in a row it may be one of the ids that cannot be read: look at everything instead.
FORGET_AFTER = 3
# A quarter of the interval: phones that speak once a second are not that irregular.
EARLY_SHARE = 0.25


def now_ms() -> int:
    """The server's clock, milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


class Keeper(ABC):
    """What every room needs: its listeners, the pace of its positions, the task that reads rows.

    Subclasses say how a room is loaded, refreshed and what a message means to it.
    """

    kind = ""

    def __init__(self, channel: str, pool: Pool, limits: PushLimits, positions_every_s: float) -> None:
        self.channel = channel
        self.pool = pool
        self.limits = limits
        self.refresh_every_s = limits.refresh_every_s
        self.members: set[Session] = set()
        # Sockets in the room or on their way into it; an empty room is dropped after a while.
        self.visitors = 0
        self.empty_since_s = 0.0
        self.failed = False
        self.failures = 0
        self.loaded = asyncio.Event()
        self.wake = asyncio.Event()
        # One reader at a time, or an older answer could overwrite a newer one.
        self.reading = asyncio.Lock()
        self.reload_due = True
        self.refresh_due = False
        self.trips_due: set[int] = set()
        self.events_due: set[int] = set()
        self.users_due: set[int] = set()
        self.positions_every_s = positions_every_s
        self.pace = Pace(positions_every_s, positions_every_s * EARLY_SHARE)
        self.flush_timer: asyncio.TimerHandle | None = None
        self.oldest_received_ms = 0

    async def run(self) -> None:
        """Read what is due, for ever; a database that is away is asked again."""
        self.wake.set()
        while True:
            # Every room at its own moment, or all would read at once.
            if not await happens_within(self.wake, self.refresh_every_s * random.uniform(0.8, 1.2)):
                self.refresh_due = True
            self.wake.clear()
            try:
                async with self.reading:
                    await self._read()
                self.failures = 0
            except DATABASE_ERRORS as error:
                if not is_away(error):
                    raise
                metrics.READ_FAILURES.inc()
                log.warning("room_not_read", channel=self.channel, error=repr(error))
                self._remember_failure()
                self.wake.set()
                await asyncio.sleep(RETRY_S)

    def _remember_failure(self) -> None:
        self.failures += 1
        if self.failures >= FORGET_AFTER:
            self.trips_due.clear()
            self.events_due.clear()
            self.refresh_due = True

    async def _read(self) -> None:
        if self.reload_due:
            self.reload_due = False
            try:
                await self.load()
            except BaseException:
                self.reload_due = True
                raise
            self.refresh_due = False
            self.loaded.set()
            for member in self.members:
                self.welcome(member)
            await self.catch_up()
        if self.refresh_due:
            self.refresh_due = False
            try:
                await self.refresh()
            except BaseException:
                self.refresh_due = True
                raise
        await self._read_due()

    async def _read_due(self) -> None:
        trips, self.trips_due = self.trips_due, set()
        events, self.events_due = self.events_due, set()
        users, self.users_due = self.users_due, set()
        if not (trips or events or users):
            return
        try:
            await self.read_rows(trips, events, users)
        except BaseException:
            self.trips_due |= trips
            self.events_due |= events
            self.users_due |= users
            raise

    @abstractmethod
    async def load(self) -> None:
        """Fill the room anew, in a new epoch."""

    @abstractmethod
    async def refresh(self) -> None:
        """Compare the room with the database and say what differs."""

    async def catch_up(self) -> None:  # noqa: B027 - nothing to do where no facts are shown
        """Tell what happened and no message told."""

    @abstractmethod
    async def read_rows(self, trip_ids: set[int], event_ids: set[int], user_ids: set[int]) -> None:
        """Read rows that changed and say so."""

    @abstractmethod
    def welcome(self, member: Session) -> None:
        """Send a snapshot."""

    @abstractmethod
    def take(self, positions: Iterable[PositionView]) -> None:
        """Merge positions into the room."""

    @abstractmethod
    def positions_frame(self) -> bytes | None:
        """What moved since the last such frame."""

    @abstractmethod
    def concerns(self, trip_id: int | None) -> bool:
        """Whether a change of this trip is shown here."""

    def hear_positions(self, positions: Sequence[PositionView]) -> None:
        """New positions on the room's channel."""
        self.take(positions)
        self.move(positions)

    def hear(self, message: Message) -> None:
        """One message of the room's channel."""
        match message:
            case Changed(noun="trip", id=trip_id):
                if self.concerns(trip_id):
                    self.trips_due.add(trip_id)
            case Happened(event_id=event_id, noun=noun, id=about):
                told_of = about if noun == "trip" else None
                if self.concerns(told_of):
                    self.events_due.add(event_id)
                    if told_of is not None:
                        # A stage is seen on the trip as well; reading it twice costs nothing.
                        self.trips_due.add(told_of)
            case Notified(user_id=user_id):
                if any(member.user_id == user_id for member in self.members):
                    self.users_due.add(user_id)
        if self.trips_due or self.events_due or self.users_due:
            self.wake.set()

    def miss(self) -> None:
        """A message was lost on its way: look whether the room is still right."""
        self.refresh_due = True
        self.wake.set()

    def lose(self) -> None:
        """The bus was lost and found again: begin anew."""
        self.reload_due = True
        self.wake.set()

    def move(self, positions: Iterable[PositionView]) -> None:
        """Positions were taken (or rows brought newer ones): send them now, or when the pace allows."""
        for position in positions:
            if position.received_at_ms > self.oldest_received_ms:
                self.oldest_received_ms = position.received_at_ms
        if self.flush_timer is None:
            wait_s = self.pace.wait_s(time.monotonic())
            if wait_s > 0:
                self.flush_timer = asyncio.get_running_loop().call_later(wait_s, self.flush)
            else:
                self.flush()

    def flush(self) -> None:
        """Send what moved, if anything did."""
        self.flush_timer = None
        frame = self.positions_frame()
        if frame is not None:
            # Trucks out of step would wait half an interval each: as short as the listeners together can bear.
            self.pace.every_s = max(self.positions_every_s, len(self.members) / self.limits.position_frames_per_s)
            self.pace.spend(time.monotonic())
            metrics.LAG.observe(max(0, now_ms() - self.oldest_received_ms) / 1000)
            self.say(frame)

    def say(self, message: bytes | None) -> None:
        """Send one JSON message to every listener, framed once for all."""
        if message is None or not self.members:
            return
        frame = text_frame(message)
        for member in self.members:
            member.pipe.offer(frame)
        metrics.FRAMES.inc(len(self.members))
        metrics.BYTES.inc(len(self.members) * len(frame))

    async def join(self, member: Session) -> None:
        """Let a socket in: a snapshot, then every frame after it."""
        await self.loaded.wait()
        await self.prepare(member)
        self.welcome(member)
        self.members.add(member)

    async def prepare(self, member: Session) -> None:  # noqa: B027 - most rooms need nothing more
        """Read what a snapshot to this one needs besides the room."""

    def stop(self) -> None:
        """Forget the timer; the task is cancelled by whoever started it."""
        if self.flush_timer is not None:
            self.flush_timer.cancel()
