"""What is said of a road route."""

from typing import Annotated

import msgspec

from freight.fields import Latitude, Longitude


class RouteView(msgspec.Struct, frozen=True):
    """A planned road route. `line` is an encoded polyline (precision 1e-5, lat/lon); `approximate` where the
    road graph does not reach and a straight connector stands in. `source`: embedded, valhalla or osrm."""

    line: str
    length_m: float
    duration_s: float
    approximate: bool
    source: str


class PlanRoute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask for a road route through two to ten (lat, lon) points, before a trip is made."""

    points: Annotated[list[tuple[Latitude, Longitude]], msgspec.Meta(min_length=2, max_length=10)]
