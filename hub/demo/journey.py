"""Where a truck is at any second of its trip: a timetable over a road, with stays, waits and a natural pace.

Pure: the same road, stays and seed give the same journey, so that a phone restarted later goes on where it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geo.fences import METRES_PER_DEGREE, haversine_m
from geo.fix import Float64s

StayKind = Literal["loading", "unloading", "border", "rest"]

# Knots of the timetable along the road.
STEP_M = 100.0
# Towns lie around stops: nobody arrives at cruising speed.
TOWN_M = 4_000.0
TOWN_MPS = 35 / 3.6
FASTEST_MPS = 85 / 3.6
SLOWEST_MPS = 12 / 3.6
# Speeded up, a truck may still not look like an aeroplane to the jump filter (250 km/h).
NEVER_ABOVE_MPS = 170 / 3.6
# Within it a truck brakes before a stay and gathers speed after it.
BRAKING_M = 300.0
# A stay has to be longer than what confirms an arrival.
SHORTEST_STAY_S = 240.0
# How far a bend of one radian within a step slows a truck down.
BEND_WEIGHT = 6.0
PACE_LENGTH_M = 12_000.0
PACE_SPREAD = 0.12


@dataclass(frozen=True, slots=True)
class Stay:
    """Standing still `at_m` along the road for `duration_s`."""

    kind: StayKind
    at_m: float
    duration_s: float


@dataclass(frozen=True, slots=True)
class Leg:
    """A stay as it stands in the timetable, seconds since the journey began."""

    kind: StayKind
    from_s: float
    to_s: float
    at_m: float


@dataclass(frozen=True, slots=True)
class Where:
    """A truck at some moments: equal-length arrays of degrees, metres a second, and degrees from north."""

    lat: Float64s
    lon: Float64s
    speed_mps: Float64s
    bearing_deg: Float64s
    distance_m: Float64s


@dataclass(frozen=True, slots=True, eq=False)
class Road:
    """A line with the metres along it."""

    lat: Float64s
    lon: Float64s
    metres: Float64s

    @classmethod
    def along(cls, lat: Sequence[float] | Float64s, lon: Sequence[float] | Float64s) -> Road:
        """The road through these points; repeated points are dropped. Raises ValueError for fewer than two."""
        lats, lons = np.asarray(lat, np.float64), np.asarray(lon, np.float64)
        steps = haversine_m(lats[:-1], lons[:-1], lats[1:], lons[1:])
        kept = np.concatenate(([True], steps > 0.5))
        lats, lons = lats[kept], lons[kept]
        if len(lats) < 2:
            raise ValueError("a road needs two different points")
        steps = haversine_m(lats[:-1], lons[:-1], lats[1:], lons[1:])
        return cls(lats, lons, np.concatenate(([0.0], np.cumsum(steps))))

    @property
    def length_m(self) -> float:
        """Metres from end to end."""
        return float(self.metres[-1])

    def at(self, metres: Float64s) -> tuple[Float64s, Float64s]:
        """Degrees at these metres along the road."""
        return np.interp(metres, self.metres, self.lat), np.interp(metres, self.metres, self.lon)

    def nearest_m(self, lat: float, lon: float) -> tuple[float, float]:
        """Metres along the road where it comes nearest to a point, and how near that is."""
        samples = np.linspace(0.0, self.length_m, max(2, int(self.length_m // STEP_M)))
        lats, lons = self.at(samples)
        apart = haversine_m(lats, lons, np.full(len(lats), lat), np.full(len(lons), lon))
        best = int(np.argmin(apart))
        return float(samples[best]), float(apart[best])

    def bearing_deg(self, metres: Float64s) -> Float64s:
        """Direction of travel, degrees from north, smoothed over the bends of 60 m."""
        lat0, lon0 = self.at(np.maximum(0.0, metres - 30.0))
        lat1, lon1 = self.at(np.minimum(self.length_m, metres + 30.0))
        east = (lon1 - lon0) * np.cos(np.radians(lat0))
        return np.degrees(np.arctan2(east, lat1 - lat0)) % 360.0


def there_and_away(road: Road, approach_m: float, away_m: float) -> tuple[Road, float]:
    """A road that comes to the first stop out of the direction of travel and leaves the last one back the way it
    came; with the metres at which the first stop is reached."""
    approach = np.arange(min(approach_m, road.length_m), 0.0, -STEP_M)
    away = np.arange(road.length_m - STEP_M, max(0.0, road.length_m - away_m), -STEP_M)
    lat_in, lon_in = road.at(approach)
    lat_out, lon_out = road.at(away)
    whole = Road.along(np.concatenate((lat_in, road.lat, lat_out)), np.concatenate((lon_in, road.lon, lon_out)))
    return whole, Road.along([*lat_in, road.lat[0]], [*lon_in, road.lon[0]]).length_m


class Journey:
    """The timetable of one trip."""

    def __init__(self, road: Road, stays: Sequence[Stay], pace_mps: float, seed: int, speed_up: float = 1.0) -> None:
        """`pace_mps` is the usual speed on this road; `speed_up` shortens driving and stays alike."""
        self.road = road
        ordered = sorted(stays, key=lambda stay: stay.at_m)
        knots = np.unique(
            np.concatenate(
                (
                    np.arange(0.0, road.length_m, STEP_M),
                    [road.length_m],
                    *(stay.at_m + np.array([-BRAKING_M, -50.0, 0.0, 50.0, BRAKING_M]) for stay in ordered),
                )
            ).clip(0.0, road.length_m)
        )
        speeds = np.minimum(_speeds(road, knots, ordered, pace_mps, seed) * speed_up, NEVER_ABOVE_MPS)
        driving_s = np.concatenate(([0.0], np.cumsum(np.diff(knots) * 2 / (speeds[1:] + speeds[:-1]))))
        self.legs: list[Leg] = []
        times, metres = [driving_s], [knots]
        waited_s = 0.0
        for stay in ordered:
            begins_s = float(np.interp(stay.at_m, knots, driving_s)) + waited_s
            lasts_s = max(SHORTEST_STAY_S, stay.duration_s / speed_up)
            self.legs.append(Leg(stay.kind, begins_s, begins_s + lasts_s, stay.at_m))
            times[0] = np.where(knots > stay.at_m, times[0] + lasts_s, times[0])
            times.append(np.array([begins_s + lasts_s]))
            metres.append(np.array([stay.at_m]))
            waited_s += lasts_s
        order = np.argsort(np.concatenate(times), kind="stable")
        self.times_s = np.concatenate(times)[order]
        self.metres = np.maximum.accumulate(np.concatenate(metres)[order])

    @property
    def duration_s(self) -> float:
        """From the first metre to the last."""
        return float(self.times_s[-1])

    def leg(self, kind: StayKind) -> Leg:
        """The first stay of a kind. Raises LookupError when there is none."""
        for leg in self.legs:
            if leg.kind == kind:
                return leg
        raise LookupError(kind)

    def when_at(self, metres: float) -> float:
        """Seconds until the truck first reaches this many metres."""
        return float(self.times_s[min(int(np.searchsorted(self.metres, metres)), len(self.times_s) - 1)])

    def distance_m(self, elapsed_s: Float64s) -> Float64s:
        """Metres driven after so many seconds."""
        return np.interp(elapsed_s, self.times_s, self.metres)

    def where(self, elapsed_s: Float64s) -> Where:
        """The truck at these seconds; before the start and after the end it stands there."""
        distance = self.distance_m(elapsed_s)
        speed = (self.distance_m(elapsed_s + 1.0) - self.distance_m(elapsed_s - 1.0)) / 2.0
        lat, lon = self.road.at(distance)
        return Where(lat, lon, speed, self.road.bearing_deg(distance), distance)


def _speeds(road: Road, knots: Float64s, stays: Sequence[Stay], pace_mps: float, seed: int) -> Float64s:
    """Metres a second at each knot: the road's pace, moods, bends, towns, and braking before every stay."""
    chance = np.random.default_rng(seed)
    marks = np.arange(0.0, road.length_m + PACE_LENGTH_M, PACE_LENGTH_M)
    mood = np.interp(knots, marks, 1.0 + PACE_SPREAD * chance.standard_normal(len(marks)).clip(-2.0, 2.0))
    bearing = np.unwrap(np.radians(road.bearing_deg(knots)))
    bend = np.abs(np.gradient(bearing)) if len(knots) > 2 else np.zeros(len(knots))
    speeds = 1.12 * pace_mps * mood / (1.0 + BEND_WEIGHT * np.minimum(bend, 0.5))
    for stay in stays:
        apart = np.abs(knots - stay.at_m)
        if stay.kind in ("loading", "unloading"):
            town = TOWN_MPS + (FASTEST_MPS - TOWN_MPS) * np.clip(apart / TOWN_M - 0.3, 0.0, 1.0)
            speeds = np.minimum(speeds, town)
        speeds = np.minimum(speeds, SLOWEST_MPS / 2 + FASTEST_MPS * np.clip(apart / BRAKING_M, 0.0, 1.0))
    speeds = np.maximum(speeds, SLOWEST_MPS / 2)
    return np.minimum(speeds, FASTEST_MPS)


def metres_to_degrees(east_m: Float64s, north_m: Float64s, lat: Float64s) -> tuple[Float64s, Float64s]:
    """Offsets in metres as (latitude, longitude) degrees at a latitude."""
    return north_m / METRES_PER_DEGREE, east_m / (METRES_PER_DEGREE * np.cos(np.radians(lat)))
