"""Folding a batch of many trucks at once: the same result as `stages.fold` for each, at a fraction of its cost.

Fixes at which nothing can happen (`geo.quiet`) are passed over for all trucks together in numpy; the walk
starts at the first other fix of each truck.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import numpy as np

from geo.fix import FOLDED, Columns, Flag, Indices, Int32s
from geo.plan import CompiledPlan, Plan, compile_plan
from geo.plausibility import Fix
from geo.quiet import heading, headings, last_seen, quiet
from geo.state import Folded, State, counted
from geo.visits import Visit, compose
from geo.walk import Walk, measured

# A long track is taken in windows, so that the view ahead is never recomputed for all of it.
WINDOW_ROWS = 1024
# Near a fence many fixes in a row matter; on the road the next circle begins at the first of them.
WALKED_ROWS, WALKED_ON_THE_ROAD = 64, 4


class TrackState:
    """One trip between batches: its plan prepared, its state, its visits, what it heads for."""

    __slots__ = ("_visits", "compiled", "heading", "plan", "state")

    def __init__(self, plan: Plan, state: State | None = None, compiled: CompiledPlan | None = None) -> None:
        self.plan = plan
        # Even to find a prepared plan means hashing every corner of every fence.
        self.compiled = compiled or compile_plan(plan)
        self.state = State() if state is None else state
        self.heading = heading(self.compiled, self.state)
        self._visits: tuple[Visit, ...] | None = None

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The visits as known from the state and the plan's marks."""
        if self._visits is None:
            self._visits = compose(self.plan, self.state.sightings)
        return self._visits

    def accept(self, folded: Folded) -> None:
        """Go on from what a fold led to (after it was committed)."""
        self.state, self._visits = folded.state, folded.visits
        if not folded.was_quiet:
            self.heading = heading(self.compiled, folded.state)


class _Carried:
    """One truck on its way through a batch: counted fixes [next, end) are still to be folded. Its `state` is the
    track's own, which stays as it is, until something happens."""

    __slots__ = ("end", "heading", "next", "state", "track", "walk")

    def __init__(self, track: TrackState, first: int, end: int) -> None:
        self.track = track
        self.state = track.state
        self.heading = track.heading
        self.walk: Walk | None = None
        self.next = first
        self.end = end

    def pass_over(self, last: Fix, unmoved_since_us: int) -> None:
        """Take over what quiet rows up to `last` mean: the truck is still in the same fences, or in none."""
        state = self._own_state()
        state.last, state.unmoved_since_us = last, unmoved_since_us
        for presence in state.presences:
            presence.inside = last

    def most_walked(self) -> int:
        """After how many fixes it is worth looking ahead again."""
        return WALKED_ROWS if self.state.presences else WALKED_ON_THE_ROAD

    def over(self, fixes: Iterable[Fix], rows: Iterable[int], flags: Int32s) -> None:
        """Walk fixes one by one."""
        if self.walk is None:
            self.walk = Walk(self.track.compiled, self._own_state(), flags)
        self.walk.over(fixes, rows)
        self.heading = heading(self.track.compiled, self.state)

    def folded(self, flags: Int32s) -> Folded:
        state, track, walk = self.state, self.track, self.walk
        if walk is None:
            return Folded(state, track.visits, (), (), flags, was_quiet=True)
        unchanged = state.sightings is track.state.sightings
        visits = track.visits if unchanged else compose(track.plan, state.sightings)
        return Folded(state, visits, tuple(walk.rings), tuple(walk.changes), flags)

    def _own_state(self) -> State:
        if self.state is self.track.state:
            self.state = self.track.state.copy()
        return self.state


