"""How far along its planned route a truck is, and when it will be there.

The estimate is honest rather than clever: distance left along the route at the truck's own recent pace, stops
included, with the hour it was computed. The recent pace is believed for as long ahead as it was watched, and the
route's usual pace after that: two hours at a border say little about the day after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np

from geo.fences import METRES_PER_DEGREE, haversine_m
from geo.fix import SECOND_US, Float64s

# Where the next position is looked for first: a road may pass the same place twice.
BEHIND_M = 5_000.0
AHEAD_M = 60_000.0
ON_ROUTE_WITHIN_M = 1_000.0
# Noise along the road is no driving backwards.
JITTER_M = 300.0

PACE_OVER_US = 2 * 3600 * SECOND_US
PACE_AT_LEAST_US = 15 * 60 * SECOND_US
PACE_SAMPLE_EVERY_US = 5 * 60 * SECOND_US
SLOWEST_PACE_MPS = 20 / 3.6
FASTEST_PACE_MPS = 90 / 3.6
USUAL_PACE_MPS = 50 / 3.6


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """A planned line (degrees) with the metres driven up to each vertex; at least two vertices."""

    lat: Float64s
    lon: Float64s
    cumulative_m: Float64s

    @classmethod
    def along(
        cls, lat: Sequence[float] | Float64s, lon: Sequence[float] | Float64s, road_m: float | None = None
    ) -> Route:
        """The route through these points; ValueError when fewer than two or of unequal number.

        `road_m` is the length of the road itself, where it is known: the drawn line cuts its bends, so that the metres
        along the line are stretched to it.
        """
        lats, lons = np.asarray(lat, np.float64), np.asarray(lon, np.float64)
        if len(lats) < 2 or len(lats) != len(lons):
            raise ValueError("a route needs two points or more, each with latitude and longitude")
        legs_m = haversine_m(lats[:-1], lons[:-1], lats[1:], lons[1:])
        cumulative_m = np.concatenate(([0.0], np.cumsum(legs_m)))
        if road_m and cumulative_m[-1] > 0:
            cumulative_m *= road_m / cumulative_m[-1]
            # To the last bit, so that what is left is the same number wherever it is computed.
            cumulative_m[-1] = road_m
        return cls(lats, lons, cumulative_m)

    @property
    def length_m(self) -> float:
        """Metres from end to end."""
        return float(self.cumulative_m[-1])


class Place(NamedTuple):
    """A point's place on a route: metres driven up to it, and how far aside it lies."""

    progress_m: float
    off_route_m: float


class Pace(msgspec.Struct, frozen=True, array_like=True):
    """Where on the route the truck was over the last two hours, every five minutes; (at_us, progress_m)."""

    samples: tuple[tuple[int, float], ...] = ()

    def with_sample(self, at_us: int, progress_m: float) -> Pace:
        """The pace after another position, which is dropped when it brings nothing new.

        A truck that turns up far back starts over: what it drove before says nothing about now.
        """
        if self.samples and at_us - self.samples[-1][0] < PACE_SAMPLE_EVERY_US:
            return self
        if self.samples and progress_m < self.samples[-1][1] - BEHIND_M:
            return Pace(((at_us, progress_m),))
        recent = tuple(sample for sample in self.samples if at_us - sample[0] <= PACE_OVER_US)
        return Pace((*recent, (at_us, progress_m)))

    def mps(self) -> float | None:
        """Metres a second over the samples, stops included, between 20 and 90 km/h; None when too few."""
        if self.watched_us < PACE_AT_LEAST_US:
            return None
        return _sane((self.samples[-1][1] - self.samples[0][1]) * SECOND_US / self.watched_us)

    @property
    def watched_us(self) -> int:
        """How long the samples reach back."""
        return self.samples[-1][0] - self.samples[0][0] if self.samples else 0


class Eta(msgspec.Struct, frozen=True):
    """When the truck will be there, by what pace and distance, and as of when (microseconds UTC)."""

    eta_us: int
    computed_at_us: int
    distance_left_m: float
    pace_mps: float


def progress_m(route: Route, lat: float, lon: float, last_progress_m: float | None = None) -> Place:
    """The place on `route` nearest to a point, preferring what lies shortly ahead of the last one.

    Slight steps back are held at `last_progress_m`. Off the route (beyond 1 km of the stretch ahead) the
    nearest place of the whole line counts, wherever it is.
    """
    if last_progress_m is None:
        return _nearest(route, lat, lon, 0, len(route.lat))
    # The route may have been replaced by a shorter one since.
    last_progress_m = min(last_progress_m, route.length_m)
    first = int(np.searchsorted(route.cumulative_m, last_progress_m - BEHIND_M, "right")) - 1
    end = int(np.searchsorted(route.cumulative_m, last_progress_m + AHEAD_M)) + 1
    place = _nearest(route, lat, lon, max(0, first), min(end, len(route.lat)))
    if place.off_route_m > ON_ROUTE_WITHIN_M:
        anywhere = _nearest(route, lat, lon, 0, len(route.lat))
        place = anywhere if anywhere.off_route_m <= ON_ROUTE_WITHIN_M else place
    if 0 < last_progress_m - place.progress_m <= JITTER_M:
        return Place(last_progress_m, place.off_route_m)
    return place


def _nearest(route: Route, lat: float, lon: float, first: int, end: int) -> Place:
    east = (route.lon[first:end] - lon) * (METRES_PER_DEGREE * np.cos(np.radians(lat)))
    north = (route.lat[first:end] - lat) * METRES_PER_DEGREE
    along_east, along_north = np.diff(east), np.diff(north)
    squared = along_east**2 + along_north**2
    share = -(east[:-1] * along_east + north[:-1] * along_north) / np.where(squared > 0, squared, 1.0)
    share = np.clip(share, 0.0, 1.0)
    aside = np.hypot(east[:-1] + share * along_east, north[:-1] + share * along_north)
    leg = int(np.argmin(aside))
    start_m, stop_m = route.cumulative_m[first + leg], route.cumulative_m[first + leg + 1]
    return Place(float(start_m + share[leg] * (stop_m - start_m)), float(aside[leg]))


def eta(
    route: Route,
    at_progress_m: float,
    pace: Pace,
    now_us: int,
    *,
    until_m: float | None = None,
    usual_mps: float | None = None,
) -> Eta:
    """Arrival at `until_m` of the route (default its end).

    `now_us` is when the truck was at `at_progress_m`. It goes on at its recent pace for as long as that was watched,
    then at `usual_mps` (the routing's length over its hours; 50 km/h without one), which also stands in before a
    quarter of an hour is known. `pace_mps` of the answer is that of the whole way left.
    """
    left_m = max(0.0, (route.length_m if until_m is None else until_m) - at_progress_m)
    usual = _sane(USUAL_PACE_MPS if usual_mps is None else usual_mps)
    recent = pace.mps() or usual
    first_m = min(left_m, recent * pace.watched_us / SECOND_US)
    left_s = first_m / recent + (left_m - first_m) / usual
    pace_mps = left_m / left_s if left_s > 0 else recent
    return Eta(now_us + int(left_s * SECOND_US), now_us, left_m, pace_mps)


def _sane(pace_mps: float) -> float:
    return min(FASTEST_PACE_MPS, max(SLOWEST_PACE_MPS, pace_mps))
