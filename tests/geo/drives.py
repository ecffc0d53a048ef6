"""Drives to test with: a line north from Bishkek with stops on it, and trucks whose fixes are put there by hand."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from geo.fences import METRES_PER_DEGREE, Circle, Fence, Polygon
from geo.fix import SECOND_US, Columns, columns
from geo.stages import Mark, Plan, Stop, Visit

BASE_LAT, BASE_LON = 42.87, 74.59
# A whole multiple of five minutes.
START_S = 1_760_000_100
KMH = 1 / 3.6


def north(metres: float) -> float:
    """Latitude so many metres north of the loading place."""
    return BASE_LAT + metres / METRES_PER_DEGREE


def east(metres: float) -> float:
    """Longitude so many metres east of it."""
    return BASE_LON + metres / (METRES_PER_DEGREE * math.cos(math.radians(BASE_LAT)))


def at(second: float) -> int:
    """Microseconds of a moment given in seconds after the drive's start."""
    return round((START_S + second) * SECOND_US)


def circle(metres: float, radius_m: float = 300.0) -> Circle:
    """A circle on the line."""
    return Circle(north(metres), BASE_LON, radius_m)


def square(metres: float, half_side_m: float = 250.0) -> Polygon:
    """A square on the line."""
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return Polygon(tuple((east(x * half_side_m), north(metres + y * half_side_m)) for x, y in corners))


def plan(
    *fences: Fence | None,
    places: tuple[float, ...] = (0.0, 100_000.0),
    kinds: str = "LU",
    marks: tuple[Mark, ...] = (),
    window_from_us: int = 0,
) -> Plan:
    """Stops at `places` (metres north); circles of 300 m unless fences are given."""
    chosen = fences or tuple(circle(place) for place in places)
    stops = tuple(
        Stop(index, "loading" if kind == "L" else "unloading", fence, north(place), BASE_LON)
        for index, (fence, place, kind) in enumerate(zip(chosen, places, kinds, strict=True))
    )
    return Plan(stops, marks, window_from_us)


@dataclass
class Drive:
    """Fixes collected one by one; seconds after the start, metres north and east of the loading place."""

    rows: list[tuple[int, float, float, float, float, int]] = field(default_factory=list)

    def fix(
        self,
        second: float,
        metres: float,
        *,
        aside: float = 0.0,
        accuracy: float = 10.0,
        speed: float = math.nan,
        flags: int = 0,
    ) -> Drive:
        """One more fix."""
        self.rows.append((at(second), north(metres), east(aside), accuracy, speed, flags))
        return self

    def drive(self, start: float, end: float, origin: float, goal: float, every: float = 10.0) -> Drive:
        """Fixes at an even pace from `origin` to `goal` metres between two moments."""
        count = max(1, round((end - start) / every))
        for step in range(count + 1):
            share = step / count
            self.fix(start + share * (end - start), origin + share * (goal - origin), speed=15.0)
        return self

    def stand(self, start: float, end: float, metres: float, every: float = 60.0) -> Drive:
        """Fixes of a truck standing, each a hand's breadth from the other."""
        for step in range(int((end - start) // every) + 1):
            self.fix(start + step * every, metres + (step % 2) * 0.5, speed=0.0)
        return self

    @property
    def columns(self) -> Columns:
        """All fixes, in order and without repeats."""
        time, lat, lon, accuracy, speed, flags = zip(*self.rows, strict=True) if self.rows else ((),) * 6
        made = columns(time, lat, lon, accuracy_m=accuracy, speed_mps=speed, flags=flags)
        return made.deduplicated()


def brief(visits: tuple[Visit, ...]) -> list[tuple[int, float | None, float | None]]:
    """(stop, arrival, departure) in seconds after the start."""

    def second(moment_us: int | None) -> float | None:
        return None if moment_us is None else moment_us / SECOND_US - START_S

    return [(visit.stop_index, second(visit.arrived_at_us), second(visit.departed_at_us)) for visit in visits]
