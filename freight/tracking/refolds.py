"""Folding stored tracks: after late fixes, a new mark or a changed fence; and what time alone decides.

Everything here runs in the caller's transaction and returns what to publish after its commit.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import asyncpg
import numpy as np

from freight.errors import NotFound
from freight.live import Told
from freight.moments import microseconds, moment
from freight.tracking.locked_tracks import LockedTrack, Newest, TrackBook, TrackUpdate, save_tracks
from freight.tracking.outcomes import save_outcomes
from freight.tracking.plans import TripPlan
from freight.tracking.queries import (
    CHANGE_FLAGS,
    OVERDUE,
    QUIET_TRACKS,
    RAISE_PLAN_VERSION,
    REOPEN_WINDOW,
    SAVE_SILENCE_MARK,
)
from freight.tracking.rules import LEAVING_US, LONGEST_AFTER_ARRIVAL_US, Outcome
from freight.tracking.stored_track import read_track
from freight.tracking.warning_rules import warnings_of
from geo.batch import refold as fold_whole
from geo.fix import UNTRUSTED, Columns, Indices, Int32s
from geo.plan import Mark
from geo.stages import silent_arrival
from geo.state import Folded
from store.pool import Connection

# A silent arrival is looked for among trucks that spoke within the last day.
SILENCE = dt.timedelta(minutes=5)
FORGOTTEN = dt.timedelta(days=1)
MOST_PER_SWEEP = 200
MOST_LOOKED_AT = 200
# From here on a fold may take tenths of a second, where each fix has to be looked at.
LONG_FIXES = 5_000
SIGN_OF_LIFE_S = 2.0
# The shortest statement there is.
ANY_WORD = "select"


async def refold(connection: Connection, trip_id: int, caused_by: int | None = None) -> list[Told]:
    """Decide a trip's visits, events and stage anew from its stored track, stops and marks; what changes in them was
    `caused_by` that user's hand.

    Call it in the transaction that changed a mark, a stop or a fence, before that transaction touches the row in
    `trips`: it locks the track first, then raises the plan's version itself. Returns what to publish
    after commit. Raises NotFound.
    """
    book = TrackBook()
    if not await book.lock(connection, [trip_id]):
        raise NotFound("trip")
    await connection.execute(RAISE_PLAN_VERSION, trip_id)
    # Read again: only now are version, stops and marks the ones that count.
    tracks = await TrackBook().lock(connection, [trip_id])
    now = dt.datetime.now(dt.UTC)
    update, outcome = await refold_track(connection, tracks[0])
    await save_tracks(connection, [update])
    told = await save_outcomes(connection, [outcome], now, caused_by)
    end_us = outcome.window_end_us()
    if end_us is None or end_us > microseconds(now):
        await _reopen(connection, trip_id)
    return told


async def _reopen(connection: Connection, trip_id: int) -> None:
    """Follow a truck again whose delivery was taken back, unless its driver is on another trip."""
    with suppress(asyncpg.UniqueViolationError):
        # Given it in this very moment: in a transaction of its own, or it would end ours.
        async with connection.transaction():
            await connection.execute(REOPEN_WINDOW, trip_id)


async def refold_track(
    connection: Connection, track: LockedTrack, *, added: int = 0, received_at_us: int | None = None
) -> tuple[TrackUpdate, Outcome]:
    """Fold the whole stored track of a locked trip; corrects the flags of its positions, saves nothing else."""
    trip = track.trip
    fixes = await read_track(connection, trip.driver_id, trip.trip_id, trip.window_from_us)
    folded = await _fold_whole(connection, trip, fixes)
    await change_flags(connection, trip, fixes, folded.flags)
    judged = fixes.with_flags(folded.flags)
    newest, battery_pct = newest_of(judged)
    update = TrackUpdate(track, folded, added, received_at_us, newest, battery_pct)
    warnings = tuple(warnings_of(trip, judged))
    return update, Outcome(trip, folded.state, folded.visits, folded.rings, complete=True, warnings=warnings)


async def _fold_whole(connection: Connection, trip: TripPlan, fixes: Columns) -> Folded:
    """A track that takes long is folded beside the event loop. The server is spoken to meanwhile: it ends transactions
    in which nothing happens, since their holders may be frozen."""
    if len(fixes) < LONG_FIXES:
        return fold_whole(trip.plan, fixes)
    folding = asyncio.create_task(asyncio.to_thread(fold_whole, trip.plan, fixes))
    while not (await asyncio.wait((folding,), timeout=SIGN_OF_LIFE_S))[0]:
        await connection.execute(ANY_WORD)
    return folding.result()


def newest_of(fixes: Columns) -> tuple[Newest | None, int | None]:
    """The last trusted fix of sorted fixes, and the last battery level known."""
    trusted = np.flatnonzero((fixes.flags & UNTRUSTED) == 0)
    charged = np.flatnonzero(fixes.battery_pct >= 0)
    battery_pct = int(fixes.battery_pct[charged[-1]]) if len(charged) else None
    return (newest_at(fixes, trusted[-1:])[0] if len(trusted) else None), battery_pct


def newest_at(fixes: Columns, rows: Indices) -> list[Newest]:
    """Some rows as the positions shown; taken together, since numpy hands out single numbers slowly."""
    return list(
        map(
            Newest,
            fixes.fix_time[rows].tolist(),
            fixes.lat[rows].tolist(),
            fixes.lon[rows].tolist(),
            _known(fixes.accuracy_m[rows].tolist()),
            _known(fixes.speed_mps[rows].tolist()),
            _known(fixes.bearing_deg[rows].tolist()),
            fixes.flags[rows].tolist(),
        )
    )


def _known(values: list[float]) -> list[float | None]:
    # NaN differs from itself.
    return [value if value == value else None for value in values]


async def change_flags(connection: Connection, trip: TripPlan, fixes: Columns, flags: Int32s) -> None:
    """Give stored positions the flags a fold found, where they differ."""
    rows = np.flatnonzero(fixes.flags != flags)
    if not len(rows):
        return
    times = [moment(at) for at in fixes.fix_time[rows].tolist()]
    await connection.execute(
        CHANGE_FLAGS,
        [trip.driver_id] * len(rows),
        times,
        fixes.lat[rows].tolist(),
        fixes.lon[rows].tolist(),
        (fixes.flags[rows] & ~flags[rows]).tolist(),
        (flags[rows] & ~fixes.flags[rows]).tolist(),
        min(times),
        max(times),
    )


async def _chosen(
    connection: Connection, rows: Sequence[Mapping[str, Any]], is_due: Callable[[LockedTrack], bool]
) -> list[int]:
    """The first trips of these rows that are due, so many as are changed at once.

    All are looked at, unlocked: were only the first of them, those that are not due would keep the others from it.
    """
    trip_ids: list[int] = [row["trip_id"] for row in rows]
    due: list[int] = []
    while trip_ids and len(due) < MOST_PER_SWEEP:
        looked_at, trip_ids = trip_ids[:MOST_LOOKED_AT], trip_ids[MOST_LOOKED_AT:]
        due += [track.trip.trip_id for track in await TrackBook().look(connection, looked_at) if is_due(track)]
    return due[:MOST_PER_SWEEP]


async def sweep_silent_arrivals(connection: Connection, now: dt.datetime) -> list[Told]:
    """Confirm the arrivals of trucks that stopped inside their fence and fell silent."""
    quiet = await connection.fetch(QUIET_TRACKS, now - SILENCE, now - FORGOTTEN)
    arrived = await _chosen(connection, quiet, lambda track: _silent_arrival(track, now) is not None)
    told: list[Told] = []
    for track in await TrackBook().lock(connection, arrived):
        told += await _confirm_silent_arrival(connection, track, now)
    return told


def _silent_arrival(track: LockedTrack, now: dt.datetime) -> Mark | None:
    if track.window_to_us is not None or track.needs_refold:
        return None
    return silent_arrival(track.trip.plan, track.fold.state, microseconds(now))


async def _confirm_silent_arrival(connection: Connection, track: LockedTrack, now: dt.datetime) -> list[Told]:
    mark = _silent_arrival(track, now)
    if mark is None:
        return []
    stop_id = track.trip.stop_ids[mark.stop_index]
    await connection.execute(SAVE_SILENCE_MARK, track.trip.trip_id, stop_id, moment(mark.at_us))
    return await refold(connection, track.trip.trip_id)


async def close_overdue_windows(connection: Connection, now: dt.datetime) -> list[Told]:
    """End the tracking of trips that were delivered and left, or arrived three hours ago."""
    longest = dt.timedelta(microseconds=LONGEST_AFTER_ARRIVAL_US)
    rows = await connection.fetch(OVERDUE, now - longest, now - dt.timedelta(microseconds=LEAVING_US))
    overdue = await _chosen(connection, rows, lambda track: _is_overdue(track, now))
    tracks = await TrackBook().lock(connection, overdue)
    return await save_outcomes(connection, [_standing(track) for track in tracks if _is_overdue(track, now)], now)


def _standing(track: LockedTrack) -> Outcome:
    return Outcome(track.trip, track.fold.state, track.fold.visits, (), complete=False)


def _is_overdue(track: LockedTrack, now: dt.datetime) -> bool:
    if track.window_to_us is not None or track.needs_refold:
        return False
    end_us = _standing(track).window_end_us()
    return end_us is not None and end_us <= microseconds(now)
