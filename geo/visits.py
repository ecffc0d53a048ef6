"""What is known of each stop: arrival and departure, who witnesses them, and the stage that follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from geo.plan import MarkKind, Plan

Source = Literal["gps", "driver", "dispatcher", "silence", "gap"]
Stage = Literal["assigned", "at_loading", "in_transit", "at_unloading", "delivered"]

STAGES: tuple[Stage, ...] = ("assigned", "at_loading", "in_transit", "at_unloading", "delivered")
# Whose time is shown when several witness the same event: measured, then said, then inferred.
PRECEDENCE: tuple[Source, ...] = ("gps", "driver", "dispatcher", "silence", "gap")


class Sighting(msgspec.Struct, array_like=True, frozen=True):
    """What the fixes alone show of one stop. `by_gap`: inferred from a crossing between sparse fixes; `by_silence`:
    from a fix inside and nothing after it. Without any time: passed, although nobody saw the truck there.
    """

    stop_index: int
    arrived_at_us: int | None
    departed_at_us: int | None = None
    by_gap: bool = False
    by_silence: bool = False


class Witness(msgspec.Struct, frozen=True):
    """One testimony to an arrival or a departure, microseconds since 1970 UTC."""

    kind: MarkKind
    at_us: int
    source: Source


class Visit(msgspec.Struct, frozen=True):
    """A stop's arrival and departure as the best witness has them; every witness stays listed.

    `is_unmarked`: the truck stood at a later stop long enough to show that this one is over or was left out, and nobody
    saw or marked it: neither time is known. A stop known only to its city that is passed has no Visit at all.
    """

    stop_index: int
    arrived_at_us: int | None
    departed_at_us: int | None
    arrived_source: Source | None
    departed_source: Source | None
    witnesses: tuple[Witness, ...]

    @property
    def is_unmarked(self) -> bool:
        """Whether the stop was passed with neither arrival nor departure known."""
        return self.arrived_at_us is None and self.departed_at_us is None


def compose(plan: Plan, sightings: Sequence[Sighting]) -> tuple[Visit, ...]:
    """Visits in stop order from what the fixes show and what people marked. What was concluded from silence counts only
    beside a sighting: it falls with the fixes that it was concluded from."""
    seen: dict[int, list[Witness]] = {}
    shown: set[int] = set()
    for sighting in sightings:
        witnesses = seen.setdefault(sighting.stop_index, [])
        if sighting.arrived_at_us is None:
            continue
        shown.add(sighting.stop_index)
        source: Source = "gap" if sighting.by_gap else "silence" if sighting.by_silence else "gps"
        witnesses.append(Witness("arrived", sighting.arrived_at_us, source))
        if sighting.departed_at_us is not None:
            witnesses.append(Witness("departed", sighting.departed_at_us, source))
    for mark in plan.marks:
        witness = Witness(mark.kind, mark.at_us, mark.source)
        if mark.source != "silence" or (mark.stop_index in shown and witness not in seen[mark.stop_index]):
            seen.setdefault(mark.stop_index, []).append(witness)
    return tuple(_visit(index, seen[index]) for index in sorted(seen))


def _rank(witness: Witness) -> tuple[int, int]:
    # Of two presses by the same person the first one counts.
    return PRECEDENCE.index(witness.source), witness.at_us


def _visit(stop_index: int, witnesses: list[Witness]) -> Visit:
    arrived = min((w for w in witnesses if w.kind == "arrived"), key=_rank, default=None)
    departed = min((w for w in witnesses if w.kind == "departed"), key=_rank, default=None)
    arrived_at_us = arrived.at_us if arrived else None
    if arrived_at_us is not None and departed is not None:
        # People press late and their clocks differ; a stay never ends before it began.
        arrived_at_us = min(arrived_at_us, departed.at_us)
    return Visit(
        stop_index,
        arrived_at_us,
        departed.at_us if departed else None,
        arrived.source if arrived else None,
        departed.source if departed else None,
        tuple(sorted(witnesses, key=lambda w: (w.kind, *_rank(w)))),
    )


def stage_of(plan: Plan, visits: Sequence[Visit]) -> Stage:
    """The stage the furthest visited stop implies; it never falls when visits only grow.

    Loading lasts until the last loading place before the truck sets off to unload is left, and
    unloading from the first unloading place to the end, so that a stage is told once.
    """
    if not visits:
        return "assigned"
    last = max(visits, key=lambda visit: visit.stop_index)
    departed = last.departed_at_us is not None
    if departed and last.stop_index == len(plan.stops) - 1:
        return "delivered"
    reached = plan.stops[: last.stop_index + 1]
    if any(stop.kind == "unloading" for stop in reached):
        return "at_unloading"
    if departed and plan.stops[last.stop_index + 1].kind == "unloading":
        return "in_transit"
    return "at_loading"
