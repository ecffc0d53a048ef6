"""An event to be."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import msgspec

Kind = Literal[
    "assigned",
    "approaching_50km",
    "approaching_5km",
    "arrived",
    "departed",
    "delivered",
    "silent",
    "resumed",
    "low_battery",
    "implausible",
    "cancelled",
    "failed",
]
Source = Literal["gps", "gap", "silence", "driver", "dispatcher", "hub"]
Value = str | int | float | bool | None


class Fact(msgspec.Struct, frozen=True):
    """Something that happened: `stop_id` None when it concerns the whole trip; `at` by the phone's clock;
    `source` gps, gap, silence, driver, dispatcher or hub. `can_be_late` is false for what is news although it began
    long ago, such as a silence. `caused_by` is the user whose hand did it."""

    organisation_id: int
    order_id: int
    trip_id: int | None
    stop_id: int | None
    kind: Kind
    at: dt.datetime
    source: Source
    data: Mapping[str, Value] = {}
    can_be_late: bool = True
    caused_by: int | None = None

    @property
    def key(self) -> tuple[int, int, str]:
        """What an event is known by: (order, stop or 0, kind)."""
        return self.order_id, self.stop_id or 0, self.kind
