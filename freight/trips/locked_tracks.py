"""Tracks locked for a change, and written back: one statement for any number of trips."""

import datetime as dt
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from freight.trips.plans import TripPlan, microseconds, read_plan
from freight.trips.tracking_queries import (
    LOCK_FINISHED_TRACKS,
    LOCK_OPEN_TRACKS,
    LOCK_TRACKS,
    PLANS,
    SAVE_TRACKS,
)
from freight.trips.views import PositionView
from geo.batch import TrackState
from geo.fix import flag_names
from geo.state import Folded, decode_state, encode_state
from store.pool import Connection

MOST_KEPT = 20_000
_VERSION_BYTES = 4


class LockedTrack:
    """A trip whose track row this transaction has locked.

    `fold` is where the fold stands; with `needs_refold` it can't be gone on from (another plan, another version of
    the state) and the stored track has to be folded from its beginning.
    """

    __slots__ = (
        "battery_pct",
        "eta_at",
        "eta_computed_at",
        "fix_count",
        "fold",
        "needs_refold",
        "newest_us",
        "progress_m",
        "saved_state",
        "sequence",
        "trip",
        "window_to_us",
    )

    def __init__(self, trip: TripPlan, fold: TrackState, row: Mapping[str, Any], needs_refold: bool) -> None:
        self.trip = trip
        self.fold = fold
        self.needs_refold = needs_refold
        self.window_to_us = None if row["window_to"] is None else microseconds(row["window_to"])
        self.newest_us = None if row["fix_time"] is None else microseconds(row["fix_time"])
        self.sequence: int = row["sequence"]
        self.fix_count: int = row["fix_count"]
        self.battery_pct: int | None = row["battery_pct"]
        self.progress_m: float | None = row["progress_m"]
        self.eta_at: dt.datetime | None = row["eta_at"]
        self.eta_computed_at: dt.datetime | None = row["eta_computed_at"]
        self.saved_state = b""


class _Known:
    """What is kept of a trip between batches: its plan, its state, and the bytes that state was read from."""

    __slots__ = ("fold", "state_bytes", "trip")

    def __init__(self, trip: TripPlan) -> None:
        self.trip = trip
        self.fold = TrackState(trip.plan)
        self.state_bytes: bytes | None = None


