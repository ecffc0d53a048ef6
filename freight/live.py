"""What processes tell each other over the bus, and on which channel; lossy, after commit.

No noun of the business is known here. Of facts and changes only the ids travel, and who listens reads the rows, so
that what a browser sees is always what the database holds. Positions travel whole, packed by whoever owns their shape.
"""

from collections.abc import Iterable

import msgspec

from freight.fields import BigId, Id
from store.bus import CONTROL, Bus


class Positions(msgspec.Struct, frozen=True, tag="positions"):
    """Newest positions of one audience's trips, one a trip: `packed` by `freight.tracking.positions`."""

    packed: msgspec.Raw


class Changed(msgspec.Struct, frozen=True, tag="changed"):
    """Something shown changed: the row `id` of `noun` says how it is now."""

    noun: str
    id: Id


class Happened(msgspec.Struct, frozen=True, tag="happened"):
    """An event row was written or corrected; repeats are dropped by (event_id, revision). Its subject is the row
    `id` of `noun`."""

    event_id: BigId
    revision: int
    noun: str
    id: BigId


class Notified(msgspec.Struct, frozen=True, tag="notified"):
    """A person has a new notification, or has read some."""

    user_id: int
    notification_id: int


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """On the control channel: what lets somebody in (`noun`: share, sessions) ended or moved its end; open sockets
    check themselves again."""

    noun: str
    id: int


Message = Positions | Changed | Happened | Notified


class Told(msgspec.Struct, frozen=True):
    """A message and whom it is for, to be published after the commit of what it tells."""

    channel: str
    message: Message | Ended


_encoder = msgspec.msgpack.Encoder()
_message: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
_control: msgspec.msgpack.Decoder[Ended] = msgspec.msgpack.Decoder(Ended)


def organisation(organisation_id: int) -> str:
    """The channel of everyone who dispatches for an organisation."""
    return f"live:{organisation_id}"


def to_organisation(organisation_id: int, *messages: Message) -> list[Told]:
    """Messages for everyone who dispatches for an organisation."""
    return [Told(organisation(organisation_id), message) for message in messages]


def ended(noun: str, id: int) -> Told:
    """The word that makes open sockets check whether they still hold."""
    return Told(CONTROL, Ended(noun, id))


def encode(message: Message | Ended) -> bytes:
    """The bus payload of a message."""
    return _encoder.encode(message)


async def publish(bus: Bus, told: Iterable[Told]) -> bool:
    """Tell open pages, after the commit; False when Redis took nothing. Whoever misses it has the rows."""
    return await bus.publish([(one.channel, encode(one.message)) for one in told])


def decode(payload: bytes) -> Message:
    """Read a payload of an audience's channel. Raises msgspec.DecodeError."""
    return _message.decode(payload)


def decode_control(payload: bytes) -> Ended:
    """Read a payload of the control channel. Raises msgspec.DecodeError."""
    return _control.decode(payload)
