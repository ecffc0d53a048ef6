"""Keeps the room of one public link: its trip and nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from freight.basemap import MapSettings
from freight.config import FreightConfig
from freight.errors import NotFound
from freight.live import organisation
from freight.shares.actions import OpenedShare, public_trip
from freight.shares.views import PublicTrip
from freight.tracking.views import PositionView
from push.errors import Ended
from push.keeper import Keeper, now_ms
from push.limits import PushLimits
from push.pace import Pace
from push.rooms import ShareRoom
from push.session import Session
from store.pool import Pool

# The travelled path a new listener is given may lack this much of its newest end.
PATH_AGE_S = 2.0
# A truck that was away for longer has a past to tell: where it was meanwhile comes with, or after, where it is.
AWAY_MS = 60_000
# Looking again reads the whole path: rarer than for a dispatcher, whose room is the one that must never be wrong.
REFRESH_RARELY = 5


class ShareKeeper(Keeper):
    """The shared trip as its link shows it."""

    kind = "share"

    def __init__(
        self, share: OpenedShare, pool: Pool, config: FreightConfig, map_settings: MapSettings, limits: PushLimits
    ) -> None:
        super().__init__(organisation(share.organisation_id), pool, limits, limits.share_positions_every_s)
        self.share = share
        self.config = config
        self.map_settings = map_settings
        self.room = ShareRoom(share.id, share.trip_id)
        self.refresh_every_s *= REFRESH_RARELY
        self.read_at_s = float("-inf")
        self.path_pace = Pace(limits.share_path_every_s)
        self.path_timer: asyncio.TimerHandle | None = None

    async def _look(self) -> PublicTrip | None:
        """The trip as the link shows it; None when the link ended, and then everyone is told so."""
        try:
            async with self.pool.acquire() as connection:
                trip = await public_trip(connection, self.share, self.config, self.map_settings)
        except NotFound:
            for member in self.members:
                member.refuse(Ended())
            return None
        self.read_at_s = time.monotonic()
        return trip

    async def load(self) -> None:
        trip = await self._look()
        if trip is not None:
            self.room.load(trip)

    async def refresh(self) -> None:
        trip = await self._look()
        if trip is None:
            return
        drawn, now_s = self.room.drawn, time.monotonic()
        # With nobody here a path costs nobody anything.
        self.say(self.room.change(trip, with_path=not self.members or self.path_pace.wait_s(now_s) == 0))
        if self.members and self.room.drawn is not drawn:
            self.path_pace.spend(now_s)
        elif self.room.path_is_behind:
            self._look_at_path_after(0.0)
        self.move(())

    def _look_at_path_after(self, wait_s: float) -> None:
        """Read the trip again then, or as soon after as another whole path may be sent."""
        if self.path_timer is None:
            wait_s = max(wait_s, self.path_pace.wait_s(time.monotonic()))
            self.path_timer = asyncio.get_running_loop().call_later(wait_s, self._path_is_due)

    def _path_is_due(self) -> None:
        self.path_timer = None
        self.miss()

    async def read_rows(self, trip_ids: set[int], event_ids: set[int], user_ids: set[int]) -> None:
        # Whatever happened, the openers of a link see it on the trip.
        await self.refresh()

    async def prepare(self, member: Session) -> None:
        async with self.reading:
            if time.monotonic() - self.read_at_s > PATH_AGE_S:
                await self.refresh()

    def welcome(self, member: Session) -> None:
        if self.room.trip is None:
            member.refuse(Ended())
        else:
            member.say(self.room.snapshot(now_ms()))

    def take(self, positions: Iterable[PositionView]) -> None:
        known = self.room.position
        self.room.take(positions)
        newest = self.room.position
        if known and newest and newest.fix_time_ms - known.fix_time_ms > AWAY_MS:
            self._look_at_path_after(self.limits.share_path_settles_s)

    def positions_frame(self) -> bytes | None:
        return self.room.positions_frame(now_ms())

    def concerns(self, trip_id: int | None) -> bool:
        return trip_id == self.share.trip_id

    def stop(self) -> None:
        super().stop()
        if self.path_timer is not None:
            self.path_timer.cancel()
