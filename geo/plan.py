"""What the fold is told: the stops of a trip in order, people's marks, and the tracking window."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec

from geo.fences import CompiledFence, Fence, compile_fence

StopKind = Literal["loading", "unloading"]
MarkKind = Literal["arrived", "departed"]
MarkSource = Literal["driver", "dispatcher", "silence"]

# A vehicle crossing a fence at this pace is not visiting it.
PASSING_MPS = 50 / 3.6
DWELL_US = 120_000_000
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
    """A stop's fence with the limits the stage rules derive from it (metres, microseconds)."""

    __slots__ = ("accuracy_limit_m", "dwell_us", "fence", "leave_margin_m", "stop_index")

    def __init__(self, stop_index: int, fence: CompiledFence) -> None:
        self.stop_index = stop_index
        self.fence = fence
        self.accuracy_limit_m = max(fence.radius_m, 100.0)
        self.leave_margin_m = max(MINIMUM_LEAVE_MARGIN_M, fence.radius_m * LEAVE_MARGIN_SHARE)
        # In a large fence two minutes inside prove nothing: driving straight through takes longer.
        self.dwell_us = max(DWELL_US, int(2 * fence.bounding_radius_m / PASSING_MPS * 1_000_000))


class CompiledPlan:
    """A plan with fences prepared and marks in the order in which they take effect.

    `watched[current]` is the gate of the first fenced stop not before `current`, None when there is none.
    """

    __slots__ = ("gates", "marks", "places", "plan", "stops", "watched", "window_from_us")

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
        self.gates = tuple(
            None if stop.fence is None else Gate(stop.index, compile_fence(stop.fence)) for stop in plan.stops
        )
        self.places = tuple(
            (stop.lat, stop.lon) if gate is None else (gate.fence.lat, gate.fence.lon)
            for stop, gate in zip(plan.stops, self.gates, strict=True)
        )
        following: Gate | None = None
        watched: list[Gate | None] = [None]
        for gate in reversed(self.gates):
            following = gate or following
            watched.append(following)
        self.watched = tuple(reversed(watched))


@lru_cache(maxsize=4096)
def compile_plan(plan: Plan) -> CompiledPlan:
    """The plan prepared for folding; kept for the plans lately used."""
    return CompiledPlan(plan)
