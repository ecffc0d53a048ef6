"""What the pictures of all rooms are made of, without I/O.

A picture is filled from the database (`load`), moved by positions from the bus (`take`) and corrected by rows read
again (`change`, `tell`). Each frame it returns is encoded once for all listeners and raises the sequence by one.
Whatever the order of arrival, the position with the highest `sequence` wins.
"""

import secrets

import msgspec

from freight.events.views import EventView
from freight.tracking.views import PositionView

# Facts remembered so that a repeat is not told twice; more than any burst that is looked at a second time.
REMEMBERED_EVENTS = 20_000

_encoder = msgspec.json.Encoder()


def encode(message: msgspec.Struct) -> bytes:
    """A frame of one message."""
    return _encoder.encode(message)


def encoded(value: object) -> msgspec.Raw:
    """A part of frames to come, encoded once for all of them."""
    return msgspec.Raw(_encoder.encode(value))


def newest(one: PositionView | None, other: PositionView | None) -> PositionView | None:
    """The position with the higher sequence; `one` when they are equal."""
    if one is None or (other is not None and other.sequence > one.sequence):
        return other
    return one


class Events:
    """Which facts were told, so that each revision is told once."""

    def __init__(self) -> None:
        self.told: dict[int, tuple[int, bool]] = {}

    def is_news(self, event: EventView) -> bool:
        """Whether this state of the event was not told yet; it counts as told from now on."""
        state = (event.revision, event.withdrawn)
        known = self.told.pop(event.id, None)
        self.told[event.id] = max(state, known) if known else state
        while len(self.told) > REMEMBERED_EVENTS:
            del self.told[next(iter(self.told))]
        return known is None or state > known


class Steps:
    """The epoch of a picture and the number of its last frame."""

    def __init__(self) -> None:
        self.epoch = ""
        self.sequence = 0

    def begin(self) -> None:
        """A new epoch, of which nothing was said yet."""
        self.epoch = secrets.token_urlsafe(9)
        self.sequence = 0

    def step(self) -> tuple[str, int]:
        """The epoch and the number of the next frame."""
        self.sequence += 1
        return self.epoch, self.sequence
