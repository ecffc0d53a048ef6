"""What is said of a fact."""

import datetime as dt

import msgspec

from freight.events.facts import Kind, Source, SubjectKind


class EventView(msgspec.Struct, frozen=True):
    """A fact, and what it happened to: the row `subject_id` of its kind of thing; `order_id`, `trip_id` and `stop_id`
    where it belongs to any. `late`: learnt more than ten minutes after it happened.
    `revision` rises when a time is corrected; `withdrawn` when the full track no longer shows it;
    `caused_by` is the user whose hand made it so, if one did."""

    id: int
    revision: int
    kind: Kind
    subject_kind: SubjectKind
    subject_id: int
    trip_id: int | None
    order_id: int | None
    stop_id: int | None
    at: dt.datetime
    recorded_at: dt.datetime
    source: Source
    late: bool
    withdrawn: bool
    data: dict[str, str | int | float | bool | None]
    caused_by: int | None = None


class EventList(msgspec.Struct, frozen=True):
    """A trip's facts in the order they happened."""

    events: list[EventView]
