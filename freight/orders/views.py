"""What is said of an order's stops, and what a dispatcher says of them. Times are UTC ISO 8601, places WGS-84."""

import datetime as dt
from typing import Annotated, Literal

import msgspec

from freight.fields import CubicMetres, Id, Kilograms, Latitude, Longitude, LongText, Moment, ShortText, Title
from geo.fences import Fence

StopKind = Literal["loading", "unloading"]
Source = Literal["gps", "driver", "dispatcher", "silence", "gap"]


class StopView(msgspec.Struct, frozen=True):
    """A stop in its order, with the visit as known now. `fence` null: the stop is known only to its city."""

    id: int
    position: int
    kind: StopKind
    name: str
    address: str
    country: str
    timezone: str
    lat: float
    lon: float
    fence: Fence | None
    window_from: dt.datetime | None
    window_to: dt.datetime | None
    arrived_at: dt.datetime | None
    arrived_source: Source | None
    departed_at: dt.datetime | None
    departed_source: Source | None


class NewStop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stop to be. `fence` omitted: a circle of 300 m when `exact`, none when only the city is known."""

    kind: StopKind
    name: Title
    lat: Latitude
    lon: Longitude
    address: ShortText = ""
    country: Annotated[str, msgspec.Meta(max_length=2)] = ""
    timezone: Annotated[str, msgspec.Meta(max_length=64)] = "Asia/Bishkek"
    place_id: Id | None = None
    fence: Fence | None = None
    exact: bool = True
    window_from: Moment | None = None
    window_to: Moment | None = None


class ChangeStop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may change of a stop while it is ahead or being visited. UNSET fields stay."""

    name: Title | msgspec.UnsetType = msgspec.UNSET
    address: ShortText | msgspec.UnsetType = msgspec.UNSET
    lat: Latitude | msgspec.UnsetType = msgspec.UNSET
    lon: Longitude | msgspec.UnsetType = msgspec.UNSET
    fence: Fence | msgspec.UnsetType | None = msgspec.UNSET
    window_from: Moment | msgspec.UnsetType | None = msgspec.UNSET
    window_to: Moment | msgspec.UnsetType | None = msgspec.UNSET


class NewOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The lines of an order: 2–10 stops, a loading first, an unloading last."""

    stops: Annotated[list[NewStop], msgspec.Meta(min_length=2, max_length=10)]
    cargo_name: Title
    customer_name: ShortText = ""
    weight_kg: Kilograms | None = None
    volume_m3: CubicMetres | None = None
    body_type: ShortText = ""
    note: LongText = ""
