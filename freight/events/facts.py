"""An event to be."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal

import msgspec

Kind = Literal[
    "published",
    "expired",
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
SubjectKind = Literal["order", "trip", "driver", "user"]
Value = str | int | float | bool | None

KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]
# What a track decides, and decides anew with every fold: one row an order, stop and kind, corrected in place. Every
# other fact is a row of its own and stays as it was written.
FOLDED_KINDS: tuple[Kind, ...] = (
    "approaching_50km",
    "approaching_5km",
    "arrived",
    "departed",
    "delivered",
    "low_battery",
    "implausible",
)


class Subject(msgspec.Struct, frozen=True):
    """What something happened to: the row `id` of the table of this kind of thing."""

    kind: SubjectKind
    id: int


class Fact(msgspec.Struct, frozen=True):
    """Something that happened to its subject; `at` by the phone's clock. `organisation_id`, `order_id`, `trip_id` and
    `stop_id` say what it belongs to, as far as it belongs to any. `can_be_late` is false for what is news although it
    began long ago, such as a silence. `caused_by` is the user whose hand did it. What a track decides has an order."""

    subject: Subject
    kind: Kind
    at: dt.datetime
    source: Source
    organisation_id: int | None = None
    order_id: int | None = None
    trip_id: int | None = None
    stop_id: int | None = None
    data: Mapping[str, Value] = {}
    can_be_late: bool = True
    caused_by: int | None = None

    @property
    def key(self) -> tuple[int | None, int, str] | None:
        """What an event that a track decides is known by: (order, stop or 0, kind); None for what is only added."""
        return (self.order_id, self.stop_id or 0, self.kind) if self.kind in FOLDED_KINDS else None


def trip_fact(
    organisation_id: int,
    order_id: int,
    trip_id: int,
    stop_id: int | None,
    kind: Kind,
    at: dt.datetime,
    source: Source,
    data: Mapping[str, Value] | None = None,
    *,
    can_be_late: bool = True,
) -> Fact:
    """Something that happened on a trip; `stop_id` None when it concerns the whole of it."""
    subject = Subject("trip", trip_id)
    return Fact(subject, kind, at, source, organisation_id, order_id, trip_id, stop_id, data or {}, can_be_late)