def fold_batch(tracks: Sequence[TrackState], fixes: Columns, owner: Int32s) -> list[Folded | None]:
    """Fold each fix into `tracks[owner]`; one Folded a track, None for tracks without fixes.

    Fixes of one track must stand in the order and under the conditions of `stages.fold`; those of
    different tracks may be mixed. `Folded.flags` are in the order of the track's own fixes. The tracks stay
    as they are: `accept` what was committed.
    """
    result: list[Folded | None] = [None] * len(tracks)
    if not len(fixes):
        return result
    if not _is_grouped(owner):
        order = np.argsort(owner, kind="stable")
        fixes, owner = fixes.take(order), owner[order]
    flags = fixes.flags & np.int32(~FOLDED)
    present, starts = np.unique(owner, return_index=True)
    bounds = np.append(starts, len(owner))
    windows_us = np.asarray([track.plan.window_from_us for track in tracks], np.int64)
    rows = np.flatnonzero(counted(windows_us[owner], fixes))
    reach = bounds if len(rows) == len(fixes) else np.searchsorted(rows, bounds)
    ends = reach[1:].tolist()
    carried = [
        _Carried(tracks[index], first, end)
        for index, first, end in zip(present.tolist(), reach[:-1].tolist(), ends, strict=True)
    ]
    _carry(carried, fixes if len(rows) == len(fixes) else fixes.take(rows), rows, flags)
    cuts = bounds.tolist()
    for index, truck, start, end in zip(present.tolist(), carried, cuts, cuts[1:], strict=False):
        result[index] = truck.folded(flags[start:end])
    return result


def refold(plan: Plan, fixes: Columns) -> Folded:
    """`fold(plan, initial(plan), fixes)` at the speed of a batch, for a whole stored track."""
    folded = fold_batch([TrackState(plan)], fixes, np.zeros(len(fixes), np.int32))[0]
    return folded or Folded(State(), compose(plan, ()), (), (), np.zeros(0, np.int32))


def _is_grouped(owner: Int32s) -> bool:
    return bool((owner[1:] >= owner[:-1]).all())


def _carry(carried: list[_Carried], fixes: Columns, rows: Indices, flags: Int32s) -> None:
    """Take every truck to its end, a window at a time; `rows` say where in `flags` each fix stands."""
    pending = [truck for truck in carried if truck.next < truck.end]
    while pending:
        begins = np.array([truck.next for truck in pending])
        ends = np.minimum([truck.end for truck in pending], begins + WINDOW_ROWS)
        lengths = ends - begins
        index = None if lengths.sum() == len(fixes) else _runs(begins, lengths)
        _pass_quiet(
            pending,
            lengths,
            fixes if index is None else fixes.take(index),
            rows if index is None else rows[index],
            flags,
        )
        _walk_busy(pending, ends.tolist(), fixes, rows, flags)
        pending = [truck for truck in pending if truck.next < truck.end]


def _runs(begins: Indices, lengths: Indices) -> Indices:
    """The rows [begin, begin + length) of each, one after another."""
    ends = np.cumsum(lengths)
    return np.asarray(np.arange(ends[-1]) + np.repeat(begins - (ends - lengths), lengths))


def _walk_busy(pending: list[_Carried], ends: list[int], fixes: Columns, rows: Indices, flags: Int32s) -> None:
    """Walk each truck a little from where it is not quiet; then it is worth looking ahead again."""
    walks = [
        (truck, min(end, truck.next + truck.most_walked()) - truck.next)
        for truck, end in zip(pending, ends, strict=True)
        if truck.next < end
    ]
    if not walks:
        return
    walked = _runs(np.array([truck.next for truck, _ in walks]), np.array([count for _, count in walks]))
    steps = measured(fixes, walked)
    numbers = iter(rows[walked].tolist())
    for truck, count in walks:
        truck.over(islice(steps, count), islice(numbers, count), flags)
        truck.next += count


def _pass_quiet(pending: list[_Carried], lengths: Indices, fixes: Columns, rows: Indices, flags: Int32s) -> None:
    """Advance each truck over the quiet ones of its next `lengths` rows."""
    ends = np.cumsum(lengths)
    starts = ends - lengths
    trucks = headings([truck.heading for truck in pending])
    seen = quiet(fixes, starts, [last_seen(truck.state) for truck in pending], trucks)
    numbers = np.arange(len(fixes))
    stops = np.minimum(np.minimum.reduceat(np.where(seen.rows, len(fixes), numbers), starts), ends)
    if seen.frozen.any():
        frozen = np.flatnonzero(seen.frozen & (numbers < np.repeat(stops, lengths)))
        flags[rows[frozen]] |= np.int32(Flag.FROZEN)
    passing = np.flatnonzero(stops > starts)
    lasts = stops[passing] - 1
    for k, passed, fix, since_us in zip(
        passing.tolist(),
        (stops - starts)[passing].tolist(),
        measured(fixes, lasts),
        seen.unmoved_since_us[lasts].tolist(),
        strict=True,
    ):
        pending[k].next += passed
        pending[k].pass_over(fix, int(since_us))
