"""What the fold is told: the stops of a trip in order, people's marks, and the tracking window."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

from geo.fences import CompiledFence, Fence, compile_fence
from geo.fix import SECOND_US

StopKind = Literal["loading", "unloading"]
MarkKind = Literal["arrived", "departed"]
MarkSource = Literal["driver", "dispatcher", "silence"]

# A jam moves at a walking pace.
JAM_MPS = 5 / 3.6
LEAVE_MARGIN_SHARE = 0.25
MINIMUM_LEAVE_MARGIN_M = 100.0


class Stop(msgspec.Struct, frozen=True):
    """One loading or unloading place. `fence` None: known only to its city at (lat, lon)."""

    index: int
    kind: StopKind
    fence: Fence | None
    lat: float
    lon: float


class Mark(msgspec.Struct, frozen=True):
    """A witness that is not a fix: someone pressed a button, or the phone fell silent at the place.

    `at_us` is when it is said to have happened, microseconds since 1970 UTC.
    """

    stop_index: int
    kind: MarkKind
    at_us: int
    source: MarkSource


class Plan(msgspec.Struct, frozen=True):
    """The fold's constant input; a changed fence or a new mark is another plan and refolds the trip.

    `stops` stand in order with index = place in the tuple. Fixes before `window_from_us` are passed over.
    """

    stops: tuple[Stop, ...]
    marks: tuple[Mark, ...] = ()
    window_from_us: int = 0


class Gate:
    """A fence of the plan with the stops that lie in it and the limits the stage rules derive from it (metres,
    microseconds)."""

    __slots__ = ("accuracy_limit_m", "bit", "fence", "index", "leave_margin_m", "slow_us", "stops")

    def __init__(self, index: int, fence: CompiledFence, stops: tuple[int, ...]) -> None:
        self.index = index
        self.bit = 1 << index
        self.fence = fence
        self.stops = stops
        self.accuracy_limit_m = max(fence.radius_m, 100.0)
        self.leave_margin_m = max(MINIMUM_LEAVE_MARGIN_M, fence.radius_m * LEAVE_MARGIN_SHARE)
        # Who needs longer than this is not driving through, even in a jam.
        self.slow_us = int(2 * fence.bounding_radius_m / JAM_MPS * SECOND_US)


class CompiledPlan:
    """A plan with fences prepared and marks in the order in which they take effect.

    `gates` has each fence once, `gate_of[stop]` is the place in it of a stop's own, None without one. `cities` is a
    mask of the stops without a fence. `silences` are the arrivals concluded from silence, which count only as long as
    the fixes bear them out.
    """

    __slots__ = (
        "cities",
        "gate_of",
        "gates",
        "marked",
        "marks",
        "places",
        "plan",
        "silences",
        "stops",
        "window_from_us",
    )

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.stops = plan.stops
        self.window_from_us = plan.window_from_us
        self.marks = tuple(
            sorted(
                (mark for mark in plan.marks if mark.source != "silence"),
                key=lambda mark: (mark.at_us, mark.stop_index, mark.kind),
            )
        )
        self.silences = tuple(mark for mark in plan.marks if mark.source == "silence")
        self.marked = frozenset(mark.stop_index for mark in self.marks)
        stops_in: dict[Fence, list[int]] = {}
        for stop in plan.stops:
            if stop.fence is not None:
                stops_in.setdefault(stop.fence, []).append(stop.index)
        self.gates = tuple(
            Gate(index, compile_fence(fence), tuple(stops)) for index, (fence, stops) in enumerate(stops_in.items())
        )
        numbers = {stop: gate.index for gate in self.gates for stop in gate.stops}
        self.gate_of = tuple(numbers.get(stop.index) for stop in plan.stops)
        self.cities = sum(1 << stop.index for stop in plan.stops if stop.fence is None)
        self.places = tuple(
            (stop.lat, stop.lon) if gate is None else (self.gates[gate].fence.lat, self.gates[gate].fence.lon)
            for stop, gate in zip(plan.stops, self.gate_of, strict=True)
        )

    def floor_at(self, at_us: int) -> int:
        """The first stop a truck can be at, by the marks made before `at_us`."""
        floors = [mark.stop_index + (mark.kind == "departed") for mark in self.marks if mark.at_us < at_us]
        return max(floors, default=0)


@lru_cache(maxsize=4096)
def compile_plan(plan: Plan) -> CompiledPlan:
    """The plan prepared for folding; kept for the plans lately used."""
    return CompiledPlan(plan)
