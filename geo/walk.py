"""One truck's fixes walked through one by one: the reference that says what every fix does.

Order of thought for a fix: is it plausible (else held as suspect) → marks made before it → frozen? →
rings → the watched fence: approach, consider an arrival, stay, leave → it is the truck's position.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from geo.fences import apart_m, to_segment_m
from geo.fix import Columns, Flag, Indices, Int32s
from geo.plan import CompiledPlan, Gate, Mark
from geo.plausibility import (
    AGREEING_SUSPECTS,
    ASSUMED_ACCURACY_M,
    FROZEN_AFTER_US,
    JUMP_MPS,
    TELEPORT_FROM_M,
    TELEPORT_MPS,
    UNKNOWN_SPEED,
    Fix,
    faster_than,
)
from geo.state import CANDIDATE, INSIDE, OUTSIDE, FlagChange, Folded, Ring, State
from geo.visits import Sighting, compose

SLOW_MPS = 5 / 3.6
SILENCE_US = 300 * 1_000_000
LEAVE_AFTER_US = 120 * 1_000_000
# Up to this error a fix measured inside counts as inside, however near the edge.
CERTAIN_ACCURACY_M = 100.0
# In a fence so wide that driving through takes minutes, standing still proves the visit sooner.
STANDING_WITHIN_M = 200.0
STANDING_US = 120 * 1_000_000
GAP_SLACK_US = 600 * 1_000_000
GAP_MPS = 90 / 3.6
FAR_RING, NEAR_RING, ALL_RINGS = 0b01, 0b10, 0b11
FAR_RING_M, NEAR_RING_M = 50_000, 5_000
RING_ACCURACY_M = 1_000.0


def surely_inside(accuracy_m: float, edge_m: float) -> bool:
    """Inside even with its error, or measured inside with a small one; `edge_m` negative inside."""
    return edge_m + accuracy_m <= 0 or (edge_m <= 0 and accuracy_m <= CERTAIN_ACCURACY_M)


def fell_silent(state: State, at_us: int) -> bool:
    """Whether the newest position stood inside the fence, slow, and nothing came for five minutes."""
    last = state.last
    return (
        last is not None
        and last.fix_time == state.last_inside_us
        and 0 <= last.speed_mps < SLOW_MPS
        and at_us - last.fix_time >= SILENCE_US
    )


def driving_us(distance_m: float) -> int:
    """How long a truck needs at the least for a distance."""
    return int(max(0.0, distance_m) / GAP_MPS * 1_000_000)


def measured(fixes: Columns, rows: Indices) -> Iterator[Fix]:
    """Some rows as the walk reads them. Taken together: numpy hands out single numbers slowly."""
    accuracy_m, speed_mps = fixes.accuracy_m[rows], fixes.speed_mps[rows]
    return map(
        Fix,
        fixes.fix_time[rows].tolist(),
        fixes.lat[rows].tolist(),
        fixes.lon[rows].tolist(),
        np.where(np.isnan(accuracy_m), np.float32(ASSUMED_ACCURACY_M), accuracy_m).tolist(),
        np.where(np.isnan(speed_mps), np.float32(UNKNOWN_SPEED), speed_mps).tolist(),
    )


class Walk:
    """Carries one truck's state over fixes; `state` and `flags` are its own and are changed in place.

    `flags` (int32) starts without the bits the fold decides and receives them at the rows given.
    """

    __slots__ = ("_suspect_rows", "changes", "flags", "plan", "rings", "state")

    def __init__(self, plan: CompiledPlan, state: State, flags: Int32s) -> None:
        self.plan = plan
        self.state = state
        self.flags = flags
        self.rings: list[Ring] = []
        self.changes: list[FlagChange] = []
        # Rows of the suspects held; None for one of an earlier piece.
        self._suspect_rows: list[int | None] = [None] * len(state.suspects)

    def over(self, fixes: Iterable[Fix], rows: Iterable[int]) -> None:
        """Walk all of `fixes`, the bits of the n-th going to the n-th of `rows` in `flags`."""
        for fix, row in zip(fixes, rows, strict=True):
            self.take(fix, row)

    def folded(self) -> Folded:
        """The outcome so far."""
        visits = compose(self.plan.plan, self.state.sightings)
        return Folded(self.state, visits, tuple(self.rings), tuple(self.changes), self.flags)

    def take(self, fix: Fix, row: int) -> None:
        """One fix: trusted, or held as suspect until three in a row agree with each other."""
        state = self.state
        if state.last is None or not faster_than(state.last, fix, JUMP_MPS):
            state.suspects, self._suspect_rows = (), []
            self.flags[row] |= self._trust(fix)
            return
        if state.suspects and faster_than(state.suspects[-1], fix, JUMP_MPS):
            state.suspects, self._suspect_rows = (), []
        state.suspects += (fix,)
        self._suspect_rows.append(row)
        if len(state.suspects) == AGREEING_SUSPECTS:
            self._acquit()
        else:
            self.flags[row] |= int(Flag.JUMP)

    def _acquit(self) -> None:
        suspects, rows = self.state.suspects, self._suspect_rows
        self.state.suspects, self._suspect_rows = (), []
        for fix, row in zip(suspects, rows, strict=True):
            added = self._trust(fix)
            if row is None:
                self.changes.append(FlagChange(*fix.key, int(Flag.JUMP), added))
            else:
                self.flags[row] = self.flags[row] & ~int(Flag.JUMP) | added

    def _trust(self, fix: Fix) -> int:
        state = self.state
        marks = self.plan.marks
        while state.marks_applied < len(marks) and marks[state.marks_applied].at_us < fix.fix_time:
            self._apply(marks[state.marks_applied])
            state.marks_applied += 1
        flags = self._frozen(fix) | self._observe(fix, state.last)
        state.last = fix
        return flags

    def _frozen(self, fix: Fix) -> int:
        state = self.state
        if state.last is None or (fix.lat, fix.lon) != (state.last.lat, state.last.lon):
            state.unmoved_since_us = fix.fix_time
            return 0
        return int(Flag.FROZEN) if fix.fix_time - state.unmoved_since_us > FROZEN_AFTER_US else 0

    def _apply(self, mark: Mark) -> None:
        if mark.kind == "departed":
            if mark.stop_index >= self.state.current:
                self._head_for(mark.stop_index + 1)
            return
        if mark.stop_index > self.state.current:
            self._head_for(mark.stop_index)
        if mark.stop_index == self.state.current:
            self.state.rings = ALL_RINGS

    def _head_for(self, stop_index: int) -> None:
        state = self.state
        state.current, state.phase = stop_index, OUTSIDE
        state.first_inside_us = state.last_inside_us = 0
        state.standing = state.leaving = None
        state.rings, state.seen_outside = 0, False

    def _observe(self, fix: Fix, before: Fix | None) -> int:
        """Fix against the stop ahead; `before` None: the way that led here is not to be judged."""
        state = self.state
        if state.current == len(self.plan.stops):
            return 0
        gate = self.plan.watched[state.current]
        edge_m = gate.fence.edge_m(fix.lat, fix.lon) if gate else 0.0
        if state.phase == OUTSIDE:
            if gate and gate.stop_index == state.current and edge_m <= 0:
                # Already there: "approaching" would be told backwards.
                state.rings = ALL_RINGS
            self._ring(fix, before)
        if gate is None:
            return 0
        if state.phase == OUTSIDE:
            return self._approach(gate, fix, edge_m, before)
        if state.phase == CANDIDATE:
            return self._consider(gate, fix, edge_m, before)
        self._stay(gate, fix, edge_m)
        return 0

    def _ring(self, fix: Fix, before: Fix | None) -> None:
        state = self.state
        if state.rings == ALL_RINGS or fix.accuracy_m > RING_ACCURACY_M:
            return
        lat, lon = self.plan.places[state.current]
        nearest_m = apart_m(lat, lon, fix.lat, fix.lon)
        if before and before.accuracy_m <= RING_ACCURACY_M and not faster_than(before, fix, JUMP_MPS):
            nearest_m = min(nearest_m, to_segment_m(lat, lon, before.lat, before.lon, fix.lat, fix.lon))
        reached = (FAR_RING if nearest_m <= FAR_RING_M else 0) | (NEAR_RING if nearest_m <= NEAR_RING_M else 0)
        if reached & ~state.rings:
            # Coming into both at once is one piece of news, the nearer one.
            ring_m = NEAR_RING_M if reached & NEAR_RING else FAR_RING_M
            self.rings.append(Ring(state.current, ring_m, fix.fix_time))
            state.rings |= reached

    def _approach(self, gate: Gate, fix: Fix, edge_m: float, before: Fix | None) -> int:
        state = self.state
        eligible = fix.accuracy_m <= gate.accuracy_limit_m
        if eligible and surely_inside(fix.accuracy_m, edge_m):
            return self._enter(gate, fix, before)
        if eligible and edge_m > 0 and before and self._visited_unseen(gate, before, fix):
            before_edge_m = gate.fence.edge_m(before.lat, before.lon)
            arrived_at_us = before.fix_time + driving_us(before_edge_m)
            return self._infer(gate, arrived_at_us, fix, edge_m)
        state.seen_outside = state.seen_outside or edge_m > 0
        return 0

    def _enter(self, gate: Gate, fix: Fix, before: Fix | None) -> int:
        state = self.state
        ahead = gate.stop_index != state.current
        # A stop before this one has no fence. Its neighbourhood must have been reached and this fence
        # entered from outside, or a driver who lives at the unloading place has "arrived" at once.
        if ahead and not (state.rings & FAR_RING and state.seen_outside):
            return 0
        state.phase = CANDIDATE
        state.first_inside_us = state.last_inside_us = fix.fix_time
        state.standing = fix
        if before is None or not faster_than(before, fix, TELEPORT_MPS):
            return 0
        return int(Flag.TELEPORT) if apart_m(before.lat, before.lon, fix.lat, fix.lon) > TELEPORT_FROM_M else 0

    def _consider(self, gate: Gate, fix: Fix, edge_m: float, before: Fix | None) -> int:
        state = self.state
        if before and fell_silent(state, fix.fix_time):
            self._arrive(gate)
            self._stay(gate, fix, edge_m)
            return 0
        if fix.accuracy_m > gate.accuracy_limit_m:
            return 0
        if surely_inside(fix.accuracy_m, edge_m):
            state.last_inside_us = fix.fix_time
            if self._is_proven(gate, fix):
                self._arrive(gate)
            return 0
        if edge_m - fix.accuracy_m <= gate.leave_margin_m:
            return 0
        if before and self._visited_unseen(gate, before, fix):
            return self._infer(gate, state.first_inside_us, fix, edge_m)
        state.phase, state.standing, state.seen_outside = OUTSIDE, None, True
        return 0

    def _is_proven(self, gate: Gate, fix: Fix) -> bool:
        state = self.state
        if fix.fix_time - state.first_inside_us >= gate.dwell_us:
            return True
        anchor = state.standing
        if anchor is None or apart_m(anchor.lat, anchor.lon, fix.lat, fix.lon) > STANDING_WITHIN_M:
            state.standing = fix
            return False
        return fix.fix_time - anchor.fix_time >= STANDING_US

    def _arrive(self, gate: Gate) -> None:
        state = self.state
        state.current, state.phase = gate.stop_index, INSIDE
        state.standing, state.rings = None, ALL_RINGS
        state.sightings += (Sighting(gate.stop_index, state.first_inside_us),)

    def _stay(self, gate: Gate, fix: Fix, edge_m: float) -> None:
        state = self.state
        if fix.accuracy_m > gate.accuracy_limit_m:
            return
        if surely_inside(fix.accuracy_m, edge_m):
            state.last_inside_us, state.leaving = fix.fix_time, None
        elif state.leaving is None:
            if edge_m - fix.accuracy_m > gate.leave_margin_m:
                state.leaving = fix
        elif edge_m - fix.accuracy_m > gate.leave_margin_m or fix.fix_time - state.leaving.fix_time >= LEAVE_AFTER_US:
            self._depart(gate, state.leaving, fix)

    def _depart(self, gate: Gate, first: Fix, second: Fix) -> None:
        state = self.state
        arrived = state.sightings[-1]
        departed = msgspec.structs.replace(arrived, departed_at_us=state.last_inside_us)
        state.sightings = (*state.sightings[:-1], departed)
        self._head_for(gate.stop_index + 1)
        # The next place may lie across the road: what proved the leaving may prove the arrival there.
        self._observe(first, None)
        self._observe(second, None)

    def _visited_unseen(self, gate: Gate, before: Fix, fix: Fix) -> bool:
        """Whether the way between two sparse fixes crosses the fence with ten minutes to spare."""
        slack_us = fix.fix_time - before.fix_time - GAP_SLACK_US
        return (
            slack_us >= 0
            and gate.stop_index == self.state.current
            and before.accuracy_m <= gate.accuracy_limit_m
            and slack_us >= driving_us(apart_m(before.lat, before.lon, fix.lat, fix.lon))
            and gate.fence.crosses(before.lat, before.lon, fix.lat, fix.lon)
        )

    def _infer(self, gate: Gate, arrived_at_us: int, fix: Fix, edge_m: float) -> int:
        departed_at_us = fix.fix_time - driving_us(edge_m)
        self.state.sightings += (Sighting(gate.stop_index, arrived_at_us, departed_at_us, by_gap=True),)
        self._head_for(gate.stop_index + 1)
        return self._observe(fix, None)
