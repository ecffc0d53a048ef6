"""OwnTracks messages as they come: the quick reading of what is well formed."""

import math
from typing import Annotated

import msgspec

# Larger numbers are nobody's queue, and would not fit the columns they are sorted in.
MOST_SEQUENCE = 2**62


class Location(msgspec.Struct, tag_field="_type", tag="location", gc=False):
    """One measurement. Keys and units are OwnTracks': `tst` seconds since 1970, `acc` and `alt` metres, `vel` km/h,
    `cog` degrees, `batt` percent, `t` what triggered it (`p` is a ping).

    Our own app adds `seq`, its queue's number of this fix, and `mock` where the platform tells of a fake place.
    """

    lat: float
    lon: float
    tst: float
    acc: float = math.nan
    vel: float = math.nan
    cog: float = math.nan
    alt: float = math.nan
    batt: float = -1.0
    t: str = ""
    seq: Annotated[int, msgspec.Meta(ge=0, lt=MOST_SEQUENCE)] = 0
    mock: bool = False


Locations = list[Location]
_decoder = msgspec.json.Decoder(Location | Locations)


def decode_quickly(payload: bytes) -> Location | Locations:
    """A location or an array of them. Anything else raises (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
    `explain` then says what it is."""
    decoded: Location | Locations = _decoder.decode(payload)
    return decoded
