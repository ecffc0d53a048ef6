"""What is said of a trip: to the dispatcher, to its driver, over HTTP and over the socket alike.

Times are UTC ISO 8601 except in positions, where they are milliseconds since 1970 (`_ms`). Places are WGS-84.
"""

import datetime as dt
from typing import Literal

import msgspec

from freight.events.views import EventView
from freight.fields import Id, LongText, Moment
from freight.orders.views import NewOrder, StopView
from freight.routes.views import RouteView
from freight.tracking.views import PositionView

Stage = Literal["assigned", "at_loading", "in_transit", "at_unloading", "delivered", "cancelled", "failed"]
MarkKind = Literal["arrived", "departed"]


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


class TripDetail(msgspec.Struct, frozen=True):
    """One trip with what only its own page needs."""

    trip: TripView
    route: RouteView | None
    events: list[EventView]


class TripPage(msgspec.Struct, frozen=True):
    """A page of trips, open ones first and then the last to end; pass `next_before_id` as `before_id` for the
    following one."""

    trips: list[TripView]
    next_before_id: int | None


class NewTrip(NewOrder, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order given straight to one of my drivers."""

    driver_id: Id


class NewMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stage pressed by hand. `at` omitted: now. Pressing again moves the time; `undo` takes it back."""

    stop_id: Id
    kind: MarkKind
    at: Moment | None = None
    undo: bool = False


class EndTrip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cancel (before loading is left) or declare failed; the reason is told to the driver."""

    action: Literal["cancel", "fail"]
    reason: LongText
