"""Finding, for many trucks at once, the fixes at which nothing happens.

Most fixes of a trip are far from every fence, or deep inside one. Around its last fix each truck has a circle in which
nothing can change: no fence's edge and no ring lies within. Here numpy proves for thousands of rows together that they
lie in their trucks' circles, so that only the interesting ones need the walk. A row counts as quiet only with room to
spare (a metre, and the error of the flat projection): the walk would then certainly decide the same, and the two ways
give equal results although their arithmetic differs in the last bits.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from geo.fences import CompiledCircle, apart_m, haversine_m
from geo.fix import SECOND_US, Bools, Columns, Float64s, Indices
from geo.plan import CompiledPlan, Gate
from geo.plausibility import ASSUMED_ACCURACY_M, FROZEN_AFTER_US, JUMP_MPS, MAXIMUM_EXCUSE_M
from geo.state import STANDING, Presence, State
from geo.stays import LONG_US
from geo.walk import ALL_RINGS, FAR_RING, FAR_RING_M, NEAR_RING_M

ROOM_M = 1.0
# The walk measures ways in a flat projection around the place: within a few percent near it, off by up
# to a third at the other end of the continent.
NEAR_M = 100_000.0
NEAR_TRUST = 0.97
AFAR_TRUST = 0.7
# A long straight way on the map leaves the circle on the globe a little.
WAY_SHARE = 0.1
NEVER_US = float(1 << 62)
EVERYWHERE_M = 1e12

# How a truck looks upon its next rows, as numbers for a table. First what every fix changes, by place:
# fix_time, lat, lon, accuracy_m of the newest fix and since when (microseconds) it has not moved.
NO_LAST = (0.0, 0.0, 0.0, 0.0, 0.0)
# Then its circle, which only the walk changes: until when nothing happens by the clock, the middle, its radius, and the
# accuracy a fix must have for that.
_HEADING = struct.Struct("=5d")
HEADING_BYTES = _HEADING.size
# Nothing is quiet for this truck.
UNSURE = _HEADING.pack(-1.0, 0.0, 0.0, -1.0, 0.0)


class Headings(NamedTuple):
    """The trucks' circles, a column for each number `heading` packs."""

    wake_us: Float64s
    lat: Float64s
    lon: Float64s
    radius_m: Float64s
    accuracy_limit_m: Float64s

    def of(self, group: Indices) -> Headings:
        """That of each row's truck."""
        return Headings(*(column[group] for column in self))


class Quiet(NamedTuple):
    """Verdict over rows, each valid provided all earlier rows of its group are quiet.

    `frozen`: the row earns that flag; `unmoved_since_us` is what the state takes over from the rows.
    """

    rows: Bools
    frozen: Bools
    unmoved_since_us: Float64s


def heading(plan: CompiledPlan, state: State) -> bytes:
    """The circle of a truck in this state, packed; it holds until the walk has taken the truck further."""
    last = state.last
    if last is None or state.suspects:
        return UNSURE
    wake_us = plan.marks[state.marks_applied].at_us if state.marks_applied < len(plan.marks) else NEVER_US
    radius_m, limit_m = EVERYWHERE_M, EVERYWHERE_M
    for gate in plan.gates:
        presence = state.presence(gate.index)
        if presence is None and gate.stops[-1] < state.floor:
            continue
        radius_m = min(radius_m, _clear_m(gate, presence, last.lat, last.lon))
        if presence is not None and presence.is_proven:
            limit_m = min(limit_m, gate.accuracy_limit_m)
            wake_us = min(wake_us, _changes_at_us(gate, state))
    radius_m = min(radius_m, _ring_m(plan, state, last.lat, last.lon))
    if radius_m <= 2 * ROOM_M:
        return UNSURE
    return _HEADING.pack(wake_us, last.lat, last.lon, radius_m, limit_m)


def _clear_m(gate: Gate, presence: Presence | None, lat: float, lon: float) -> float:
    """How far from here nothing changes at a fence; negative while it is not settled on which side the truck is."""
    fence = gate.fence
    if presence is not None and (presence.anchor is not None or presence.outside is not None):
        return -1.0
    if presence is not None:
        return -fence.edge_m(lat, lon) * NEAR_TRUST
    clear_m = _trusted_m(apart_m(fence.lat, fence.lon, lat, lon)) - fence.bounding_radius_m
    if clear_m > ROOM_M or isinstance(fence, CompiledCircle):
        return clear_m
    return fence.edge_m(lat, lon) * NEAR_TRUST


def _trusted_m(distance_m: float) -> float:
    return distance_m * (NEAR_TRUST if distance_m < NEAR_M else AFAR_TRUST)


def _changes_at_us(gate: Gate, state: State) -> float:
    """When a stay that goes on becomes a long one."""
    stay = next(one for one in reversed(state.stays) if one.gate == gate.index)
    return NEVER_US if stay.is_long or stay.shown_by != STANDING else stay.arrived_at_us + LONG_US - 1


def _ring_m(plan: CompiledPlan, state: State, lat: float, lon: float) -> float:
    """How far from here no ring is reached, nor the neighbourhood of a place known only by its city."""
    clear_m = EVERYWHERE_M
    for stop in range(len(plan.stops)):
        if plan.cities & ~state.reached & 1 << stop:
            clear_m = min(clear_m, _trusted_m(apart_m(*plan.places[stop], lat, lon)) - FAR_RING_M)
    if state.rings != ALL_RINGS and state.current < len(plan.stops):
        ring_m = NEAR_RING_M if state.rings & FAR_RING else FAR_RING_M
        clear_m = min(clear_m, _trusted_m(apart_m(*plan.places[state.current], lat, lon)) - ring_m)
    return clear_m


def last_seen(state: State) -> tuple[float, float, float, float, float]:
    """What a truck's own last fix means to its next one."""
    last = state.last
    if last is None:
        return NO_LAST
    return last.fix_time, last.lat, last.lon, last.accuracy_m, state.unmoved_since_us


def headings(packed: Sequence[bytes]) -> Headings:
    """The table of what `heading` packed for each truck."""
    return Headings(*np.frombuffer(b"".join(packed), np.float64).reshape(-1, HEADING_BYTES // 8).T)


def quiet(
    fixes: Columns,
    starts: Indices,
    lasts: Sequence[tuple[float, float, float, float, float]],
    trucks: Headings,
) -> Quiet:
    """Judge rows grouped by truck: group k begins at row `starts[k]`; its truck was `lasts[k]` (`last_seen`) and has
    the circle of row k of `trucks`.
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
    rows = (way_m + ROOM_M <= allowed_m) & (fixes.fix_time <= seen.wake_us) & (accuracy_m <= seen.accuracy_limit_m)
    away_m = haversine_m(seen.lat, seen.lon, fixes.lat, fixes.lon)
    rows &= away_m + WAY_SHARE * way_m + ROOM_M <= seen.radius_m
    moved = (fixes.lat != before_lat) | (fixes.lon != before_lon)
    unmoved_since_us = _since(fixes.fix_time, moved, since_us, group, starts)
    return Quiet(rows, fixes.fix_time - unmoved_since_us > FROZEN_AFTER_US, unmoved_since_us)


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
