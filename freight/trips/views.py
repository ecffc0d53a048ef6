"""What is said of a trip: to the dispatcher, to its driver, over HTTP and over the socket alike.

Times are UTC ISO 8601 except in positions, where they are milliseconds since 1970 (`_ms`). Places are WGS-84.
"""

import datetime as dt
from typing import Annotated, Literal

import msgspec

from freight.events.facts import Kind as EventKind
from freight.events.facts import Source as EventSource
from freight.fields import CubicMetres, Id, Kilograms, Latitude, Longitude, LongText, Moment, ShortText, Title
from geo.fences import Fence

Stage = Literal["assigned", "at_loading", "in_transit", "at_unloading", "delivered", "cancelled", "failed"]
StopKind = Literal["loading", "unloading"]
MarkKind = Literal["arrived", "departed"]
Source = Literal["gps", "driver", "dispatcher", "silence", "gap"]


class PositionView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A truck's newest trusted position. `sequence` rises with every write of this trip's row: keep the newer.

    `flags` are the lower-case names of `geo.fix.Flag`. `progress_m` is along the planned route;
    `eta_at_ms` was computed at `eta_computed_at_ms`.
    """

    trip_id: int
    sequence: int
    fix_time_ms: int
    received_at_ms: int
    lat: float
    lon: float
    accuracy_m: float | None = None
    speed_mps: float | None = None
    bearing_deg: float | None = None
    battery_pct: int | None = None
    flags: list[str] = []
    progress_m: float | None = None
    distance_left_m: float | None = None
    eta_at_ms: int | None = None
    eta_computed_at_ms: int | None = None


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


class TripDriver(msgspec.Struct, frozen=True):
    """Who carries it."""

    id: int
    name: str
    phone: str | None
    vehicle_plate: str
    vehicle_model: str


SilenceReason = Literal["never_connected", "phone_offline", "battery", "outside_window", "no_signal", "no_fix"]


class Silence(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a truck says nothing: the last word of any kind of its devices.

    `reason`: never_connected, phone_offline (the broker saw it go), battery (≤ 5 % last), outside_window,
    no_signal (it just stopped; HTTP trackers never say goodbye), no_fix (connected, but without positions), or
    null while positions come.
    """

    last_heard_at: dt.datetime | None = None
    offline_at: dt.datetime | None = None
    battery_pct: int | None = None
    reason: SilenceReason | None = None


class TripView(msgspec.Struct, frozen=True):
    """One trip in a list, a snapshot or a change."""

    id: int
    order_id: int
    stage: Stage
    cargo_name: str
    customer_name: str
    weight_kg: int | None
    note: str
    driver: TripDriver
    stops: list[StopView]
    plan_version: int
    window_from: dt.datetime
    window_to: dt.datetime | None
    delivered_at: dt.datetime | None
    route_length_m: float | None
    route_duration_s: float | None
    route_approximate: bool
    position: PositionView | None
    silence: Silence
    share_count: int


class EndedTrip(msgspec.Struct, frozen=True):
    """A trip the dispatcher ended before its delivery, as its driver is told of it: from where to where, why, when."""

    trip_id: int
    order_id: int
    stage: Literal["cancelled", "failed"]
    from_name: str
    to_name: str
    reason: str
    at: dt.datetime


class RouteView(msgspec.Struct, frozen=True):
    """A planned road route. `line` is an encoded polyline (precision 1e-5, lat/lon); `approximate` where the
    road graph does not reach and a straight connector stands in. `source`: embedded, valhalla or osrm."""

    line: str
    length_m: float
    duration_s: float
    approximate: bool
    source: str


class TripDetail(msgspec.Struct, frozen=True):
    """One trip with what only its own page needs."""

    trip: TripView
    route: RouteView | None
    events: list["EventView"]


class TripPage(msgspec.Struct, frozen=True):
    """A page of trips, open ones first and then the last to end; pass `next_before_id` as `before_id` for the
    following one."""

    trips: list[TripView]
    next_before_id: int | None


class TrackView(msgspec.Struct, frozen=True):
    """The travelled path as `geo.track.encode_track` writes it; `point_count` of `stored_count` points remain.

    `simplified` tells that the full positions are past their retention.
    """

    encoded: str
    point_count: int
    stored_count: int
    simplified: bool


class EventView(msgspec.Struct, frozen=True):
    """A fact. `late`: learnt more than ten minutes after it happened.
    `revision` rises when a time is corrected; `withdrawn` when the full track no longer shows it;
    `caused_by` is the user whose hand made it so, if one did."""

    id: int
    revision: int
    kind: EventKind
    trip_id: int | None
    order_id: int
    stop_id: int | None
    at: dt.datetime
    recorded_at: dt.datetime
    source: EventSource
    late: bool
    withdrawn: bool
    data: dict[str, str | int | float | bool | None]
    caused_by: int | None = None


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


class NewTrip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order given straight to one of my drivers: 2–10 stops, a loading first, an unloading last."""

    driver_id: Id
    stops: Annotated[list[NewStop], msgspec.Meta(min_length=2, max_length=10)]
    cargo_name: Title
    customer_name: ShortText = ""
    weight_kg: Kilograms | None = None
    volume_m3: CubicMetres | None = None
    body_type: ShortText = ""
    note: LongText = ""


class NewMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stage pressed by hand. `at` omitted: now. Pressing again moves the time; `undo` takes it back."""

    stop_id: Id
    kind: MarkKind
    at: Moment | None = None
    undo: bool = False


class ChangeStop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may change of a stop while it is ahead or being visited. UNSET fields stay."""

    name: Title | msgspec.UnsetType = msgspec.UNSET
    address: ShortText | msgspec.UnsetType = msgspec.UNSET
    lat: Latitude | msgspec.UnsetType = msgspec.UNSET
    lon: Longitude | msgspec.UnsetType = msgspec.UNSET
    fence: Fence | msgspec.UnsetType | None = msgspec.UNSET
    window_from: Moment | msgspec.UnsetType | None = msgspec.UNSET
    window_to: Moment | msgspec.UnsetType | None = msgspec.UNSET


class EndTrip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cancel (before loading is left) or declare failed; the reason is told to the driver."""

    action: Literal["cancel", "fail"]
    reason: LongText


class PlanRoute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask for a road route through two to ten (lat, lon) points, before a trip is made."""

    points: Annotated[list[tuple[Latitude, Longitude]], msgspec.Meta(min_length=2, max_length=10)]


class EventList(msgspec.Struct, frozen=True):
    """A trip's facts in the order they happened."""

    events: list[EventView]
