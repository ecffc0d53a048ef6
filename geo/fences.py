"""Fences around stops: circles and polygons, their signed distance, and what is refused as a fence.

Distances are metres on a sphere; a polygon is measured in a flat projection around its own centre,
which is exact to well under a metre at the sizes that are accepted.
"""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec
import numpy as np
import shapely

from geo.errors import FenceAreaOutOfRange, FenceCrossesItself, FencePointCount, FenceValueOutOfRange
from geo.fix import Float64s

EARTH_RADIUS_M = 6_371_008.8
METRES_PER_DEGREE = math.radians(EARTH_RADIUS_M)

DEFAULT_RADIUS_M = 300.0
MINIMUM_RADIUS_M = 100.0
MAXIMUM_RADIUS_M = 20_000.0
# Halving five minutes so often leaves a tenth of a second.
CROSSING_STEPS = 12
MOST_SIDES = 16
MINIMUM_CORNERS = 3
MAXIMUM_CORNERS = 200
MINIMUM_AREA_M2 = 2_500.0
MAXIMUM_AREA_M2 = math.pi * MAXIMUM_RADIUS_M**2
MAXIMUM_EXTENT_M = 60_000.0
# Near a pole the flat projection fails, and no freight goes there.
MAXIMUM_LATITUDE_DEG = 85.0


class Circle(msgspec.Struct, frozen=True, tag="circle", tag_field="type"):
    """Everything within `radius_m` of a point."""

    lat: float
    lon: float
    radius_m: float = DEFAULT_RADIUS_M


class Polygon(msgspec.Struct, frozen=True, tag="polygon", tag_field="type"):
    """Everything within an outline of (lon, lat) corners, closed or not."""

    points: tuple[tuple[float, float], ...]


Fence = Circle | Polygon


def haversine_m(
    lat0: Float64s | float, lon0: Float64s | float, lat1: Float64s | float, lon1: Float64s | float
) -> Float64s:
    """Great-circle metres between points, element by element; shapes broadcast."""
    north0, north1 = np.radians(lat0), np.radians(lat1)
    half_north = np.sin((north1 - north0) * 0.5)
    half_east = np.sin(np.radians(lon1 - lon0) * 0.5)
    chord = half_north * half_north + np.cos(north0) * np.cos(north1) * half_east * half_east
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0))))


def apart_m(lat0: float, lon0: float, lat1: float, lon1: float) -> float:
    """`haversine_m` of two points, without numpy's cost for one number."""
    half_north = math.sin(math.radians(lat1 - lat0) * 0.5)
    half_east = math.sin(math.radians(lon1 - lon0) * 0.5)
    chord = half_north * half_north + (
        math.cos(math.radians(lat0)) * math.cos(math.radians(lat1)) * half_east * half_east
    )
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))


def to_segment_m(lat: float, lon: float, lat0: float, lon0: float, lat1: float, lon1: float) -> float:
    """Metres from (lat, lon) to the nearest place of the straight way 0 → 1, flat around the point."""
    east_scale = METRES_PER_DEGREE * math.cos(math.radians(lat))
    east, north = (lon0 - lon) * east_scale, (lat0 - lat) * METRES_PER_DEGREE
    along_east, along_north = (lon1 - lon0) * east_scale, (lat1 - lat0) * METRES_PER_DEGREE
    length_squared = along_east * along_east + along_north * along_north
    share = 0.0
    if length_squared > 0:
        share = min(1.0, max(0.0, -(east * along_east + north * along_north) / length_squared))
    return math.hypot(east + share * along_east, north + share * along_north)


class CompiledCircle:
    """A circle ready to be asked many times."""

    __slots__ = ("bounding_radius_m", "lat", "lon", "radius_m")

    def __init__(self, circle: Circle) -> None:
        self.lat, self.lon = circle.lat, circle.lon
        self.radius_m = self.bounding_radius_m = circle.radius_m

    def edge_m(self, lat: float, lon: float) -> float:
        """Signed metres to the edge, negative inside."""
        return apart_m(self.lat, self.lon, lat, lon) - self.radius_m

    def least_m(self, lat: float, lon: float) -> float:
        """At least so many metres to the edge, as for a polygon."""
        return self.edge_m(lat, lon)

    def crosses(self, lat0: float, lon0: float, lat1: float, lon1: float) -> bool:
        """Whether the straight way 0 → 1 touches the circle."""
        return to_segment_m(self.lat, self.lon, lat0, lon0, lat1, lon1) <= self.radius_m


