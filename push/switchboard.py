"""Who is connected and which rooms there are: the one place where bus, rooms and sockets meet.

Nothing is shared with other push processes but Redis: each listens to the channels its own rooms need.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec
import structlog

from freight.accounts.actions import alive_sessions
from freight.live import Positions, decode, decode_control
from freight.shares.actions import alive_shares
from freight.tracking.positions import unpacked
from push import metrics
from push.errors import Ended, NotNow, TooMany, TooSlow
from push.limits import PushLimits
from push.rooms.room import Room
from push.session import Session
from store.away import DATABASE_ERRORS, is_away
from store.bus import CONTROL, GAP, BusConfig, Listener
from store.pauses import happens_within
from store.pool import Pool

log = structlog.get_logger()

LOOK_EVERY_S = 0.5

Owner = TypeVar("Owner", int, str)


class Switchboard:
    """All rooms and sockets of this process."""

    def __init__(self, pool: Pool, bus: BusConfig, limits: PushLimits) -> None:
        self.pool = pool
        self.limits = limits
        self.listener = Listener(bus, self.hear, self.lose)
        self.listener.channels.add(CONTROL)
        metrics.BUS_CONNECTED.set_function(lambda: float(self.listener.connected))
        self.rooms: dict[tuple[str, int], Room] = {}
        self.by_channel: dict[str, set[Room]] = {}
        self.tasks: dict[Room, asyncio.Task[None]] = {}
        self.sessions: set[Session] = set()
        self.per_user: Counter[int] = Counter()
        self.per_network: Counter[str] = Counter()
        self.recheck_due = asyncio.Event()

    async def run(self) -> None:
        """Listen, look after slow clients and check credentials, until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.listener.run())
                group.create_task(self._look_after())
                group.create_task(self._recheck())
        finally:
            tasks = list(self.tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def hear(self, channel: str, payload: bytes) -> None:
        """One message of the bus."""
        if channel == CONTROL:
            self._control(payload)
            return
        rooms = self.by_channel.get(channel, ())
        if payload == GAP:
            metrics.GAPS.inc()
            for room in rooms:
                room.miss()
            return
        try:
            message = decode(payload)
            positions = unpacked(message) if isinstance(message, Positions) else None
        except msgspec.DecodeError as error:
            metrics.BAD_BUS_MESSAGES.inc()
            log.warning("bus_message_unreadable", channel=channel, error=str(error))
            return
        for room in rooms:
            if positions is None:
                room.hear(message)
            else:
                room.hear_positions(positions)

    def lose(self) -> None:
        """The bus was lost and found again: every room begins anew."""
        metrics.BUS_LOSSES.inc()
        for room in self.rooms.values():
            room.lose()
        self.recheck_due.set()

    def _control(self, payload: bytes) -> None:
        try:
            if payload != GAP:
                decode_control(payload)
        except msgspec.DecodeError as error:
            metrics.BAD_BUS_MESSAGES.inc()
            log.warning("bus_message_unreadable", channel=CONTROL, error=str(error))
            return
        # Whomever it names: one query looks at all open sockets, and what is lost needs no other road.
        self.recheck_due.set()

    def admit(self, session: Session) -> None:
        """Count a socket whose owner is known. Raises TooMany beyond the limit of a person or a network."""
        if session.user_id is not None:
            if self.per_user[session.user_id] >= self.limits.sockets_per_user:
                raise TooMany("Too many windows are open")
            self.per_user[session.user_id] += 1
        else:
            if self.per_network[session.network] >= self.limits.sockets_per_network:
                raise TooMany("Too many windows are open")
            self.per_network[session.network] += 1
        self.sessions.add(session)

    async def enter(self, session: Session, key: tuple[str, int], make: Callable[[], Room]) -> None:
        """Let an admitted socket into a room; the room is made for its first listener."""
        room = self.rooms.get(key)
        if room is not None and room.failed:
            self._close(key)
            room = None
        if room is None:
            room = self.rooms[key] = make()
            for channel in room.channels:
                self.by_channel.setdefault(channel, set()).add(room)
            self.tasks[room] = asyncio.create_task(self._keep(room))
            metrics.ROOMS.labels(room.kind).inc()
        session.room = room
        room.visitors += 1
        await room.join(session)
        metrics.SOCKETS.labels(room.kind).inc()

    async def _keep(self, room: Room) -> None:
        # Listened to before anything is read: what changes meanwhile is heard.
        for channel in room.channels:
            await self.listener.add(channel)
        try:
            await room.run()
        except Exception:
            # A room that stands still in silence would be worse than none: its pages come again and open it anew.
            log.exception("room_failed", channels=room.channels)
            room.failed = True
            for session in self.sessions:
                if session.room is room:
                    session.refuse(NotNow())

    def leave(self, session: Session) -> None:
        """Forget a socket; its room stays a little and is then dropped if empty."""
        if session in self.sessions:
            self.sessions.discard(session)
            if session.user_id is not None:
                _release(self.per_user, session.user_id)
            else:
                _release(self.per_network, session.network)
        room = session.room
        session.forget()
        if room is None:
            return
        room.visitors -= 1
        if session in room.members:
            room.members.discard(session)
            metrics.SOCKETS.labels(room.kind).dec()
        room.empty_since_s = time.monotonic()

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            now_s = time.monotonic()
            for session in list(self.sessions):
                if session.too_slow(now_s):
                    session.refuse(TooSlow())
            empty = [
                key
                for key, room in self.rooms.items()
                if room.visitors == 0 and now_s - room.empty_since_s > self.limits.empty_room_s
            ]
            for key in empty:
                for channel in self._close(key):
                    await self.listener.remove(channel)

    def _close(self, key: tuple[str, int]) -> list[str]:
        """Drop a room; the channels nobody listens to any more."""
        room = self.rooms.pop(key)
        room.stop()
        self.tasks.pop(room).cancel()
        metrics.ROOMS.labels(room.kind).dec()
        unheard = []
        for channel in room.channels:
            others = self.by_channel[channel]
            others.discard(room)
            if not others:
                del self.by_channel[channel]
                unheard.append(channel)
        return unheard

    async def _recheck(self) -> None:
        while True:
            await happens_within(self.recheck_due, self.limits.recheck_every_s)
            self.recheck_due.clear()
            try:
                await self.recheck(list(self.sessions))
            except DATABASE_ERRORS as error:
                if not is_away(error):
                    raise
                metrics.READ_FAILURES.inc()
                log.warning("sessions_not_checked", error=repr(error))

    async def recheck(self, sessions: Iterable[Session]) -> None:
        """Close every socket whose session or link does not hold any more; two queries for all of them."""
        hashes = {session.token_hash for session in sessions if session.token_hash is not None}
        shares = {session.share_id for session in sessions if session.share_id is not None}
        if not hashes and not shares:
            return
        async with self.pool.acquire() as connection:
            alive = await alive_sessions(connection, list(hashes)) if hashes else set()
            open_shares = await alive_shares(connection, list(shares)) if shares else set()
        for session in sessions:
            holds = session.token_hash in alive if session.token_hash is not None else session.share_id in open_shares
            if not holds:
                session.refuse(Ended())


def _release(counter: Counter[Owner], owner: Owner) -> None:
    counter[owner] -= 1
    if counter[owner] <= 0:
        del counter[owner]
