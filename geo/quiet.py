"""Finding, for many trucks at once, the fixes at which nothing happens.

Most fixes of a trip are far from every fence, or deep inside one. Here numpy proves it for thousands of
rows together, so that only the interesting ones need the walk. A row counts as quiet only with room to
spare (a metre, and the error of the flat projection): the walk would then certainly decide the same, and
the two ways give equal results although their arithmetic differs in the last bits.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely

from geo.fences import METRES_PER_DEGREE, CompiledPolygon, haversine_m
from geo.fix import SECOND_US, Bools, Columns, Float64s, Indices
from geo.plan import CompiledPlan
from geo.plausibility import ASSUMED_ACCURACY_M, FROZEN_AFTER_US, JUMP_MPS, MAXIMUM_EXCUSE_M
from geo.state import INSIDE, OUTSIDE, State
from geo.walk import ALL_RINGS, CERTAIN_ACCURACY_M, FAR_RING, FAR_RING_M, NEAR_RING_M

ROOM_M = 1.0
# The walk measures ways in a flat projection around the place: within a few percent near it, off by up
# to a third at the other end of the continent.
NEAR_M = 100_000.0
NEAR_TRUST = 0.97
AFAR_TRUST = 0.7
WAY_TRUST = 1.5
NEVER_US = float(1 << 62)

# What must hold for a row to be quiet: nothing helps, plausible only, far from a place, staying inside.
BUSY, FREE, AFAR, STAYING = range(4)


# How a truck looks upon its next rows, as numbers for a table. First what every fix changes, by place:
# fix_time, lat, lon, accuracy_m of the newest fix and since when (microseconds) it has not moved.
NO_LAST = (0.0, 0.0, 0.0, 0.0, 0.0)
# Then what it heads for, which only the walk changes; what a kind does not need is 0.
# kind · time of the next mark · AFAR: nothing happens beyond `reach_m` of a place (lat, lon, reach_m), nor beyond that
# of a second one · STAYING: the place with a circle's radius as reach, 0 for a polygon; accuracy limit; leave margin.
_HEADING = struct.Struct("=10d")
HEADING_BYTES = _HEADING.size
UNSURE = _HEADING.pack(BUSY, *(0.0,) * 9)


class Headings(NamedTuple):
    """What trucks head for, a column for each number `heading` packs."""

    kind: Float64s
    mark_us: Float64s
    lat: Float64s
    lon: Float64s
    reach_m: Float64s
    other_lat: Float64s
    other_lon: Float64s
    other_reach_m: Float64s
    accuracy_limit_m: Float64s
    leave_margin_m: Float64s

    def of(self, group: Indices) -> Headings:
        """That of each row's truck."""
        return Headings(*(column[group] for column in self))


class Quiet(NamedTuple):
    """Verdict over rows, each valid provided all earlier rows of its group are quiet.

    `frozen`: the row earns that flag; `unmoved_since_us` and `inside` (surely inside the fence the truck
    stays in) are what the state takes over from the rows.
    """

    rows: Bools
    frozen: Bools
    unmoved_since_us: Float64s
    inside: Bools


def heading(plan: CompiledPlan, state: State) -> bytes:
    """What a truck in this state heads for, packed; it holds until the walk has taken the truck further."""
    if state.last is None or state.suspects:
        return UNSURE
    mark_us = plan.marks[state.marks_applied].at_us if state.marks_applied < len(plan.marks) else NEVER_US
    kind, *places = _interest(plan, state)
    return _HEADING.pack(kind, mark_us, *places, *(0.0,) * (8 - len(places)))


def last_seen(state: State) -> tuple[float, float, float, float, float]:
    """What a truck's own last fix means to its next one."""
    last = state.last
    if last is None:
        return NO_LAST
    return last.fix_time, last.lat, last.lon, last.accuracy_m, state.unmoved_since_us


