"""One truck's fixes walked through one by one: the reference that says what every fix does.

Order of thought for a fix: is it plausible (else held as suspect) → marks made before it → frozen? →
every fence (`geo.stays`) → what the stays mean for the stops (`geo.matching`) → rings → it is the truck's position.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from geo.fences import apart_m, to_segment_m
from geo.fix import Columns, Flag, Indices, Int32s
from geo.matching import match
from geo.plan import CompiledPlan, Mark
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
from geo.state import FlagChange, Folded, Ring, State, Stay
from geo.stays import Watch, silence_of
from geo.visits import compose

FOREVER_US = 1 << 62
FAR_RING, NEAR_RING, ALL_RINGS = 0b01, 0b10, 0b11
FAR_RING_M, NEAR_RING_M = 50_000, 5_000
RING_ACCURACY_M = 1_000.0


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

    __slots__ = ("_suspect_rows", "_watch", "changes", "flags", "plan", "rings", "state")

    def __init__(self, plan: CompiledPlan, state: State, flags: Int32s) -> None:
        self.plan = plan
        self.state = state
        self.flags = flags
        self.rings: list[Ring] = []
        self.changes: list[FlagChange] = []
        self._watch = Watch(state)
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
        state, gate = self.state, self.plan.gate_of[mark.stop_index]
        if mark.kind == "departed":
            if gate is not None:
                self._watch.cut(self.plan.gates[gate])
            state.floor = max(state.floor, mark.stop_index + 1)
        else:
            state.floor = max(state.floor, mark.stop_index)
        self._head_for(max(state.current, state.floor))
        if mark.kind == "arrived" and mark.stop_index == state.current:
            state.rings = ALL_RINGS

    def _head_for(self, stop_index: int) -> None:
        """Rings are told of the stop ahead; of one that the truck was at or headed for before, never again."""
        state = self.state
        if stop_index != state.current:
            state.rings = 0 if stop_index > state.furthest else ALL_RINGS
            state.current, state.furthest = stop_index, max(state.furthest, stop_index)

    def _observe(self, fix: Fix, before: Fix | None) -> int:
        """Fix against every fence that still counts, then against the stop ahead."""
        state, watch, flags = self.state, self._watch, 0
        for gate in self.plan.gates:
            if gate.stops[-1] < state.floor and state.presence(gate.index) is None:
                continue
            if watch.see(gate, fix, before) and self._is_teleport(fix, before):
                flags = int(Flag.TELEPORT)
        if watch.has_changed or self.plan.silences:
            self._match()
        self._ring(fix, before)
        return flags

    @staticmethod
    def _is_teleport(fix: Fix, before: Fix | None) -> bool:
        if before is None or not faster_than(before, fix, TELEPORT_MPS):
            return False
        return apart_m(before.lat, before.lon, fix.lat, fix.lon) > TELEPORT_FROM_M

    def _match(self) -> None:
        state, plan = self.state, self.plan
        self._watch.has_changed = False
        matched = match(plan, (*state.stays, *silent_stays(plan, state)))
        if matched.sightings != state.sightings:
            state.sightings = matched.sightings
        state.doubt = matched.doubt
        seen = [one for one in state.sightings if one.arrived_at_us is not None]
        current = seen[-1].stop_index + (seen[-1].departed_at_us is not None) if seen else 0
        self._head_for(max(current, state.floor))
        if seen and current == seen[-1].stop_index == state.current:
            state.rings = ALL_RINGS

    def _ring(self, fix: Fix, before: Fix | None) -> None:
        state, plan = self.state, self.plan
        is_told = state.rings == ALL_RINGS or state.current == len(plan.stops)
        if (is_told and state.reached == plan.cities) or fix.accuracy_m > RING_ACCURACY_M:
            return
        if before and (before.accuracy_m > RING_ACCURACY_M or faster_than(before, fix, JUMP_MPS)):
            before = None
        for stop in range(len(plan.stops)):
            bit = 1 << stop
            if plan.cities & ~state.reached & bit and self._nearest_m(stop, fix, before) <= FAR_RING_M:
                state.reached |= bit
        if not is_told:
            self._approach(self._nearest_m(state.current, fix, before), fix)

    def _approach(self, nearest_m: float, fix: Fix) -> None:
        state = self.state
        gate = self.plan.gate_of[state.current]
        if gate is not None and state.presence(gate) is not None:
            # Already there: "approaching" would be told backwards.
            state.rings = ALL_RINGS
            return
        reached = (FAR_RING if nearest_m <= FAR_RING_M else 0) | (NEAR_RING if nearest_m <= NEAR_RING_M else 0)
        if reached & ~state.rings:
            # Coming into both at once is one piece of news, the nearer one.
            ring_m = NEAR_RING_M if reached & NEAR_RING else FAR_RING_M
            self.rings.append(Ring(state.current, ring_m, fix.fix_time))
            state.rings |= reached

    def _nearest_m(self, stop: int, fix: Fix, before: Fix | None) -> float:
        """How near to a stop's place the way to this fix came."""
        lat, lon = self.plan.places[stop]
        nearest_m = apart_m(lat, lon, fix.lat, fix.lon)
        if before:
            nearest_m = min(nearest_m, to_segment_m(lat, lon, before.lat, before.lon, fix.lat, fix.lon))
        return nearest_m


def silent_stays(plan: CompiledPlan, state: State) -> list[Stay]:
    """The arrivals concluded from silence that no fix has refuted since."""
    found = []
    for presence in state.presences:
        stops = plan.gates[presence.gate].stops
        stay = silence_of(presence, FOREVER_US)
        if stay and any(mark.stop_index in stops and mark.at_us == presence.since_us for mark in plan.silences):
            found.append(stay)
    return found