class CompiledPolygon:
    """A polygon projected to metres and prepared; `radius_m` is that of the circle of equal area."""

    __slots__ = ("area_m2", "bounding_radius_m", "east_scale", "lat", "lon", "outline", "radius_m", "shape", "sides")

    def __init__(self, polygon: Polygon) -> None:
        corners = np.asarray(polygon.points, np.float64)
        west, south = corners.min(axis=0)
        east, north = corners.max(axis=0)
        self.lon, self.lat = float(west + east) / 2, float(south + north) / 2
        self.east_scale = METRES_PER_DEGREE * math.cos(math.radians(self.lat))
        flat = (corners - (self.lon, self.lat)) * (self.east_scale, METRES_PER_DEGREE)
        self.shape = shapely.Polygon(flat)
        self.outline = self.shape.exterior
        self.area_m2 = float(self.shape.area)
        self.radius_m = math.sqrt(self.area_m2 / math.pi)
        # The flat corners lie a little off the sphere's distances: the bound is rounded up.
        self.bounding_radius_m = float(np.hypot(flat[:, 0], flat[:, 1]).max()) * 1.01
        # A few sides are measured sooner than a library is asked.
        ring = flat if (flat[0] == flat[-1]).all() else np.vstack((flat, flat[:1]))
        self.sides = [(*start, *end) for start, end in zip(ring[:-1].tolist(), ring[1:].tolist(), strict=True)]
        shapely.prepare(self.shape)
        shapely.prepare(self.outline)

    def edge_m(self, lat: float, lon: float) -> float:
        """Signed metres to the edge, negative inside."""
        east, north = (lon - self.lon) * self.east_scale, (lat - self.lat) * METRES_PER_DEGREE
        if len(self.sides) <= MOST_SIDES:
            return _to_sides_m(self.sides, east, north)
        point = shapely.points(east, north)
        return float(shapely.distance(self.shape, point)) or -float(shapely.distance(self.outline, point))

    def least_m(self, lat: float, lon: float) -> float:
        """At least so many metres to the edge, quickly told; not positive where it takes `edge_m` to tell."""
        east, north = (lon - self.lon) * self.east_scale, (lat - self.lat) * METRES_PER_DEGREE
        return math.hypot(east, north) - self.bounding_radius_m

    def crosses(self, lat0: float, lon0: float, lat1: float, lon1: float) -> bool:
        """Whether the straight way 0 → 1 touches the polygon."""
        ends = (
            ((lon0 - self.lon) * self.east_scale, (lat0 - self.lat) * METRES_PER_DEGREE),
            ((lon1 - self.lon) * self.east_scale, (lat1 - self.lat) * METRES_PER_DEGREE),
        )
        return bool(self.shape.intersects(shapely.LineString(ends)))


def _to_sides_m(sides: list[tuple[float, float, float, float]], east: float, north: float) -> float:
    """Signed metres from a point to a closed outline of sides (east, north, east, north), negative inside."""
    nearest, is_inside = math.inf, False
    for east0, north0, east1, north1 in sides:
        along_east, along_north = east1 - east0, north1 - north0
        off_east, off_north = east - east0, north - north0
        length_squared = along_east * along_east + along_north * along_north
        share = 0.0
        if length_squared > 0:
            share = min(1.0, max(0.0, (off_east * along_east + off_north * along_north) / length_squared))
        off_east, off_north = off_east - share * along_east, off_north - share * along_north
        nearest = min(nearest, off_east * off_east + off_north * off_north)
        if (north0 > north) != (north1 > north) and east < east0 + (north - north0) * along_east / along_north:
            is_inside = not is_inside
    return -math.sqrt(nearest) if is_inside else math.sqrt(nearest)


CompiledFence = CompiledCircle | CompiledPolygon


def crossing_share(fence: CompiledFence, lat0: float, lon0: float, lat1: float, lon1: float) -> float:
    """Which share of the straight way 0 → 1 leads to the edge; one end is inside the fence, the other is not."""
    low, high = 0.0, 1.0
    begins_inside = fence.edge_m(lat0, lon0) <= 0
    for _ in range(CROSSING_STEPS):
        middle = (low + high) / 2
        if (fence.edge_m(lat0 + (lat1 - lat0) * middle, lon0 + (lon1 - lon0) * middle) <= 0) == begins_inside:
            low = middle
        else:
            high = middle
    return (low + high) / 2


@lru_cache(maxsize=8192)
def compile_fence(fence: Fence) -> CompiledFence:
    """The fence prepared for many questions; kept for the fences lately used."""
    return CompiledCircle(fence) if isinstance(fence, Circle) else CompiledPolygon(fence)


def check_fence(fence: Fence) -> None:
    """Refuse a fence that cannot work.

    Raises FenceValueOutOfRange, FencePointCount, FenceCrossesItself or FenceAreaOutOfRange, each
    naming the field (`lat`, `radius_m`, `points`, `points[3]`).
    """
    if isinstance(fence, Polygon):
        _check_polygon(fence)
        return
    _check_range("lat", fence.lat, -MAXIMUM_LATITUDE_DEG, MAXIMUM_LATITUDE_DEG)
    _check_range("lon", fence.lon, -180.0, 180.0)
    _check_range("radius_m", fence.radius_m, MINIMUM_RADIUS_M, MAXIMUM_RADIUS_M)


def _check_range(field: str, value: float, minimum: float, maximum: float) -> None:
    # Written so that NaN fails as well.
    if not minimum <= value <= maximum:
        raise FenceValueOutOfRange(field, value, minimum, maximum)


def _check_polygon(polygon: Polygon) -> None:
    corners = len(set(polygon.points))
    if corners < MINIMUM_CORNERS or len(polygon.points) > MAXIMUM_CORNERS:
        count = corners if corners < MINIMUM_CORNERS else len(polygon.points)
        raise FencePointCount("points", count, MINIMUM_CORNERS, MAXIMUM_CORNERS)
    for index, (lon, lat) in enumerate(polygon.points):
        _check_range(f"points[{index}]", lon, -180.0, 180.0)
        _check_range(f"points[{index}]", lat, -MAXIMUM_LATITUDE_DEG, MAXIMUM_LATITUDE_DEG)
    compiled = CompiledPolygon(polygon)
    if not compiled.shape.is_valid:
        raise FenceCrossesItself("points", str(shapely.is_valid_reason(compiled.shape)))
    if not MINIMUM_AREA_M2 <= compiled.area_m2 <= MAXIMUM_AREA_M2:
        raise FenceAreaOutOfRange("points", compiled.area_m2, MINIMUM_AREA_M2, MAXIMUM_AREA_M2)
    # A hair-thin outline of permitted area could still span countries.
    _check_range("points", compiled.bounding_radius_m, 0.0, MAXIMUM_EXTENT_M)
