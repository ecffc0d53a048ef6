"""When a truck was in a fence: each fence of a plan watches for itself, whatever stop the truck heads for.

A presence begins as a candidate at the first fix measured inside, is proven by standing or by more time than a jam
takes, and ends in a stay when the truck is surely outside. What the stays mean for the stops is `geo.matching`'s.
"""

from __future__ import annotations

import msgspec

from geo.fences import apart_m, crossing_share
from geo.fix import SECOND_US
from geo.plan import Gate
from geo.plausibility import Fix
from geo.state import GAP, SILENCE, SLOW, STANDING, Presence, State, Stay

MINUTE_US = 60 * SECOND_US
# Standing: so long within so many metres, or at less than a walking pace, beside what the fixes claim of themselves.
STANDING_US = 100 * SECOND_US
STANDING_WITHIN_M = 60.0
STANDING_MPS = 0.8
MOST_EXCUSED_M = 50.0
# A fix that is inside only by its middle proves a stay by much more time.
CERTAIN_ACCURACY_M = 100.0
VAGUE_STANDING_US = 10 * MINUTE_US
# Who stands so long where a later stop is has passed the stops before it.
LONG_US = STANDING_US + 10 * MINUTE_US
LEAVE_AFTER_US = 120 * SECOND_US
FAR_OUTSIDE_M, FURTHEST_OUTSIDE_M = 300.0, 2_000.0
# Within so long, the edge was crossed on the straight way between two fixes.
DENSE_US = 5 * MINUTE_US
SPARSE_US = 15 * MINUTE_US
RETURN_US = 60 * MINUTE_US
# Time to spare over the way makes a gap a visit: with no fix inside, and with one.
UNSEEN_SLACK_US, UNSEEN_MPS = 30 * MINUTE_US, 40 / 3.6
SEEN_SLACK_US, SEEN_MPS = 5 * MINUTE_US, 50 / 3.6
OPEN_ROAD_MPS = 90 / 3.6
SLOW_MPS, DRIVING_MPS = 5 / 3.6, 3.0
# How trucks brake and pull away, and how far apart fixes may lie to tell by it how long one stood between them.
PULL_MPS2 = 0.7
SPARSELY_STOOD_US, STOOD_UNSEEN_US = 90 * SECOND_US, 85 * SECOND_US
SILENT_SLOW_US, SILENT_US = 5 * MINUTE_US, 15 * MINUTE_US
MOST_STAYS = 40


def driving_us(distance_m: float, mps: float) -> int:
    """How long a way takes at a pace."""
    return int(max(0.0, distance_m) / mps * SECOND_US)


def crossed_at_us(gate: Gate, before: Fix, after: Fix) -> int:
    """When the edge between two fixes was crossed, one of them inside and the other not."""
    share = crossing_share(gate.fence, before.lat, before.lon, after.lat, after.lon)
    return before.fix_time + int(share * (after.fix_time - before.fix_time))


def is_same_place(first: Fix, second: Fix) -> bool:
    """Whether a standing truck may have made both fixes."""
    pace_m = STANDING_MPS * (second.fix_time - first.fix_time) / SECOND_US
    errors_m = min(first.accuracy_m, MOST_EXCUSED_M) + min(second.accuracy_m, MOST_EXCUSED_M)
    return apart_m(first.lat, first.lon, second.lat, second.lon) <= max(STANDING_WITHIN_M, pace_m) + errors_m


