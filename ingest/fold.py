"""The fixes of a batch folded, stored, and what follows for each track."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import asyncpg
import numpy as np

from freight.moments import moment
from freight.tracking.locked_tracks import LockedTrack, Newest, TrackUpdate
from freight.tracking.queries import CHANGE_FLAGS
from freight.tracking.refolds import newest_at
from freight.tracking.rules import Outcome
from geo.batch import fold_batch
from geo.fix import UNTRUSTED, Bools, Columns, Indices, Int16s, Int32s, Int64s
from geo.state import Folded
from ingest.assign import Assigned
from ingest.decode import last_rows
from ingest.errors import IngestError
from ingest.positions import copy_positions, insert_new_positions, pack
from ingest.refolds import RefoldBook
from store.pool import Connection


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch led to: tracks to write back and outcomes to tell.

    `flags` are those of all fixes given, `added` counts the new ones, `refolded` names the trips folded anew.
    """

    updates: list[TrackUpdate]
    outcomes: list[Outcome]
    flags: Int32s
    added: int
    refolded: list[int]


class RepeatsAmongThem(IngestError):
    """Some fixes taken for new are stored already: the batch has to look at each before storing it."""


def fold_in_order(assigned: Assigned) -> tuple[list[Folded | None], Columns]:
    """Fold what continues each track; returns the folds by track and all fixes with the flags these gave."""
    rows = np.flatnonzero(~(assigned.late | assigned.passed_over))
    fixes, owner = assigned.fixes.take(rows), assigned.owner[rows]
    folds = fold_batch([track.fold for track in assigned.tracks], fixes, owner)
    flags = assigned.fixes.flags.copy()
    given = [one.flags for one in folds if one is not None]
    if given:
        # Fixes are sorted by track, so that the folds' flags stand in the order of the rows.
        flags[rows] = np.concatenate(given)
    return folds, assigned.fixes.with_flags(flags)


async def store_positions(connection: Connection, assigned: Assigned, fixes: Columns, *, careful: bool) -> Bools:
    """Write the positions; true for those that were not stored before.

    What continues a track is appended at once; what may be a repeat is compared with what is stored. With `careful`
    everything is. Raises RepeatsAmongThem when the transaction has to be begun again carefully.
    """
    doubtful = np.ones(len(fixes), np.bool_) if careful else assigned.late | assigned.passed_over
    is_new = ~doubtful
    appended = np.flatnonzero(~doubtful)
    if len(appended):
        try:
            await copy_positions(connection, _packed(assigned, fixes, appended))
        except asyncpg.UniqueViolationError:
            raise RepeatsAmongThem from None
    compared = np.flatnonzero(doubtful)
    if len(compared):
        new_keys = await insert_new_positions(connection, _packed(assigned, fixes, compared))
        is_new[compared] = [key in new_keys for key in _keys(assigned, fixes, compared)]
    return is_new


def _drivers(assigned: Assigned, rows: Indices) -> Int32s:
    return np.array([track.trip.driver_id for track in assigned.tracks], np.int32)[assigned.owner[rows]]


def _packed(assigned: Assigned, fixes: Columns, rows: Indices) -> bytearray:
    trips = np.array([track.trip.trip_id for track in assigned.tracks], np.int32)
    return pack(
        fixes.take(rows),
        assigned.received_at_us[rows],
        _drivers(assigned, rows),
        trips[assigned.owner[rows]],
        assigned.device_id[rows],
    )


def _keys(assigned: Assigned, fixes: Columns, rows: Indices) -> Iterator[tuple[int, int, float, float]]:
    return zip(
        _drivers(assigned, rows).tolist(),
        fixes.fix_time[rows].tolist(),
        fixes.lat[rows].tolist(),
        fixes.lon[rows].tolist(),
        strict=True,
    )


