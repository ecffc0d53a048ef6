"""What processes tell each other of trips over the bus; lossy, after commit.

Ingest and api publish, push listens. Positions travel whole; of facts and changes only the ids travel, and push
reads the rows, so that what a browser sees is always what the database holds.
"""

from collections.abc import Iterable

import msgspec

from freight.trips.views import PositionView
from store.bus import live_channel


class LivePositions(msgspec.Struct, frozen=True, tag="positions"):
    """Newest positions of one organisation's trips, one per trip."""

    positions: list[PositionView]


class LiveTrip(msgspec.Struct, frozen=True, tag="trip"):
    """A trip changed: stage, stop, fence, route, driver, end."""

    trip_id: int


class LiveEvent(msgspec.Struct, frozen=True, tag="event"):
    """An event row was written or corrected; repeats are dropped by (event_id, revision)."""

    event_id: int
    revision: int
    trip_id: int | None


class LiveNotification(msgspec.Struct, frozen=True, tag="notification"):
    """A person has a new notification."""

    user_id: int
    notification_id: int


class ShareEnded(msgspec.Struct, frozen=True, tag="share_ended"):
    """On the control channel: a share was revoked or its expiry moved; open sockets check themselves again."""

    share_id: int


class SessionsEnded(msgspec.Struct, frozen=True, tag="sessions_ended"):
    """On the control channel: a user was disabled, changed the password or signed out; sockets check again."""

    user_id: int


LiveMessage = LivePositions | LiveTrip | LiveEvent | LiveNotification
ControlMessage = ShareEnded | SessionsEnded

_encoder = msgspec.msgpack.Encoder()
_live: msgspec.msgpack.Decoder[LiveMessage] = msgspec.msgpack.Decoder(LiveMessage)
_control: msgspec.msgpack.Decoder[ControlMessage] = msgspec.msgpack.Decoder(ControlMessage)


def encode(message: LiveMessage | ControlMessage) -> bytes:
    """The bus payload of a message."""
    return _encoder.encode(message)


def addressed(organisation_id: int, messages: Iterable[LiveMessage]) -> list[tuple[str, bytes]]:
    """Messages as `Bus.publish` takes them, for the channel of one organisation."""
    return [(live_channel(organisation_id), encode(message)) for message in messages]


def decode_live(payload: bytes) -> LiveMessage:
    """Read a payload of a `live:` channel. Raises msgspec.DecodeError."""
    return _live.decode(payload)


def decode_control(payload: bytes) -> ControlMessage:
    """Read a payload of the control channel. Raises msgspec.DecodeError."""
    return _control.decode(payload)