def headings(packed: Sequence[bytes]) -> Headings:
    """The table of what `heading` packed for each truck."""
    return Headings(*np.frombuffer(b"".join(packed), np.float64).reshape(-1, HEADING_BYTES // 8).T)


def _interest(plan: CompiledPlan, state: State) -> tuple[float, ...]:
    if state.current == len(plan.stops):
        return (FREE,)
    gate = plan.watched[state.current]
    if state.phase == INSIDE and gate and state.leaving is None:
        fence = gate.fence
        radius_m = 0.0 if isinstance(fence, CompiledPolygon) else fence.radius_m
        limits = gate.accuracy_limit_m, gate.leave_margin_m
        return (STAYING, fence.lat, fence.lon, radius_m, 0.0, 0.0, 0.0, *limits)
    if state.phase != OUTSIDE:
        return (BUSY,)
    ring_m = 0.0
    if state.rings != ALL_RINGS:
        ring_m = NEAR_RING_M if state.rings & FAR_RING else FAR_RING_M
    lat, lon = plan.places[state.current]
    if gate is None:
        return (AFAR, lat, lon, ring_m) if ring_m else (FREE,)
    fence = gate.fence
    if gate.stop_index == state.current:
        return (AFAR, lat, lon, max(fence.bounding_radius_m, ring_m))
    return (AFAR, fence.lat, fence.lon, fence.bounding_radius_m, lat, lon, ring_m)


def quiet(
    fixes: Columns,
    starts: Indices,
    lasts: Sequence[tuple[float, float, float, float, float]],
    trucks: Headings,
    fences: dict[int, CompiledPolygon],
) -> Quiet:
    """Judge rows grouped by truck: group k begins at row `starts[k]`; its truck was `lasts[k]` (`last_seen`) and heads
    for row k of `trucks`. `fences[k]` is the polygon that group k stays in; groups staying in a circle need none.
    """
    count = len(fixes)
    group = np.repeat(np.arange(len(starts)), np.diff(starts, append=count))
    last_us, last_lat, last_lon, last_accuracy_m, since_us = np.asarray(lasts, np.float64).T
    accuracy_m = np.where(np.isnan(fixes.accuracy_m), ASSUMED_ACCURACY_M, fixes.accuracy_m).astype(np.float64)
    excuse_m = np.minimum(accuracy_m, MAXIMUM_EXCUSE_M)
    last_excuse_m = np.minimum(last_accuracy_m, MAXIMUM_EXCUSE_M)
    elapsed_us = fixes.fix_time - _before(fixes.fix_time, last_us, starts)
    before_lat, before_lon = _before(fixes.lat, last_lat, starts), _before(fixes.lon, last_lon, starts)
    way_m = haversine_m(before_lat, before_lon, fixes.lat, fixes.lon)
    allowed_m = JUMP_MPS / SECOND_US * elapsed_us + excuse_m + _before(excuse_m, last_excuse_m, starts)
    seen = trucks.of(group)
    rows = (seen.kind != BUSY) & (way_m + ROOM_M <= allowed_m) & (fixes.fix_time <= seen.mark_us)
    moved = (fixes.lat != before_lat) | (fixes.lon != before_lon)
    unmoved_since_us = _since(fixes.fix_time, moved, since_us, group, starts)

    rows &= _far(seen, fixes, way_m)
    inside, stays = _staying(group, seen, fixes, accuracy_m, fences)
    rows &= stays
    return Quiet(rows, fixes.fix_time - unmoved_since_us > FROZEN_AFTER_US, unmoved_since_us, inside)


def _before(values: np.ndarray, remembered: Float64s, starts: Indices) -> Float64s:
    """Each row's predecessor; for the first row of a group what the state remembers."""
    before = np.empty(len(values), np.float64)
    before[1:] = values[:-1]
    before[starts] = remembered
    return before


def _since(fix_time: np.ndarray, moved: Bools, since_us: Float64s, group: Indices, starts: Indices) -> Float64s:
    """Since when each row's place has not changed."""
    if moved.all():
        return fix_time.astype(np.float64)
    latest = np.maximum.accumulate(np.where(moved, np.arange(len(moved)), -1))
    return np.where(latest >= starts[group], fix_time[latest], since_us[group])


def _far(seen: Headings, fixes: Columns, way_m: Float64s) -> Bools:
    """False where a row of kind AFAR, or the way to it, may touch what its truck heads for."""
    far = (seen.kind != AFAR) | _beyond(seen.lat, seen.lon, seen.reach_m, fixes, way_m)
    second = np.flatnonzero(seen.other_reach_m)
    if len(second):
        others = seen.other_lat[second], seen.other_lon[second], seen.other_reach_m[second]
        far[second] &= _beyond(*others, fixes.take(second), way_m[second])
    return np.asarray(far)


def _beyond(lat: Float64s, lon: Float64s, reach_m: Float64s, fixes: Columns, way_m: Float64s) -> Bools:
    distance_m = haversine_m(lat, lon, fixes.lat, fixes.lon)
    trusted_m = distance_m * np.where(distance_m < NEAR_M, NEAR_TRUST, AFAR_TRUST)
    return np.asarray(trusted_m - WAY_TRUST * way_m > reach_m + ROOM_M)


def _staying(
    group: Indices, seen: Headings, fixes: Columns, accuracy_m: Float64s, fences: dict[int, CompiledPolygon]
) -> tuple[Bools, Bools]:
    """(surely inside, certainly not leaving) of rows of kind STAYING; (False, True) of the others."""
    inside, stays = np.zeros(len(fixes), np.bool_), np.ones(len(fixes), np.bool_)
    rows = np.flatnonzero(seen.kind == STAYING)
    if not len(rows):
        return inside, stays
    staying = seen.of(rows)
    at_lat, at_lon, error_m = fixes.lat[rows], fixes.lon[rows], accuracy_m[rows]
    edge_m = haversine_m(staying.lat, staying.lon, at_lat, at_lon) - staying.reach_m
    if fences:
        polygonal = np.flatnonzero(staying.reach_m == 0)
        edge_m[polygonal] = _edges_m(
            [fences[k] for k in group[rows[polygonal]].tolist()], at_lat[polygonal], at_lon[polygonal]
        )
    counts = error_m <= staying.accuracy_limit_m
    beyond_m = edge_m - error_m - staying.leave_margin_m
    doubtful = (np.abs(edge_m) < ROOM_M) | (np.abs(edge_m + error_m) < ROOM_M) | (np.abs(beyond_m) < ROOM_M)
    certain = (edge_m + error_m <= 0) | ((edge_m <= 0) & (error_m <= CERTAIN_ACCURACY_M))
    inside[rows] = counts & certain
    stays[rows] = ~counts | ((beyond_m <= 0) & ~doubtful)
    return inside, stays


def _edges_m(fences: list[CompiledPolygon], lat: Float64s, lon: Float64s) -> Float64s:
    """Signed distance of point n to the edge of polygon n, in one call for all."""
    center = np.asarray([(fence.lat, fence.lon, fence.east_scale) for fence in fences]).reshape(-1, 3)
    points = shapely.points((lon - center[:, 1]) * center[:, 2], (lat - center[:, 0]) * METRES_PER_DEGREE)
    distance = shapely.distance(np.asarray([fence.outline for fence in fences], object), points)
    within = shapely.contains(np.asarray([fence.shape for fence in fences], object), points)
    return np.asarray(np.where(within, -distance, distance))
