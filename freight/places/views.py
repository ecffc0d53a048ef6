"""What is said of a place."""

from typing import Literal

import msgspec

PlaceKind = Literal["city", "border", "dry_port"]


class PlaceView(msgspec.Struct, frozen=True):
    """A search result. `name` and `country_name` are in the asked language; `matched` is the name that was hit."""

    id: int
    name: str
    country: str
    country_name: str
    kind: PlaceKind
    lat: float
    lon: float
    timezone: str
    matched: str


class PlaceList(msgspec.Struct, frozen=True):
    """The best matches, best first."""

    places: list[PlaceView]