def stood_unseen_us(presence: Presence, after: Fix) -> int:
    """How long a truck must have stood where a few fixes a minute apart saw it standing: the time between the fixes
    before and after less what braking from the one's pace and pulling away to the other's take."""
    anchor, approach = presence.anchor, presence.approach
    if anchor is None or approach is None or max(anchor.speed_mps, presence.inside.speed_mps) > SLOW_MPS:
        return 0
    if min(approach.speed_mps, after.speed_mps) < DRIVING_MPS or min(anchor.speed_mps, presence.inside.speed_mps) < 0:
        return 0
    if max(anchor.fix_time - approach.fix_time, after.fix_time - presence.inside.fix_time) > SPARSELY_STOOD_US:
        return 0
    moving_us = 0
    for moving, standing in ((approach, anchor), (after, presence.inside)):
        way_m = apart_m(moving.lat, moving.lon, standing.lat, standing.lon)
        moving_us += driving_us(way_m / moving.speed_mps + moving.speed_mps / (2 * PULL_MPS2), 1.0)
    return after.fix_time - approach.fix_time - moving_us


class Watch:
    """Follows one truck over the fences of its plan, changing `state` in place; `has_changed` when stays did."""

    __slots__ = ("has_changed", "state")

    def __init__(self, state: State) -> None:
        self.state = state
        self.has_changed = False

    def see(self, gate: Gate, fix: Fix, before: Fix | None) -> bool:
        """One fix against one fence; whether it begins a presence there. `before`: the fix before it, None when the way
        from there is not to be believed."""
        if fix.accuracy_m > gate.accuracy_limit_m:
            return False
        presence = self.state.presence(gate.index)
        if presence is None:
            return self._look(gate, fix, before)
        edge_m = gate.fence.edge_m(fix.lat, fix.lon)
        if edge_m <= 0:
            self._inside(gate, presence, fix, before)
        elif presence.is_proven:
            self._outside(gate, presence, fix, edge_m)
        else:
            self._doubt(gate, presence, fix, edge_m)
        return False

    def cut(self, gate: Gate) -> None:
        """Somebody marked the departure from this fence: what follows is another stay."""
        presence = self.state.presence(gate.index)
        if presence is None:
            return
        if presence.is_proven:
            self._change(self._stay_of(gate), is_cut=True)
        self.state.forget(presence)

    def _look(self, gate: Gate, fix: Fix, before: Fix | None) -> bool:
        state, fence = self.state, gate.fence
        if before is not None and before.accuracy_m > gate.accuracy_limit_m:
            before = None
        if fence.least_m(fix.lat, fix.lon) <= 0 and fence.edge_m(fix.lat, fix.lon) <= 0:
            state.presences += (self._begun(gate, fix, before),)
            return True
        if before is not None and self._was_unseen(gate, before, fix):
            way_us = driving_us(fence.edge_m(before.lat, before.lon), OPEN_ROAD_MPS)
            departed_at_us = fix.fix_time - driving_us(fence.edge_m(fix.lat, fix.lon), OPEN_ROAD_MPS)
            self._add(Stay(gate.index, before.fix_time + way_us, departed_at_us, GAP))
        state.seen_outside |= gate.bit
        return False

    def _begun(self, gate: Gate, fix: Fix, before: Fix | None) -> Presence:
        since_us = fix.fix_time
        if before is not None and fix.fix_time - before.fix_time <= DENSE_US and self._is_outside(gate, before):
            since_us = crossed_at_us(gate, before, fix)
        from_outside = bool(self.state.seen_outside & gate.bit)
        return Presence(gate.index, since_us, fix, fix, from_outside, approach=before)

    @staticmethod
    def _is_outside(gate: Gate, fix: Fix) -> bool:
        return gate.fence.edge_m(fix.lat, fix.lon) > 0

    def _inside(self, gate: Gate, presence: Presence, fix: Fix, before: Fix | None) -> None:
        anchor = presence.anchor
        if not presence.is_proven and presence.leaving is not None and anchor and not is_same_place(anchor, fix):
            self.state.forget(presence)
            self.state.presences += (self._begun(gate, fix, before),)
            return
        last, presence.inside, presence.outside, presence.leaving = presence.inside, fix, None, None
        if anchor is not None and not is_same_place(anchor, fix):
            presence.anchor, presence.approach = fix, last
        if anchor is not None:
            self._prove(gate, presence, anchor, fix)
        elif fix.fix_time - self._stay_of(gate).arrived_at_us >= LONG_US:
            self._lengthen(gate)

    def _prove(self, gate: Gate, presence: Presence, anchor: Fix, fix: Fix) -> None:
        """A stay is shown by standing, or by more time inside than crawling through takes."""
        if presence.anchor is anchor and fix.fix_time - anchor.fix_time >= self._needed_us(gate, anchor, fix):
            presence.anchor = None
            if presence.is_proven:
                self._change(self._stay_of(gate), shown_by=STANDING)
            else:
                self._arrive(gate, presence, STANDING)
            return
        if not presence.is_proven and fix.fix_time - presence.since_us >= max(gate.slow_us, STANDING_US):
            self._arrive(gate, presence, SLOW)

    @staticmethod
    def _needed_us(gate: Gate, anchor: Fix, fix: Fix) -> int:
        for one in (anchor, fix):
            if one.accuracy_m > max(CERTAIN_ACCURACY_M, -gate.fence.edge_m(one.lat, one.lon)):
                return VAGUE_STANDING_US
        return STANDING_US

    def _arrive(self, gate: Gate, presence: Presence, shown_by: int) -> None:
        presence.is_proven = True
        self._add(
            Stay(
                gate.index,
                presence.since_us,
                shown_by=shown_by,
                from_outside=presence.from_outside,
                reached=self.state.reached,
            )
        )

    def _lengthen(self, gate: Gate) -> None:
        """Standing long enough passes over the stops nobody saw, unless the truck may be waiting at one of them."""
        stay, state = self._stay_of(gate), self.state
        near = any(one.gate != gate.index and one.outside is None for one in state.presences)
        if not stay.is_long and not near:
            self._change(stay, is_long=True)

    def _doubt(self, gate: Gate, presence: Presence, fix: Fix, edge_m: float) -> None:
        """A candidate and a fix that is not inside: dropped by what is surely outside, unless it was one stray fix."""
        presence.outside = presence.outside or fix
        if edge_m - fix.accuracy_m <= 0:
            return
        state, inside = self.state, presence.inside
        way_us = driving_us(apart_m(inside.lat, inside.lon, fix.lat, fix.lon), SEEN_MPS)
        if presence.leaving is None and stood_unseen_us(presence, fix) >= STOOD_UNSEEN_US:
            self._arrive(gate, presence, STANDING)
            self._outside(gate, presence, fix, edge_m)
            return
        if presence.leaving is None and fix.fix_time - inside.fix_time >= way_us + SEEN_SLACK_US:
            departed_at_us = max(presence.since_us, fix.fix_time - driving_us(edge_m, OPEN_ROAD_MPS))
            state.forget(presence)
            self._add(Stay(gate.index, presence.since_us, departed_at_us, GAP, from_outside=presence.from_outside))
        elif presence.leaving is None:
            presence.leaving = fix
            return
        else:
            state.forget(presence)
        state.seen_outside |= gate.bit

    def _outside(self, gate: Gate, presence: Presence, fix: Fix, edge_m: float) -> None:
        presence.outside = presence.outside or fix
        is_surely = edge_m - fix.accuracy_m > gate.leave_margin_m
        if presence.leaving is None:
            if not is_surely:
                return
            presence.leaving = fix
        if not self._has_left(gate, presence, fix, edge_m, is_surely=is_surely):
            return
        stay = self._stay_of(gate)
        at_us = max(stay.arrived_at_us, self._left_at_us(gate, presence, presence.outside))
        is_long = stay.is_long or at_us - stay.arrived_at_us >= LONG_US
        self.state.forget(presence)
        self.state.seen_outside |= gate.bit
        self._change(stay, departed_at_us=at_us, is_long=is_long)

    @staticmethod
    def _has_left(gate: Gate, presence: Presence, fix: Fix, edge_m: float, *, is_surely: bool) -> bool:
        """Leaving is proven by time outside, or by a way that leads on: stray fixes stay where they strayed."""
        leaving = presence.leaving
        if leaving is None or fix.fix_time - leaving.fix_time >= LEAVE_AFTER_US:
            return leaving is not None
        if not is_surely:
            return False
        if fix.fix_time - presence.inside.fix_time >= LEAVE_AFTER_US and edge_m - fix.accuracy_m > FURTHEST_OUTSIDE_M:
            return True
        went_on = edge_m > gate.fence.edge_m(leaving.lat, leaving.lon) and not is_same_place(leaving, fix)
        return went_on and edge_m - fix.accuracy_m > FAR_OUTSIDE_M

    @staticmethod
    def _left_at_us(gate: Gate, presence: Presence, outside: Fix) -> int:
        inside = presence.inside
        between_us = outside.fix_time - inside.fix_time
        if between_us <= DENSE_US:
            return crossed_at_us(gate, inside, outside)
        if between_us <= SPARSE_US:
            return inside.fix_time
        # A phone that says nothing while it stands speaks again on its way.
        way_us = driving_us(gate.fence.edge_m(outside.lat, outside.lon), SEEN_MPS)
        return max(inside.fix_time, outside.fix_time - way_us)

    def _was_unseen(self, gate: Gate, before: Fix, fix: Fix) -> bool:
        """Whether the way between two fixes outside crosses the fence with time to spare."""
        spare_us = fix.fix_time - before.fix_time - UNSEEN_SLACK_US
        return (
            spare_us >= 0
            and spare_us >= driving_us(apart_m(before.lat, before.lon, fix.lat, fix.lon), UNSEEN_MPS)
            and self._is_outside(gate, before)
            and gate.fence.crosses(before.lat, before.lon, fix.lat, fix.lon)
        )

    def _stay_of(self, gate: Gate) -> Stay:
        """The last stay at this fence."""
        return next(stay for stay in reversed(self.state.stays) if stay.gate == gate.index)

    def _add(self, stay: Stay) -> None:
        """One more stay, or the one before it taken up again: back within the hour and nowhere else meanwhile."""
        self.has_changed = True
        known = next((one for one in reversed(self.state.stays) if one.gate == stay.gate), None)
        if known is None or not self._resumes(known, stay):
            self.state.stays = (*self._remembered(), stay)
            return
        shown_by = max(known.shown_by, stay.shown_by)
        self._change(known, departed_at_us=stay.departed_at_us, shown_by=shown_by)

    def _resumes(self, known: Stay, stay: Stay) -> bool:
        left_at_us = known.departed_at_us
        if left_at_us is None or known.is_cut or stay.arrived_at_us - left_at_us > RETURN_US:
            return False
        if all(known.arrived_at_us != one.arrived_at_us for one in self.state.sightings):
            # Nobody visited anything there: a driver who went home on his way.
            return False
        return all(one.gate == known.gate or one.arrived_at_us <= known.arrived_at_us for one in self.state.stays)

    def _remembered(self) -> tuple[Stay, ...]:
        """The stays so far, of very many without the oldest that is over."""
        stays = self.state.stays
        if len(stays) < MOST_STAYS:
            return stays
        oldest = next((one for one in stays if one.departed_at_us is not None or one.is_cut), None)
        return tuple(one for one in stays if one is not oldest)

    def _change(self, stay: Stay, **changes: object) -> None:
        self.has_changed = True
        changed = msgspec.structs.replace(stay, **changes)
        self.state.stays = tuple(changed if one is stay else one for one in self.state.stays)


def silence_of(presence: Presence, at_us: int) -> Stay | None:
    """The stay that a truck shows by one standing fix inside and silence until `at_us`; None when it does not."""
    fix = presence.inside
    if presence.is_proven or presence.outside is not None:
        return None
    if fix.speed_mps > SLOW_MPS or at_us - fix.fix_time < (SILENT_SLOW_US if fix.speed_mps >= 0 else SILENT_US):
        return None
    return Stay(presence.gate, presence.since_us, shown_by=SILENCE, from_outside=presence.from_outside)
