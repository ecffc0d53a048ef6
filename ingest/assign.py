"""Which trip a fix belongs to: that of its driver whose tracking window it falls in, or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from freight.moments import moment
from freight.tracking.locked_tracks import LockedTrack, TrackBook
from freight.tracking.rules import window_end_us
from geo.fix import IGNORED, Bools, Columns, Int32s, Int64s, intrinsic_flags
from ingest.decode import Readings
from ingest.devices import Device
from store.pool import Connection

OPEN_END_US = np.iinfo(np.int64).max
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Assigned:
    """Fixes that belong to trips: sorted by (track, fix_time, lat, lon), each once, with the flags they earn alone.

    `owner` is the index into `tracks`. `late` fixes belong before what their track has folded already; `passed_over`
    ones are stored but never folded.
    """

    tracks: list[LockedTrack]
    fixes: Columns
    owner: Int32s
    device_id: Int32s
    received_at_us: Int64s
    late: Bools
    passed_over: Bools
    repeated: int


async def assign(
    connection: Connection, book: TrackBook, readings: Readings, devices: Mapping[str, Device]
) -> tuple[Assigned, Bools]:
    """Lock the tracks of everyone in the batch and give each fix its trip; also tells which of the fixes read were
    assigned."""
    driver_id = _by_source(readings, {login: device.driver_id for login, device in devices.items()})
    tracks = await book.lock_open(connection, sorted(set(driver_id.tolist()) - {NOBODY}))
    index_of = {track.trip.driver_id: index for index, track in enumerate(tracks)}
    first_choice = np.array([index_of.get(driver, NOBODY) for driver in driver_id.tolist()], np.int32)
    owner = _within_windows(tracks, readings.fixes.fix_time, first_choice[readings.source])
    if (owner < 0).any():
        await _assign_to_finished(connection, book, readings, driver_id[readings.source], tracks, owner)
    assigned = owner >= 0
    device_id = _by_source(readings, {login: device.id for login, device in devices.items()})
    return _sorted(tracks, readings, owner, device_id[readings.source], np.flatnonzero(assigned)), assigned


def _by_source(readings: Readings, ids: Mapping[str, int]) -> Int32s:
    return np.array([ids.get(source.login, NOBODY) for source in readings.sources], np.int32)


def _end_us(track: LockedTrack) -> int:
    if track.window_to_us is not None:
        return track.window_to_us
    end_us = window_end_us(track.trip.plan, track.fold.state, track.fold.visits)
    return OPEN_END_US if end_us is None else end_us


def _within_windows(tracks: Sequence[LockedTrack], fix_time: Int64s, owner: Int32s) -> Int32s:
    """`owner` where the fix lies within that track's window, NOBODY elsewhere."""
    if not tracks:
        return np.full(len(owner), NOBODY, np.int32)
    from_us = np.array([track.trip.window_from_us for track in tracks], np.int64)[owner]
    to_us = np.array([_end_us(track) for track in tracks], np.int64)[owner]
    return np.where((owner >= 0) & (fix_time >= from_us) & (fix_time <= to_us), owner, np.int32(NOBODY))


async def _assign_to_finished(
    connection: Connection,
    book: TrackBook,
    readings: Readings,
    driver_id: Int32s,
    tracks: list[LockedTrack],
    owner: Int32s,
) -> None:
    """Late fixes may belong to a trip that has ended meanwhile; adds such tracks and changes `owner` in place."""
    left = np.flatnonzero((owner < 0) & (driver_id >= 0))
    if not len(left):
        return
    times_us = readings.fixes.fix_time[left]
    oldest, newest = moment(int(times_us.min())), moment(int(times_us.max()))
    drivers = sorted(set(driver_id[left].tolist()))
    for track in await book.lock_finished(connection, drivers, oldest, newest):
        mine = left[driver_id[left] == track.trip.driver_id]
        fits = _within_windows([track], readings.fixes.fix_time[mine], np.zeros(len(mine), np.int32)) >= 0
        owner[mine[fits]] = len(tracks)
        tracks.append(track)


def _sorted(tracks: list[LockedTrack], readings: Readings, owner: Int32s, device_id: Int32s, rows: Int64s) -> Assigned:
    fixes, owner = readings.fixes.take(rows), owner[rows]
    order = np.lexsort((fixes.lon, fixes.lat, fixes.fix_time, owner))
    fixes, owner, rows = fixes.take(order), owner[order], rows[order]
    first = np.ones(len(rows), np.bool_)
    first[1:] = (
        (owner[1:] != owner[:-1])
        | (fixes.fix_time[1:] != fixes.fix_time[:-1])
        | (fixes.lat[1:] != fixes.lat[:-1])
        | (fixes.lon[1:] != fixes.lon[:-1])
    )
    repeated = len(rows) - int(first.sum())
    if repeated:
        fixes, owner, rows = fixes.take(first), owner[first], rows[first]
    received_at_us = readings.received_at_us[rows]
    fixes = fixes.with_flags(fixes.flags | intrinsic_flags(fixes, received_at_us))
    passed_over = (fixes.flags & IGNORED) != 0
    return Assigned(
        tracks,
        fixes,
        owner,
        device_id[rows],
        received_at_us,
        _late(tracks, fixes, owner) & ~passed_over,
        passed_over,
        repeated,
    )


def _late(tracks: Sequence[LockedTrack], fixes: Columns, owner: Int32s) -> Bools:
    """True for fixes at or before the last one their track has folded; for all of a track that must be refolded."""
    if not tracks:
        return np.zeros(0, np.bool_)
    never, always = (-OPEN_END_US, 0.0, 0.0), (OPEN_END_US, 0.0, 0.0)
    keys = [always if track.needs_refold else track.fold.state.last_key() or never for track in tracks]
    key_us = np.array([key[0] for key in keys], np.int64)[owner]
    same = fixes.fix_time == key_us
    late = fixes.fix_time < key_us
    if same.any():
        key_lat = np.array([key[1] for key in keys])[owner]
        key_lon = np.array([key[2] for key in keys])[owner]
        late |= same & ((fixes.lat < key_lat) | ((fixes.lat == key_lat) & (fixes.lon <= key_lon)))
    return np.asarray(late)
