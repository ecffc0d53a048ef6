"""What a person is told."""

import datetime as dt

import msgspec

from freight.events.views import EventView
from freight.fields import BigId


class NotificationView(msgspec.Struct, frozen=True):
    """One line of the bell: the event, the trip's driver and cities for the sentence, and whether it was read."""

    id: int
    created_at: dt.datetime
    read_at: dt.datetime | None
    event: EventView
    driver_name: str
    from_name: str
    to_name: str


class NotificationPage(msgspec.Struct, frozen=True):
    """Newest first; pass `next_before_id` as `before_id` for the following page."""

    notifications: list[NotificationView]
    unread_count: int
    next_before_id: int | None


class ReadUpTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Mark everything up to this notification as read."""

    up_to_id: BigId
