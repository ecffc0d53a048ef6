"""Refusals of the geo package: types that carry the offending field and figures, never prose for a user."""

from __future__ import annotations


class GeoError(ValueError):
    """Base of every refusal in geo; `code` is a stable machine name that interfaces translate."""

    code = "geo"


class FenceRefused(GeoError):
    """A fence cannot be used; `field` is the JSON path inside the fence that has to be corrected."""

    code = "fence_refused"

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class FenceValueOutOfRange(FenceRefused):
    """A number of the fence lies outside `minimum`..`maximum` (the unit is that of the field's name)."""

    code = "fence_value_out_of_range"

    def __init__(self, field: str, value: float, minimum: float, maximum: float) -> None:
        super().__init__(field, f"{value:g} is not between {minimum:g} and {maximum:g}")
        self.value = value
        self.minimum = minimum
        self.maximum = maximum


class FencePointCount(FenceValueOutOfRange):
    """A polygon has too few or too many distinct corners."""

    code = "fence_point_count"


class FenceAreaOutOfRange(FenceValueOutOfRange):
    """A polygon is too small for GPS to hit or too large to mean a place (square metres)."""

    code = "fence_area_out_of_range"


class FenceCrossesItself(FenceRefused):
    """A polygon's outline touches or crosses itself, so inside and outside are undefined."""

    code = "fence_crosses_itself"


class TrackUnreadable(GeoError):
    """An encoded track is not one this version can decode."""

    code = "track_unreadable"


class RoutePointsMissing(GeoError):
    """A route needs at least two points; `count` were given."""

    code = "route_points_missing"

    def __init__(self, count: int) -> None:
        super().__init__(f"a route needs two points or more, not {count}")
        self.count = count


class RoutePointOutOfRange(GeoError):
    """A route's point is off the globe or not a number (degrees)."""

    code = "route_point_out_of_range"

    def __init__(self, lat: float, lon: float) -> None:
        super().__init__(f"{lat!r}, {lon!r} is no place on the globe")
        self.lat = lat
        self.lon = lon


class PolylineUnreadable(GeoError):
    """A string is no encoded polyline."""

    code = "polyline_unreadable"
