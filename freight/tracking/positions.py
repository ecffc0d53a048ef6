"""Positions as they travel over the bus."""

from collections.abc import Sequence

import msgspec

from freight.live import Positions
from freight.tracking.views import PositionView

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[list[PositionView]] = msgspec.msgpack.Decoder(list[PositionView])


def packed(positions: Sequence[PositionView]) -> Positions:
    """The live message of positions, one a trip."""
    return Positions(msgspec.Raw(_encoder.encode(positions)))


def unpacked(message: Positions) -> list[PositionView]:
    """The positions of a live message. Raises msgspec.DecodeError."""
    return _decoder.decode(message.packed)