class TrackBook:
    """Locks tracks and reads their plans, keeping the compiled ones of lately seen trips.

    The rows decide: what is kept only saves reading them again while the row still holds the same bytes.
    """

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self.most_kept = most_kept
        self._known: OrderedDict[int, _Known] = OrderedDict()

    async def lock_open(self, connection: Connection, driver_ids: Sequence[int]) -> list[LockedTrack]:
        """The open trips of drivers, locked until the transaction ends."""
        return await self._locked(connection, await connection.fetch(LOCK_OPEN_TRACKS, driver_ids))

    async def lock_finished(
        self, connection: Connection, driver_ids: Sequence[int], oldest: dt.datetime, newest: dt.datetime
    ) -> list[LockedTrack]:
        """The finished trips of drivers whose window meets a span of time, locked until the transaction ends."""
        rows = await connection.fetch(LOCK_FINISHED_TRACKS, driver_ids, oldest, newest)
        return await self._locked(connection, rows)

    async def lock(self, connection: Connection, trip_ids: Sequence[int]) -> list[LockedTrack]:
        """These trips, locked until the transaction ends; unknown ids are left out."""
        return await self._locked(connection, await connection.fetch(LOCK_TRACKS, trip_ids))

    async def _locked(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[LockedTrack]:
        stale = [row["trip_id"] for row in rows if self._is_stale(row)]
        if stale:
            # Read after the lock, so that nothing can change them any more.
            for row in await connection.fetch(PLANS, stale):
                self._known[row["id"]] = _Known(read_plan(row))
        tracks = [self._track(row) for row in rows]
        while len(self._known) > self.most_kept:
            self._known.popitem(last=False)
        return tracks

    def remember(self, updates: Iterable["TrackUpdate"]) -> None:
        """After commit: go on from what was saved without reading it again."""
        for update in updates:
            known = self._known.get(update.track.trip.trip_id)
            if known is not None and known.trip is update.track.trip:
                if update.folded is not None:
                    known.fold.accept(update.folded)
                known.state_bytes = update.track.saved_state

    def _is_stale(self, row: Mapping[str, Any]) -> bool:
        known = self._known.get(row["trip_id"])
        # The row of the trip may be older than that of its track, which was read again after waiting for the lock.
        return known is None or known.trip.version < max(row["plan_version"], version_of(row["state"]))

    def _track(self, row: Mapping[str, Any]) -> LockedTrack:
        known = self._known[row["trip_id"]]
        state_bytes: bytes | None = row["state"]
        needs_refold = False
        if known.state_bytes is None or known.state_bytes != state_bytes:
            state = None
            if version_of(state_bytes) == known.trip.version:
                state = decode_state((state_bytes or b"")[_VERSION_BYTES:])
            needs_refold = state is None and row["fix_count"] > 0
            known.fold = TrackState(known.trip.plan, state, known.fold.compiled)
            known.state_bytes = None if needs_refold else state_bytes
        return LockedTrack(known.trip, known.fold, row, needs_refold)


def version_of(state_bytes: bytes | None) -> int:
    """The version of the plan a stored state was folded against; 0 when there is none."""
    return int.from_bytes(state_bytes[:_VERSION_BYTES], "big") if state_bytes else 0


class Newest(msgspec.Struct, frozen=True):
    """A trip's newest trusted fix, as stored."""

    fix_time_us: int
    lat: float
    lon: float
    accuracy_m: float | None
    speed_mps: float | None
    bearing_deg: float | None
    flags: int


class Arrival(msgspec.Struct, frozen=True):
    """When the truck will be there, as computed at `computed_at`; `progress_m` along the planned route."""

    progress_m: float
    distance_left_m: float
    eta_at: dt.datetime | None
    computed_at: dt.datetime


class TrackUpdate(msgspec.Struct, frozen=True):
    """What becomes of one track. `folded` None: nothing was folded; `newest` None: the position shown stays;
    `added` fixes were stored. With `refold_waits` some of these are not folded yet: whoever does not know more than
    the row has to fold the track anew."""

    track: LockedTrack
    folded: Folded | None
    added: int
    received_at_us: int | None
    newest: Newest | None
    battery_pct: int | None = None
    arrival: Arrival | None = None
    refold_waits: bool = False


async def save_tracks(connection: Connection, updates: Sequence[TrackUpdate]) -> None:
    """Write tracks back; each one's sequence rises by one."""
    if not updates:
        return
    for update in updates:
        state = update.track.fold.state if update.folded is None else update.folded.state
        version = 0 if update.refold_waits else update.track.trip.version
        update.track.saved_state = version.to_bytes(_VERSION_BYTES, "big") + encode_state(state)
    newest = [update.newest for update in updates]
    arrivals = [update.arrival for update in updates]
    await connection.execute(
        SAVE_TRACKS,
        [update.track.trip.trip_id for update in updates],
        [update.track.saved_state for update in updates],
        [update.added for update in updates],
        [update.received_at_us for update in updates],
        [None if fix is None else fix.fix_time_us for fix in newest],
        [None if fix is None else fix.lat for fix in newest],
        [None if fix is None else fix.lon for fix in newest],
        [None if fix is None else fix.accuracy_m for fix in newest],
        [None if fix is None else fix.speed_mps for fix in newest],
        [None if fix is None else fix.bearing_deg for fix in newest],
        [update.battery_pct for update in updates],
        [0 if fix is None else fix.flags for fix in newest],
        [None if arrival is None else arrival.progress_m for arrival in arrivals],
        [None if arrival is None else arrival.eta_at for arrival in arrivals],
        [None if arrival is None else arrival.computed_at for arrival in arrivals],
    )


def position_view(update: TrackUpdate) -> PositionView | None:
    """What listeners are told of an update; None when the truck was not seen anew."""
    fix, track, arrival = update.newest, update.track, update.arrival
    if fix is None or update.received_at_us is None:
        return None
    return PositionView(
        trip_id=track.trip.trip_id,
        sequence=track.sequence + 1,
        fix_time_ms=fix.fix_time_us // 1000,
        received_at_ms=update.received_at_us // 1000,
        lat=fix.lat,
        lon=fix.lon,
        accuracy_m=fix.accuracy_m,
        speed_mps=fix.speed_mps,
        bearing_deg=fix.bearing_deg,
        battery_pct=track.battery_pct if update.battery_pct is None else update.battery_pct,
        flags=_names_of(fix.flags),
        progress_m=track.progress_m if arrival is None else arrival.progress_m,
        distance_left_m=None if arrival is None else arrival.distance_left_m,
        eta_at_ms=_milliseconds(track.eta_at if arrival is None else arrival.eta_at),
        eta_computed_at_ms=_milliseconds(track.eta_computed_at if arrival is None else arrival.computed_at),
    )


@lru_cache(maxsize=4096)
def _names_of(flags: int) -> list[str]:
    return flag_names(flags)


def _milliseconds(at: dt.datetime | None) -> int | None:
    return None if at is None else microseconds(at) // 1000
