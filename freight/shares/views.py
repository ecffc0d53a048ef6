"""What is said of a public link: to the dispatcher who made it, and to whoever opens it."""

import datetime as dt

import msgspec

from freight.basemap import MapSettings
from freight.fields import Moment, ShortText
from freight.orders.views import Source, StopKind
from freight.routes.views import RouteView
from freight.tracking.views import PositionView, TrackView
from freight.trips.views import Stage


class ShareView(msgspec.Struct, frozen=True):
    """A link as its maker sees it. `ends_at` null: the trip is not delivered yet and no date was set, so that it ends
    `days_after_delivery`."""

    id: int
    trip_id: int
    label: str
    url: str
    created_at: dt.datetime
    expires_at: dt.datetime | None
    ends_at: dt.datetime | None
    days_after_delivery: int
    revoked_at: dt.datetime | None
    active: bool
    view_count: int
    last_viewed_at: dt.datetime | None


class ShareVisit(msgspec.Struct, frozen=True):
    """One opening of a link. `address` is cut to its network (/24, /48)."""

    at: dt.datetime
    address: str
    device: str


class NewShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`expires_at` null: as many days after delivery as the session's `share_days` says."""

    label: ShortText = ""
    expires_at: Moment | None = None


class ChangeShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rename or extend; UNSET fields stay."""

    label: ShortText | msgspec.UnsetType = msgspec.UNSET
    expires_at: Moment | msgspec.UnsetType | None = msgspec.UNSET


class OpenShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The 43-character token of `/s#<token>`, always in a body, never in an address."""

    token: ShortText


class PublicStop(msgspec.Struct, frozen=True):
    """A stop as the customer sees it: no contact, no fence."""

    position: int
    kind: StopKind
    name: str
    country: str
    timezone: str
    lat: float
    lon: float
    window_from: dt.datetime | None
    window_to: dt.datetime | None
    arrived_at: dt.datetime | None
    arrived_source: Source | None
    departed_at: dt.datetime | None
    departed_source: Source | None


class PublicTrip(msgspec.Struct, frozen=True):
    """The whole share page: this trip and nothing else; never price, phone, other orders, or points before the
    tracking window. `vehicle_plate` is what the gate asks for."""

    brand: str
    order_id: int
    stage: Stage
    cargo_name: str
    driver_name: str
    vehicle_plate: str
    vehicle_model: str
    stops: list[PublicStop]
    route: RouteView | None
    track: TrackView | None
    position: PositionView | None
    delivered_at: dt.datetime | None
    ends_at: dt.datetime | None
    server_time_ms: int
    map: MapSettings


class ShareList(msgspec.Struct, frozen=True):
    """A trip's links, newest first."""

    shares: list[ShareView]


class ShareVisits(msgspec.Struct, frozen=True):
    """The newest hundred openings of a link."""

    visits: list[ShareVisit]


class Watcher(msgspec.Struct, frozen=True):
    """Who may see the truck by a public link, and until when (null: until some days after delivery)."""

    label: str
    ends_at: dt.datetime | None
    last_viewed_at: dt.datetime | None
