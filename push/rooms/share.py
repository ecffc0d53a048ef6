"""The room of one public link: its trip and nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from freight.basemap import MapSettings
from freight.config import FreightConfig
from freight.errors import NotFound
from freight.live import organisation
from freight.shares.actions import OpenedShare, public_trip
from freight.shares.views import PublicTrip
from freight.tracking.views import PositionView, TrackView
from push.errors import Ended
from push.limits import PushLimits
from push.messages import Positions, ShareChanged, ShareSnapshot
from push.pace import Pace
from push.rooms.picture import Steps, encode, newest
from push.rooms.room import Room, now_ms
from push.session import Session
from store.pool import Connection, Pool

# The travelled path a new listener is given may lack this much of its newest end.
PATH_AGE_S = 2.0
# A truck that was away for longer has a past to tell: where it was meanwhile comes with, or after, where it is.
AWAY_MS = 60_000
# Looking again reads the whole path: rarer than for a dispatcher, whose room is the one that must never be wrong.
REFRESH_RARELY = 5


class SharePicture(Steps):
    """One shared trip, as the openers of one link see it, without I/O."""

    def __init__(self, trip_id: int) -> None:
        super().__init__()
        self.trip_id = trip_id
        self.trip: PublicTrip | None = None
        self.position: PositionView | None = None
        self.moved = False
        # What every page here draws at least: a path, and the positions it was told since.
        self.drawn: TrackView | None = None
        self.heard = 0

    def load(self, trip: PublicTrip) -> None:
        """Begin a new epoch with this picture; a position heard since before it was read stays if newer."""
        self.begin()
        self.trip = trip
        self.drawn, self.heard = trip.track, 0
        self.position = newest(trip.position, self.position)
        self.moved = False

    def take(self, positions: Iterable[PositionView]) -> None:
        """Merge positions from the bus; those of other trips are passed over."""
        for position in positions:
            if position.trip_id == self.trip_id and newest(self.position, position) is not self.position:
                self.position = position
                self.moved = True
                self.heard += 1

    @property
    def path_is_behind(self) -> bool:
        """Whether the pages lack points of the path: those that came late, or many at once."""
        if self.trip is None or self.trip.track is None or self.trip.track == self.drawn:
            return False
        lacking = self.trip.track.stored_count - (self.drawn.stored_count if self.drawn else 0) - self.heard
        # One refolded without a new point is another path as well.
        return lacking > 0 or self.heard == 0

    def positions_frame(self, server_time_ms: int) -> bytes | None:
        """The newest position if it moved since the last such frame, or None."""
        if not self.moved or self.position is None:
            return None
        self.moved = False
        return encode(Positions(*self.step(), server_time_ms, [self.position]))

    def change(self, trip: PublicTrip, *, with_path: bool) -> bytes | None:
        """Put the trip as just read in place; a frame if it differs. It leaves out a route and a track the pages
        have; `with_path` brings a track they lack points of."""
        known = self.trip
        merged = newest(self.position, trip.position)
        self.moved = self.moved or merged is not self.position
        self.position, self.trip = merged, trip
        track = trip.track if with_path and self.path_is_behind else None
        if track is None and known is not None and self._face(known) == self._face(trip):
            return None
        if track is not None:
            self.drawn, self.heard = track, 0
        route = None if known is not None and known.route == trip.route else trip.route
        said = replace(trip, route=route, track=track, position=merged)
        return encode(ShareChanged(*self.step(), said))

    def snapshot(self, server_time_ms: int) -> bytes:
        """The whole picture as a frame. Raises LookupError before the first `load`."""
        if self.trip is None:
            raise LookupError("nothing loaded yet")
        trip = replace(self.trip, position=self.position, server_time_ms=server_time_ms)
        return encode(ShareSnapshot(self.epoch, self.sequence, server_time_ms, trip))

    @staticmethod
    def _face(trip: PublicTrip) -> PublicTrip:
        return replace(trip, track=None, position=None, server_time_ms=0)


class ShareRoom(Room):
    """The shared trip as its link shows it."""

    kind = "share"

    def __init__(
        self, share: OpenedShare, pool: Pool, config: FreightConfig, map_settings: MapSettings, limits: PushLimits
    ) -> None:
        super().__init__([organisation(share.organisation_id)], pool, limits, limits.share_positions_every_s)
        self.share = share
        self.config = config
        self.map_settings = map_settings
        self.picture = SharePicture(share.trip_id)
        self.refresh_every_s *= REFRESH_RARELY
        self.read_at_s = float("-inf")
        self.path_pace = Pace(limits.share_path_every_s)
        self.path_timer: asyncio.TimerHandle | None = None

    async def _look(self, connection: Connection) -> PublicTrip | None:
        """The trip as the link shows it; None when the link ended, and then everyone is told so."""
        try:
            trip = await public_trip(connection, self.share, self.config, self.map_settings)
        except NotFound:
            for member in self.members:
                member.refuse(Ended())
            return None
        self.read_at_s = time.monotonic()
        return trip

    async def load(self, connection: Connection) -> None:
        trip = await self._look(connection)
        if trip is not None:
            self.picture.load(trip)

    async def refresh(self, connection: Connection) -> None:
        trip = await self._look(connection)
        if trip is None:
            return
        drawn, now_s = self.picture.drawn, time.monotonic()
        # With nobody here a path costs nobody anything.
        self.say(self.picture.change(trip, with_path=not self.members or self.path_pace.wait_s(now_s) == 0))
        if self.members and self.picture.drawn is not drawn:
            self.path_pace.spend(now_s)
        elif self.picture.path_is_behind:
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

    async def read(self, connection: Connection, due: Mapping[str, set[int]]) -> None:
        # Whatever happened, the openers of a link see it on the trip.
        await self.refresh(connection)

    async def prepare(self, member: Session) -> None:
        async with self.reading:
            if time.monotonic() - self.read_at_s > PATH_AGE_S:
                async with self.pool.acquire() as connection:
                    await self.refresh(connection)

    def snapshot(self, member: Session) -> bytes | None:
        if self.picture.trip is None:
            member.refuse(Ended())
            return None
        return self.picture.snapshot(now_ms())

    def take(self, positions: Iterable[PositionView]) -> None:
        known = self.picture.position
        self.picture.take(positions)
        newest = self.picture.position
        if known and newest and newest.fix_time_ms - known.fix_time_ms > AWAY_MS:
            self._look_at_path_after(self.limits.share_path_settles_s)

    def positions_frame(self) -> bytes | None:
        return self.picture.positions_frame(now_ms())

    def concerns(self, noun: str, id: int) -> bool:
        return noun == "trip" and id == self.share.trip_id

    def stop(self) -> None:
        super().stop()
        if self.path_timer is not None:
            self.path_timer.cancel()