async def follow(
    connection: Connection,
    assigned: Assigned,
    folds: Sequence[Folded | None],
    fixes: Columns,
    is_new: Bools,
    refolds: RefoldBook,
) -> Stored:
    """Decide what becomes of each track that got new fixes: its fold goes on, or is made anew with the late ones."""
    count = len(assigned.tracks)
    added = np.bincount(assigned.owner[is_new], minlength=count).tolist()
    late = set(assigned.owner[is_new & assigned.late].tolist())
    late |= {index for index, track in enumerate(assigned.tracks) if track.needs_refold and _has(assigned, index)}
    trusted = is_new & ((fixes.flags & UNTRUSTED) == 0)
    newest = _newest(fixes, last_rows(assigned.owner, trusted, count))
    battery_pct = _values(fixes.battery_pct, last_rows(assigned.owner, is_new & (fixes.battery_pct >= 0), count))
    heard_us = _values(assigned.received_at_us, last_rows(assigned.owner, np.ones(len(fixes), np.bool_), count))
    updates: list[TrackUpdate] = []
    outcomes: list[Outcome] = []
    refolds.begin_batch()
    await _change_earlier_flags(connection, assigned.tracks, folds, late)
    for index, track in enumerate(assigned.tracks):
        at_us = heard_us[index]
        if at_us is None:
            # Its driver spoke, but of nothing that belongs to this trip.
            continue
        folded = folds[index]
        if index in late and refolds.is_time_for(track):
            update, outcome = await refolds.timed(connection, track, added=added[index], received_at_us=at_us)
            updates.append(update)
            outcomes.append(outcome)
        elif added[index]:
            # What waits to be folded anew is shown meanwhile, and told only once it is certain.
            waits = refolds.is_waiting(track.trip.trip_id)
            shown = _unless_older(newest[index], track)
            updates.append(TrackUpdate(track, folded, added[index], at_us, shown, battery_pct[index], None, waits))
            if folded is not None and not waits and (folded.rings or folded.visits is not track.fold.visits):
                outcomes.append(Outcome(track.trip, folded.state, folded.visits, folded.rings, complete=False))
    refolded = [outcome.trip.trip_id for outcome in outcomes if outcome.complete]
    return Stored(updates, outcomes, fixes.flags, sum(added), refolded)


def _unless_older(newest: Newest | None, track: LockedTrack) -> Newest | None:
    if newest is None or (track.newest_us is not None and newest.fix_time_us < track.newest_us):
        return None
    return newest


def _newest(fixes: Columns, rows: Indices) -> list[Newest | None]:
    """The rows as positions, None for a row of -1."""
    found = np.flatnonzero(rows >= 0)
    positions: list[Newest | None] = [None] * len(rows)
    for index, position in zip(found.tolist(), newest_at(fixes, rows[found]), strict=True):
        positions[index] = position
    return positions


def _values(column: Int64s | Int16s, rows: Indices) -> list[int | None]:
    """The column at the rows, None for a row of -1."""
    if not len(column):
        return [None] * len(rows)
    return [value if row >= 0 else None for row, value in zip(rows.tolist(), column[rows].tolist(), strict=True)]


def _has(assigned: Assigned, index: int) -> bool:
    return bool((assigned.owner == index).any())


async def _change_earlier_flags(
    connection: Connection, tracks: Sequence[LockedTrack], folds: Sequence[Folded | None], except_for: set[int]
) -> None:
    """Suspects of earlier batches that have been acquitted."""
    changes = [
        (track.trip.driver_id, change)
        for index, (track, folded) in enumerate(zip(tracks, folds, strict=True))
        if folded is not None and index not in except_for
        for change in folded.suspects
    ]
    if not changes:
        return
    times: list[dt.datetime] = [moment(change.fix_time) for _, change in changes]
    await connection.execute(
        CHANGE_FLAGS,
        [driver_id for driver_id, _ in changes],
        times,
        [change.lat for _, change in changes],
        [change.lon for _, change in changes],
        [change.cleared for _, change in changes],
        [change.added for _, change in changes],
        min(times),
        max(times),
    )
