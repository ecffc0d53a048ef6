"""What the fold remembers and what it answers with: State, Folded and their small parts."""

from __future__ import annotations

import msgspec
import numpy as np

from geo.fix import IGNORED, Bools, Columns, Int32s, Int64s
from geo.plan import Plan
from geo.plausibility import Fix
from geo.visits import Sighting, Visit

STATE_VERSION = 1

# Where the truck is with respect to the watched fence.
OUTSIDE, CANDIDATE, INSIDE = 0, 1, 2


class State(msgspec.Struct, array_like=True):
    """Everything the fold remembers between two pieces of a track; under 300 bytes as msgpack.

    Give it back unchanged with the next piece, or start anew from `initial()`. `last` is the newest
    trusted fix, the truck's position. `current` is the index of the stop the truck is at or heads for.
    """

    version: int = STATE_VERSION
    current: int = 0
    phase: int = OUTSIDE
    first_inside_us: int = 0
    last_inside_us: int = 0
    standing: Fix | None = None
    leaving: Fix | None = None
    last: Fix | None = None
    suspects: tuple[Fix, ...] = ()
    unmoved_since_us: int = 0
    rings: int = 0
    seen_outside: bool = False
    marks_applied: int = 0
    sightings: tuple[Sighting, ...] = ()

    def last_key(self) -> tuple[int, float, float] | None:
        """(fix_time, lat, lon) of the newest fix folded, trusted or suspect; None before the first."""
        newest = self.suspects[-1] if self.suspects else self.last
        return newest.key if newest else None

    def is_late(self, plan: Plan, fixes: Columns) -> bool:
        """Whether any of `fixes` belongs at or before what is folded already: the trip must be refolded.

        Fixes the fold passes over anyway (flags of IGNORED, before the window) are never late.
        """
        key = self.last_key()
        if key is None:
            return False
        old = fixes.take(counted(plan.window_from_us, fixes) & (fixes.fix_time <= key[0]))
        keys = zip(old.fix_time.tolist(), old.lat.tolist(), old.lon.tolist(), strict=True)
        return any(found <= key for found in keys)


class Ring(msgspec.Struct, frozen=True):
    """The truck came within `ring_m` of a stop it has not reached yet: information, not a stage."""

    stop_index: int
    ring_m: int
    at_us: int


class FlagChange(msgspec.Struct, frozen=True):
    """A fix folded in an earlier piece whose flags must become `(flags & ~cleared) | added`."""

    fix_time: int
    lat: float
    lon: float
    cleared: int
    added: int


class Folded(msgspec.Struct):
    """What a piece of track led to.

    `visits` is the full list as known now; `rings` only those of this piece; `flags` (int32) the
    complete mask of every fix given, in its order; `suspects` the changes to fixes of earlier pieces.
    `was_quiet`: nothing happened but that the truck is elsewhere.
    """

    state: State
    visits: tuple[Visit, ...]
    rings: tuple[Ring, ...]
    suspects: tuple[FlagChange, ...]
    flags: Int32s
    was_quiet: bool = False


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(State)


def encode_state(state: State) -> bytes:
    """The state as msgpack, for a bytea column."""
    return _encoder.encode(state)


def decode_state(data: bytes | None) -> State | None:
    """The state from `encode_state`; None when there is none this version can use: fold the track anew."""
    if data is None:
        return None
    try:
        state = _decoder.decode(data)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None
    return state if state.version == STATE_VERSION else None


def counted(window_from_us: int | Int64s, fixes: Columns) -> Bools:
    """True for fixes the fold reads; the others are passed over as if they did not exist."""
    return np.asarray(((fixes.flags & IGNORED) == 0) & (fixes.fix_time >= window_from_us))
