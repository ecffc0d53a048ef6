"""What every room has: listeners, a pace for its positions, and one task that keeps it equal to the database.

Positions come whole from the bus and are merged at once. Of facts and changes only ids come: the task reads their
rows, all that gathered meanwhile in one go, always one read after another, so that what is read later is never older.
"""

from __future__ import annotations

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import structlog

from freight.live import Changed, Happened, Message, Notified
from freight.tracking.views import PositionView
from push import metrics
from push.limits import PushLimits
from push.pace import Pace
from push.protocol import text_frame
from push.rooms.bell import Bell
from push.session import Session
from store.away import DATABASE_ERRORS, is_away
from store.pauses import happens_within
from store.pool import Connection, Pool

log = structlog.get_logger()

RETRY_S = 0.5
# After so many failures in a row it may be one of the ids that cannot be read: look at everything instead.
FORGET_AFTER = 3
# A quarter of the interval: phones that speak once a second are not that irregular.
EARLY_SHARE = 0.25
# Besides the nouns of the business: rows of events, and people whose notifications are counted again.
EVENT, PERSON = "event", "person"


def now_ms() -> int:
    """The server's clock, milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


class Room(ABC):
    """A room of the live side. A new noun is one file that says how it is loaded, what changes in it and how that is
    told; its listeners, its pace and its reading are here."""

    kind = ""

    def __init__(self, channels: Sequence[str], pool: Pool, limits: PushLimits, positions_every_s: float) -> None:
        self.channels = channels
        self.pool = pool
        self.limits = limits
        self.refresh_every_s = limits.refresh_every_s
        self.members: set[Session] = set()
        self.bell = Bell(self.members)
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
        # Rows to be read again: noun → ids.
        self.due: dict[str, set[int]] = defaultdict(set)
        self.positions_every_s = positions_every_s
        self.pace = Pace(positions_every_s, positions_every_s * EARLY_SHARE)
        self.flush_timer: asyncio.TimerHandle | None = None
        self.oldest_received_ms = 0

    @abstractmethod
    async def load(self, connection: Connection) -> None:
        """Fill the picture anew, in a new epoch; everyone gets a snapshot after it."""

    @abstractmethod
    async def refresh(self, connection: Connection) -> None:
        """Compare the picture with the database and say what differs."""

    async def catch_up(self, connection: Connection) -> None:  # noqa: B027 - nothing to do where no facts are shown
        """Tell what happened and no message told."""

    @abstractmethod
    def concerns(self, noun: str, id: int) -> bool:
        """Whether a change of this row, or a fact about it, is shown here."""

    @abstractmethod
    async def read(self, connection: Connection, due: Mapping[str, set[int]]) -> None:
        """Read rows that changed, ids by noun, and say what is new of them."""

    @abstractmethod
    def snapshot(self, member: Session) -> bytes | None:
        """The whole picture for one listener; None when there is nothing to show him any more, and he was told so."""

    @abstractmethod
    def take(self, positions: Iterable[PositionView]) -> None:
        """Merge positions into the picture."""

    @abstractmethod
    def positions_frame(self) -> bytes | None:
        """What moved since the last such frame."""

    async def run(self) -> None:
        """Read what is due, for ever; a database that is away is asked again."""
        self.wake.set()
        while True:
            # Every room at its own moment, or all would read at once.
            if not await happens_within(self.wake, self.refresh_every_s * random.uniform(0.8, 1.2)):
                self.refresh_due = True
            self.wake.clear()
            try:
                async with self.reading, self.pool.acquire() as connection:
                    await self._read(connection)
                self.failures = 0
            except DATABASE_ERRORS as error:
                if not is_away(error):
                    raise
                metrics.READ_FAILURES.inc()
                log.warning("room_not_read", channels=self.channels, error=repr(error))
                self._remember_failure()
                self.wake.set()
                await asyncio.sleep(RETRY_S)

    def _remember_failure(self) -> None:
        self.failures += 1
        if self.failures >= FORGET_AFTER:
            self.due.clear()
            self.refresh_due = True

    async def _read(self, connection: Connection) -> None:
        if self.reload_due:
            await self._load(connection)
        if self.refresh_due:
            self.refresh_due = False
            try:
                await self.refresh(connection)
                await self.bell.look(connection)
                await self.catch_up(connection)
            except BaseException:
                self.refresh_due = True
                raise
        await self._read_due(connection)

    async def _load(self, connection: Connection) -> None:
        self.reload_due = self.refresh_due = False
        try:
            await self.load(connection)
            await self.bell.count(connection)
        except BaseException:
            self.reload_due = True
            raise
        self.loaded.set()
        for member in self.members:
            self.welcome(member)
        try:
            await self.catch_up(connection)
        except BaseException:
            self.refresh_due = True
            raise

    async def _read_due(self, connection: Connection) -> None:
        due, self.due = self.due, defaultdict(set)
        if not due:
            return
        try:
            await self.read(connection, due)
            if PERSON in due:
                await self.bell.ring(connection, due[PERSON])
        except BaseException:
            for noun, ids in due.items():
                self.due[noun] |= ids
            raise

    def hear_positions(self, positions: Sequence[PositionView]) -> None:
        """New positions on one of the room's channels."""
        self.take(positions)
        self.move(positions)

    def hear(self, message: Message) -> None:
        """One message of the room's channels."""
        match message:
            case Changed(noun=noun, id=id) if self.concerns(noun, id):
                self.due[noun].add(id)
            case Happened(event_id=event_id, noun=noun, id=id) if self.concerns(noun, id):
                self.due[EVENT].add(event_id)
                # A stage is seen on the trip as well; reading it twice costs nothing.
                self.due[noun].add(id)
            case Notified(user_id=user_id) if any(member.user_id == user_id for member in self.members):
                self.due[PERSON].add(user_id)
        if self.due:
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

    async def prepare(self, member: Session) -> None:
        """Read what a snapshot to this one needs besides the picture."""
        async with self.pool.acquire() as connection:
            await self.bell.prepare(connection, member)

    def welcome(self, member: Session) -> None:
        """Send a snapshot."""
        snapshot = self.snapshot(member)
        if snapshot is not None:
            member.say(snapshot)

    def stop(self) -> None:
        """Forget the timer; the task is cancelled by whoever started it."""
        if self.flush_timer is not None:
            self.flush_timer.cancel()
