"""Tracks locked for a change, and written back: one statement for any number of trips."""

import datetime as dt
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from freight.moments import microseconds
from freight.tracking.plans import TripPlan, read_plan
from freight.tracking.queries import (
    LOCK_FINISHED_TRACKS,
    LOCK_OPEN_TRACKS,
    LOCK_TRACKS,
    PLANS,
    READ_TRACKS,
    SAVE_TRACKS,
    SEQUENCES,
)
from freight.tracking.views import PositionView
from geo.batch import TrackState
from geo.fix import flag_names
from geo.plan import CompiledPlan
from geo.state import Folded, decode_state, encode_state
from store.pool import Connection

MOST_KEPT = 20_000
_VERSION_BYTES = 4
_NO_ARRIVAL = (None,) * 3
_NO_POSITION = (None,) * 7


class LockedTrack:
    """A trip whose track row this transaction has locked, as that row stands.

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
        "sequence",
        "trip",
        "window_to_us",
    )

    def __init__(self, trip: TripPlan, row: Mapping[str, Any], compiled: CompiledPlan | None) -> None:
        state = None
        if version_of(row["state"]) == trip.version:
            state = decode_state((row["state"] or b"")[_VERSION_BYTES:])
        self.trip = trip
        self.fold = TrackState(trip.plan, state, compiled)
        self.needs_refold = state is None and row["fix_count"] > 0
        self.window_to_us = None if row["window_to"] is None else microseconds(row["window_to"])
        self.newest_us = None if row["fix_time"] is None else microseconds(row["fix_time"])
        self.sequence: int = row["sequence"]
        self.fix_count: int = row["fix_count"]
        self.battery_pct: int | None = row["battery_pct"]
        self.progress_m: float | None = row["progress_m"]
        self.eta_at: dt.datetime | None = row["eta_at"]
        self.eta_computed_at: dt.datetime | None = row["eta_computed_at"]

    def accept(self, update: "TrackUpdate") -> None:
        """What the row says now that `update` is committed."""
        if update.folded is not None:
            self.fold.accept(update.folded)
        # What still has to be folded anew is known to whoever had it wait.
        self.needs_refold = False
        self.sequence += 1
        self.fix_count += update.added
        if update.newest is not None:
            self.newest_us = update.newest.fix_time_us
        if update.battery_pct is not None:
            self.battery_pct = update.battery_pct
        if update.arrival is not None:
            self.progress_m = update.arrival.progress_m
            self.eta_at, self.eta_computed_at = update.arrival.eta_at, update.arrival.computed_at


class TrackBook:
    """Locks tracks and reads them, keeping lately seen ones with their compiled plans.

    The rows decide: whoever writes a track, or the window or plan of its trip, raises its `sequence`, and what is kept
    only saves reading it again while the row still has the same number.
    """

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self.most_kept = most_kept
        self._known: OrderedDict[int, LockedTrack] = OrderedDict()

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

    async def look(self, connection: Connection, trip_ids: Sequence[int]) -> list[LockedTrack]:
        """These tracks as they are, but not locked: to choose from. What is chosen has to be locked and judged anew."""
        return await self._locked(connection, await connection.fetch(SEQUENCES, trip_ids))

    def remember(self, updates: Iterable["TrackUpdate"]) -> None:
        """After commit: go on from what was saved without reading it again."""
        for update in updates:
            update.track.accept(update)

    async def _locked(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[LockedTrack]:
        known = self._known
        changed = []
        for row in rows:
            track = known.get(row["trip_id"])
            if track is None or track.sequence != row["sequence"]:
                changed.append(row["trip_id"])
        if changed:
            await self._read(connection, changed)
        # One that was only looked at may be gone by now.
        tracks = [known[row["trip_id"]] for row in rows if row["trip_id"] in known]
        while len(known) > self.most_kept:
            known.popitem(last=False)
        return tracks

    async def _read(self, connection: Connection, trip_ids: Sequence[int]) -> None:
        """Read tracks, and plans with a new version. They are locked: nothing can change them any more."""
        rows = await connection.fetch(READ_TRACKS, trip_ids)
        stale = [row["trip_id"] for row in rows if self._has_new_plan(row)]
        plans = [read_plan(row) for row in await connection.fetch(PLANS, stale)] if stale else []
        new_plans = {plan.trip_id: plan for plan in plans}
        for row in rows:
            trip_id: int = row["trip_id"]
            if trip_id in new_plans:
                self._known[trip_id] = LockedTrack(new_plans[trip_id], row, None)
            else:
                kept = self._known[trip_id]
                self._known[trip_id] = LockedTrack(kept.trip, row, kept.fold.compiled)

    def _has_new_plan(self, row: Mapping[str, Any]) -> bool:
        kept = self._known.get(row["trip_id"])
        return kept is None or kept.trip.version < max(row["plan_version"], version_of(row["state"]))


def version_of(state_bytes: bytes | None) -> int:
    """The version of the plan a stored state was folded against; 0 when there is none."""
    return int.from_bytes(state_bytes[:_VERSION_BYTES], "big") if state_bytes else 0


class Newest(NamedTuple):
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
    if updates:
        await connection.execute(SAVE_TRACKS, [_as_row(update) for update in updates])


def _as_row(update: TrackUpdate) -> tuple[object, ...]:
    """The update in the order of the type `track_update`."""
    track, arrival = update.track, update.arrival
    state = track.fold.state if update.folded is None else update.folded.state
    version = 0 if update.refold_waits else track.trip.version
    return (
        track.trip.trip_id,
        version.to_bytes(_VERSION_BYTES, "big") + encode_state(state),
        update.added,
        update.received_at_us,
        update.battery_pct,
        *(_NO_ARRIVAL if arrival is None else (arrival.progress_m, arrival.eta_at, arrival.computed_at)),
        *(update.newest or _NO_POSITION),
    )


def position_view(update: TrackUpdate) -> PositionView | None:
    """What listeners are told of an update that is not yet accepted; None when the truck was not seen anew."""
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
