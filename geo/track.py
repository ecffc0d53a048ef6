"""A travelled path made small: what to draw, which vertices to keep, and how to write it in a string.

The string (version 1), decoded by `decode_track` here and by the browser:

    1,<base>,<segment> <segment> …

`base` is a decimal number of whole seconds since 1970 UTC; segments are separated by one space. A segment
is a run of numbers, three a point: the change of latitude (1e-5 degree), of longitude (1e-5 degree) and of
time (whole seconds). Changes run on through the whole string, across segments, from 0°, 0° and `base`.
A number n is written as in Google's polylines: zigzag (2n, or -2n-1 when negative), cut into groups of five
bits, lowest first, 32 added to all but the last group, then 63 to each, as ASCII. A new segment begins where
more than 15 minutes lie between fixes, so that no line is drawn through what nobody measured. No point at
all gives `1,0,`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import shapely

from geo.errors import TrackUnreadable
from geo.fences import METRES_PER_DEGREE
from geo.fix import SECOND_US, UNTRUSTED, Columns, Flag, Float64s, Indices, Int64s

DEGREE_STEPS = 100_000
GAP_S = 15 * 60
# Straight and standing still look alike in space: a vertex at least so often keeps a replay's clock right.
KEEP_EVERY_S = 5 * 60
FINEST_TOLERANCE_M = 5.0
COARSEST_TOLERANCE_M = 100_000.0
DEFAULT_MAXIMUM_POINTS = 8_000
_GROUPS = 7
_HEADER = re.compile(r"1,(\d{1,12}),")


class Segment(NamedTuple):
    """One uninterrupted piece of a decoded path: seconds since 1970 UTC, degrees."""

    time_s: Int64s
    lat: Float64s
    lon: Float64s


def drawable(fixes: Columns) -> Columns:
    """The fixes a path is drawn from: trusted, and not coarse unless there are only coarse ones."""
    trusted = fixes.take((fixes.flags & UNTRUSTED) == 0)
    precise = (trusted.flags & int(Flag.COARSE)) == 0
    return trusted.take(precise) if precise.any() else trusted


def simplify(fixes: Columns, tolerance_m: float) -> Columns:
    """Fewer fixes for the same path, each with its own time: Douglas-Peucker within `tolerance_m`.

    `fixes` in order of time. The first and the last stay, as do both sides of a gap and one in every five
    minutes.
    """
    return fixes.take(_kept(fixes, tolerance_m))


def encode_track(fixes: Columns, max_points: int = DEFAULT_MAXIMUM_POINTS) -> str:
    """The path of `fixes` (in order of time) as the string described above.

    Simplified at 5 m, and twice as coarsely again until `max_points` suffice; should the fixes kept for
    their time alone be too many, evenly chosen ones of them. With the default any trip takes about 60 KB,
    40 KB compressed.
    """
    path = drawable(fixes)
    if not len(path):
        return "1,0,"
    # Counted before anything is left out: fewer points must not look like more gaps.
    piece = np.concatenate(([0], np.cumsum(np.diff(path.fix_time) > GAP_S * SECOND_US)))
    tolerance_m = FINEST_TOLERANCE_M
    index = _kept(path, tolerance_m)
    while len(index) > max_points and tolerance_m < COARSEST_TOLERANCE_M:
        tolerance_m *= 2
        index = index[_kept(path.take(index), tolerance_m)]
    if len(index) > max_points:
        index = index[np.linspace(0, len(index) - 1, max_points).astype(np.intp)]
    path = path.take(index)
    time_s = path.fix_time // SECOND_US
    steps = np.stack((_steps(path.lat), _steps(path.lon), time_s - time_s[0]), axis=1)
    changes = np.diff(steps, axis=0, prepend=np.zeros((1, 3), np.int64))
    cuts = np.flatnonzero(np.diff(piece[index])) + 1
    segments = " ".join(_written(part.ravel()) for part in np.split(changes, cuts))
    return f"1,{int(time_s[0])},{segments}"


def decode_track(text: str) -> list[Segment]:
    """The segments of an encoded path; raises TrackUnreadable for anything else."""
    header = _HEADER.match(text)
    if header is None or not text.isascii():
        raise TrackUnreadable(f"not a version 1 track: {text[:20]!r}")
    base_s, body = int(header[1]), text[header.end() :]
    if not body:
        return []
    pieces = [_read(piece) for piece in body.split(" ")]
    if any(len(piece) == 0 or len(piece) % 3 for piece in pieces):
        raise TrackUnreadable("a point is incomplete")
    steps = np.cumsum(np.concatenate(pieces).reshape(-1, 3), axis=0)
    cuts = np.cumsum([len(piece) // 3 for piece in pieces])[:-1]
    return [
        Segment(part[:, 2] + base_s, part[:, 0] / DEGREE_STEPS, part[:, 1] / DEGREE_STEPS)
        for part in np.split(steps, cuts)
    ]


def _kept(fixes: Columns, tolerance_m: float) -> Indices:
    """Indices of the fixes that stay: the bends, the ends, sides of gaps, the first of every five minutes."""
    kept = np.ones(len(fixes), np.bool_)
    if len(fixes) > 2:
        time_s = fixes.fix_time // SECOND_US
        kept[1:-1] = np.diff(time_s // KEEP_EVERY_S)[:-1] > 0
        gaps = np.flatnonzero(np.diff(time_s) > GAP_S)
        kept[gaps] = kept[gaps + 1] = True
        kept[_bent(fixes, tolerance_m)] = True
    return np.flatnonzero(kept)


def _bent(fixes: Columns, tolerance_m: float) -> Indices:
    """Indices of the fixes Douglas-Peucker keeps."""
    east_scale = METRES_PER_DEGREE * np.cos(np.radians(fixes.lat))
    east, north = (fixes.lon - fixes.lon[0]) * east_scale, fixes.lat * METRES_PER_DEGREE
    # The index travels as the third coordinate, which the algorithm carries along unread.
    line = shapely.linestrings(np.stack((east, north, np.arange(len(fixes))), axis=1))
    # A path that ends where it began makes the library divide by zero on its way to the right answer.
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = shapely.simplify(line, tolerance_m, preserve_topology=False)
    return np.asarray(shapely.get_coordinates(kept, include_z=True)[:, 2].astype(np.intp))


def _steps(degrees: Float64s) -> Int64s:
    return np.rint(degrees * DEGREE_STEPS).astype(np.int64)


def _written(numbers: Int64s) -> str:
    zigzag = np.where(numbers < 0, -2 * numbers - 1, 2 * numbers)
    groups = zigzag[:, None] >> (5 * np.arange(_GROUPS))
    used = groups > 0
    used[:, 0] = True
    followed = np.zeros_like(used)
    followed[:, :-1] = used[:, 1:]
    characters = (groups & 31) + 32 * followed + 63
    return characters[used].astype(np.uint8).tobytes().decode("ascii")


def _read(text: str) -> Int64s:
    characters = np.frombuffer(text.encode("ascii"), np.uint8).astype(np.int64) - 63
    if ((characters < 0) | (characters > 63)).any() or (len(characters) and characters[-1] >= 32):
        raise TrackUnreadable("a number is cut short or has a foreign character")
    last = characters < 32
    firsts = np.flatnonzero(np.concatenate(([True], last[:-1]))) if len(last) else np.zeros(0, np.intp)
    position = np.arange(len(characters)) - np.repeat(firsts, np.diff(firsts, append=len(characters)))
    if (position >= _GROUPS).any():
        raise TrackUnreadable("a number is too long")
    zigzag = np.add.reduceat((characters & 31) << (5 * position), firsts) if len(firsts) else position
    return np.asarray(np.where(zigzag & 1, -(zigzag + 1) // 2, zigzag // 2), np.int64)
