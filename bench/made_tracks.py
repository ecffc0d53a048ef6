"""Made drives whose truth is known to the second: a truck on a road with stops, lights, jams, and what its phone says.

A truck moves along a straight road northward, a yard lies `aside` of it; all is flat metres around one place. A family
is one way in which drives differ from the ordinary one. The same seed makes the same drives.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geo.fences import METRES_PER_DEGREE, Circle, Fence, Polygon
from geo.fix import Columns, columns
from geo.plan import Plan, Stop

LAT, LON = 42.87, 74.59
EAST_SCALE = METRES_PER_DEGREE * math.cos(math.radians(LAT))
START_S = 1_760_000_000
SECOND_US = 1_000_000
STEP_M = 5.0
PULL_MPS2 = 0.7
BEFORE_M, AFTER_M = 9_000.0, 12_000.0

Floats = NDArray[np.float64]


@dataclass
class Halt:
    """The truck stands `seconds` at `at_m` of its road; `stop` None: at no stop of the trip, as at a red light."""

    at_m: float
    seconds: float
    stop: int | None = None


@dataclass
class Slow:
    """No faster than `mps` between two places: a town, a jam."""

    from_m: float
    to_m: float
    mps: float


@dataclass
class Drive:
    """One truck's day: the fences at `places` (metres north, metres east), its halts, and how its phone speaks."""

    places: list[tuple[float, float]]
    kinds: str
    halts: list[Halt]
    radii_m: list[float]
    polygonal: bool = False
    slows: list[Slow] = field(default_factory=list)
    cruise_mps: float = 20.0
    every_s: float = 10.0
    noise_m: float = 5.0
    wild_share: float = 0.0
    lying: bool = False
    claimed_m: float | None = None
    gaps: list[tuple[float, float]] = field(default_factory=list)
    held_back: list[tuple[float, float]] = field(default_factory=list)
    significant: bool = False
    speeds: bool = True
    turns: list[float] = field(default_factory=list)
    from_m: float | None = None


@dataclass
class Made:
    """A drive as it is judged: the plan, the fixes, when each is received, and each stop's true stay (None: no visit).
    `every_s` is the usual pace of the fixes."""

    family: str
    plan: Plan
    fixes: Columns
    received_s: Floats
    truth: list[tuple[float, float] | None]
    every_s: float


def fence_at(north_m: float, east_m: float, radius_m: float, *, polygonal: bool) -> Fence:
    """A circle, or a square of about its size."""
    lat, lon = LAT + north_m / METRES_PER_DEGREE, LON + east_m / EAST_SCALE
    if not polygonal:
        return Circle(lat, lon, radius_m)
    up, out = 0.9 * radius_m / METRES_PER_DEGREE, 0.9 * radius_m / EAST_SCALE
    return Polygon(tuple((lon + x * out, lat + y * up) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))))


def way_of(drive: Drive) -> tuple[Floats, Floats, list[tuple[float, float]]]:
    """(second, metre of the road) of the truck, and each halt's (from, to) in seconds."""
    length_m = max(halt.at_m for halt in drive.halts) + AFTER_M if drive.halts else drive.places[-1][0] + AFTER_M
    first_m = -BEFORE_M if drive.from_m is None else drive.from_m
    along = np.arange(first_m, length_m, STEP_M)
    squared = np.full(len(along), drive.cruise_mps**2)
    for slow in drive.slows:
        inside = (along >= slow.from_m) & (along <= slow.to_m)
        squared[inside] = np.minimum(squared[inside], slow.mps**2)
    for halt in drive.halts:
        squared[np.searchsorted(along, halt.at_m)] = 0.01
    gain = 2 * PULL_MPS2 * (along - along[0])
    squared = np.minimum.accumulate(squared - gain) + gain
    squared = (np.minimum.accumulate((squared + gain)[::-1])[::-1]) - gain
    speed = np.sqrt(np.maximum(squared, 0.01))
    moving_s = np.concatenate(([0.0], np.cumsum(2 * STEP_M / (speed[1:] + speed[:-1]))))
    waits, times, held_m = np.zeros(len(along)), [], []
    for halt in _in_order(drive):
        index = int(np.searchsorted(along, halt.at_m))
        begin = float(moving_s[index] + waits[index])
        times.append((begin, begin + halt.seconds))
        held_m.append(along[index])
        waits[index + 1 :] += halt.seconds
    # Standing needs a second moment at the same place: the wait lies before the step that leaves it.
    moment = np.concatenate((moving_s + waits, [end for _, end in times]))
    metres = np.concatenate((along, held_m))
    order = np.argsort(moment, kind="stable")
    return moment[order], metres[order], times


def _in_order(drive: Drive) -> list[Halt]:
    return sorted(drive.halts, key=lambda one: one.at_m)


def folded_back(drive: Drive, road_m: Floats) -> Floats:
    """Metres north for metres of the road, which turns round at each of `turns`."""
    north = road_m.copy()
    for turn_m in drive.turns:
        beyond = road_m > turn_m
        here = float(np.interp(turn_m, road_m, north)) if beyond.any() else 0.0
        north[beyond] = here - (north[beyond] - here)
    return north


def edges_m(fence: Fence, place: tuple[float, float], radius_m: float, north: Floats, east: Floats) -> Floats:
    """Signed metres to the fence's edge."""
    if isinstance(fence, Circle):
        return np.hypot(north - place[0], east - place[1]) - radius_m
    return np.maximum(np.abs(north - place[0]), np.abs(east - place[1])) - 0.9 * radius_m


