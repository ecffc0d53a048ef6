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
    """What the fixes alone prove of one stop. `by_gap`: inferred from a crossing between sparse fixes."""

    stop_index: int
    arrived_at_us: int
    departed_at_us: int | None = None
    by_gap: bool = False


class Witness(msgspec.Struct, frozen=True):
    """One testimony to an arrival or a departure, microseconds since 1970 UTC."""

    kind: MarkKind
    at_us: int
    source: Source


class Visit(msgspec.Struct, frozen=True):
    """A stop's arrival and departure as the best witness has them; every witness stays listed.

    A stop that was passed without anyone noticing has no Visit at all.
    """

    stop_index: int
    arrived_at_us: int | None
    departed_at_us: int | None
    arrived_source: Source | None
    departed_source: Source | None
    witnesses: tuple[Witness, ...]


def compose(plan: Plan, sightings: Sequence[Sighting]) -> tuple[Visit, ...]:
    """Visits in stop order from what the fixes prove and what people marked."""
    seen: dict[int, list[Witness]] = {}
    for sighting in sightings:
        source: Source = "gap" if sighting.by_gap else "gps"
        witnesses = seen.setdefault(sighting.stop_index, [])
        witnesses.append(Witness("arrived", sighting.arrived_at_us, source))
        if sighting.departed_at_us is not None:
            witnesses.append(Witness("departed", sighting.departed_at_us, source))
    for mark in plan.marks:
        seen.setdefault(mark.stop_index, []).append(Witness(mark.kind, mark.at_us, mark.source))
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
