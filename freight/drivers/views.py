"""What is said of drivers and their devices."""

import datetime as dt
from typing import Literal

import msgspec

from freight.fields import ShortText, Title

DeviceKind = Literal["app", "owntracks", "traccar"]


class ShiftPlace(msgspec.Struct, frozen=True):
    """Where a free driver on shift was last. `near` is the nearest town in the reader's language, `near_m` how far
    it is; "" and null in the wilderness."""

    lat: float
    lon: float
    fix_time: dt.datetime
    near: str
    near_m: float | None


class DriverView(msgspec.Struct, frozen=True):
    """One of my drivers. `open_trip_id` is set while he carries something for me. `shared`: another company gives
    him trips as well; his name, vehicle, phones and access are then neither's to change.

    `on_shift`: he is free and lets his dispatchers see his last place; `shift_place` is told in the list alone,
    when it is not older than an hour.
    """

    id: int
    name: str
    phone: str | None
    vehicle_plate: str
    vehicle_model: str
    open_trip_id: int | None
    device_count: int
    last_heard_at: dt.datetime | None
    disabled: bool
    shared: bool
    on_shift: bool
    shift_place: ShiftPlace | None = None


class NewDriver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`phone` in any usual spelling; stored as +996…"""

    name: Title
    phone: ShortText
    vehicle_plate: ShortText = ""
    vehicle_model: ShortText = ""


class ChangeDriver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """UNSET fields stay."""

    name: Title | msgspec.UnsetType = msgspec.UNSET
    vehicle_plate: ShortText | msgspec.UnsetType = msgspec.UNSET
    vehicle_model: ShortText | msgspec.UnsetType = msgspec.UNSET


class DriverLink(msgspec.Struct, frozen=True):
    """A one-time link to the tracking page (`/d#<token>`), with its QR code as SVG text."""

    url: str
    qr_svg: str
    expires_at: dt.datetime


class DeviceView(msgspec.Struct, frozen=True):
    """A phone or tracker as its driver's dispatcher sees it: what it is and when it was heard, no secret of it."""

    id: int
    kind: DeviceKind
    name: str
    last_heard_at: dt.datetime | None
    battery_pct: int | None
    offline: bool


class DeviceSetup(msgspec.Struct, frozen=True):
    """Everything a phone needs, for the page and for QR codes; told to its driver alone.

    `owntracks_url` opens the OwnTracks app with the whole configuration; `traccar_url` is the server address for
    Traccar Client and `traccar_id` its device identifier. `topic` is where this device publishes, `device_name` its
    last part; `owntracks_http_url` is for OwnTracks in HTTP mode with the same login and password;
    `socket_url` is MQTT over WebSocket for the driver app.
    """

    id: int
    kind: DeviceKind
    name: str
    login: str
    password: str
    topic: str
    device_name: str
    mqtt_host: str
    mqtt_port: int
    mqtt_tls: bool
    socket_url: str
    owntracks_url: str
    owntracks_http_url: str
    owntracks_qr_svg: str
    traccar_url: str
    traccar_id: str
    traccar_qr_svg: str
    last_heard_at: dt.datetime | None
    battery_pct: int | None
    offline: bool


class NewDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One more phone or tracker of a driver."""

    kind: DeviceKind
    name: ShortText = ""


class DriverList(msgspec.Struct, frozen=True):
    """My drivers, by name."""

    drivers: list[DriverView]


class DeviceList(msgspec.Struct, frozen=True):
    """A driver's phones and trackers, oldest first."""

    devices: list[DeviceView]


class Shift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Outside a trip only an on-shift driver's last position is known, for an hour."""

    on_shift: bool