def made(family: str, drive: Drive, random: np.random.Generator) -> Made:
    """The drive's truth and what its phone makes of it."""
    moment, road_m, halts = way_of(drive)
    second = np.arange(0.0, moment[-1])
    north = folded_back(drive, np.interp(second, moment, road_m))
    east = np.zeros(len(second))
    fences = [
        fence_at(*place, radius_m, polygonal=drive.polygonal)
        for place, radius_m in zip(drive.places, drive.radii_m, strict=True)
    ]
    stops = tuple(
        Stop(
            index,
            "loading" if kind == "L" else "unloading",
            fence,
            LAT + place[0] / METRES_PER_DEGREE,
            LON + place[1] / EAST_SCALE,
        )
        for index, (kind, fence, place) in enumerate(zip(drive.kinds, fences, drive.places, strict=True))
    )
    truth: list[tuple[float, float] | None] = []
    ordered = _in_order(drive)
    for index, fence in enumerate(fences):
        inside = edges_m(fence, drive.places[index], drive.radii_m[index], north, east) <= 0
        stays = [stay for halt, stay in zip(ordered, halts, strict=True) if halt.stop == index]
        truth.append(_stay(inside, stays) if stays else None)
    return _said(family, drive, Plan(stops), second, north, east, truth, random)


def _stay(inside: NDArray[np.bool_], halts: list[tuple[float, float]]) -> tuple[float, float]:
    first, last = round(halts[0][0]) + 1, round(halts[-1][1]) - 1
    outside = np.flatnonzero(~inside)
    before, after = outside[outside < first], outside[outside > last]
    begin = float(before[-1]) + 0.5 if len(before) else 0.0
    end = float(after[0]) - 0.5 if len(after) else float(len(inside))
    return begin, end


def _said(
    family: str,
    drive: Drive,
    plan: Plan,
    second: Floats,
    north: Floats,
    east: Floats,
    truth: list[tuple[float, float] | None],
    random: np.random.Generator,
) -> Made:
    taken = _taken(drive, second, north, random)
    for begin, end in drive.gaps:
        taken = taken[(taken < begin) | (taken > end)]
    taken = taken[taken < len(second)].astype(np.intp)
    count = len(taken)
    drift = _wandering(count, drive.noise_m, drive.every_s, random)
    accuracy = np.clip(np.abs(random.normal(drive.noise_m * 1.5, 2, count)), 2, None)
    wild = random.random(count) < drive.wild_share
    far, angle = random.uniform(50, 450, count), random.uniform(0, 2 * math.pi, count)
    drift[0][wild] += (far * np.cos(angle))[wild]
    drift[1][wild] += (far * np.sin(angle))[wild]
    if drive.lying:
        accuracy[wild] = random.choice([1.7, 4.0, math.nan], int(wild.sum()))
    else:
        accuracy[wild] = far[wild] * random.uniform(0.5, 1.5, int(wild.sum()))
    if drive.claimed_m is not None:
        accuracy[:] = drive.claimed_m
    speed = np.hypot(np.gradient(north), np.gradient(east))[taken]
    time_s = START_S + taken
    fixes = columns(
        (time_s * SECOND_US).astype(np.int64),
        LAT + (north[taken] + drift[0]) / METRES_PER_DEGREE,
        LON + (east[taken] + drift[1]) / EAST_SCALE,
        accuracy_m=accuracy,
        speed_mps=np.maximum(speed + random.normal(0, 0.3, count), 0) if drive.speeds else np.full(count, np.nan),
    )
    received = taken + 0.3
    for begin, end in drive.held_back:
        received = np.where((taken >= begin) & (taken <= end), end, received)
    stays = [None if stay is None else (stay[0] + START_S, stay[1] + START_S) for stay in truth]
    return Made(family, plan, fixes, received + START_S, stays, drive.every_s)


def _taken(drive: Drive, second: Floats, north: Floats, random: np.random.Generator) -> Floats:
    """The seconds at which the phone takes a fix."""
    if not drive.significant:
        start = random.uniform(0, drive.every_s)
        return np.round(np.arange(start, len(second), drive.every_s) + random.uniform(-0.1, 0.1))
    # OwnTracks' significant mode: after half a kilometre or so, and not sooner than five minutes after the last one.
    taken, at = [0.0], 0
    while True:
        at += int(random.uniform(300, 900))
        while at < len(second) and abs(north[at] - north[int(taken[-1])]) < 500 and at - taken[-1] < 3600:
            at += 30
        if at >= len(second):
            return np.array(taken)
        taken.append(float(at))


def _wandering(count: int, noise_m: float, every_s: float, random: np.random.Generator) -> tuple[Floats, Floats]:
    """(north, east) errors that drift over half a minute, as those of a phone do."""
    keep = math.exp(-every_s / 30)
    drifts = []
    for _ in range(2):
        steps = random.normal(0, noise_m * math.sqrt(1 - keep * keep), count)
        level, errors = random.normal(0, noise_m), np.empty(count)
        for index, step in enumerate(steps.tolist()):
            level = keep * level + step
            errors[index] = level
        drifts.append(errors)
    return drifts[0], drifts[1]


Family = Callable[[np.random.Generator], Drive]
