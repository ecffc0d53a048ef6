"""What the fold remembers and what it answers with: State, Folded and their small parts."""

from __future__ import annotations

import copy

import msgspec
import numpy as np

from geo.fix import IGNORED, Bools, Columns, Int32s, Int64s
from geo.plan import Plan
from geo.plausibility import Fix
from geo.visits import Sighting, Visit

STATE_VERSION = 2

# What shows a stay: a way between two fixes with time to spare; silence after one fix inside; more time inside than
# a jam takes to crawl through; standing.
GAP, SILENCE, SLOW, STANDING = range(4)


class Stay(msgspec.Struct, array_like=True, frozen=True):
    """What the fixes alone show of one fence, whichever stop it may belong to; microseconds since 1970 UTC.

    `is_long`: standing there long enough to pass over stops that nobody saw. `is_cut`: a departure was marked, so that
    what follows is another stay. `from_outside`: the truck was seen outside before. `reached`: a mask of the stops
    known only to their city whose neighbourhood had been reached by then.
    """

    gate: int
    arrived_at_us: int
    departed_at_us: int | None = None
    shown_by: int = STANDING
    is_long: bool = False
    is_cut: bool = False
    from_outside: bool = False
    reached: int = 0


class Presence(msgspec.Struct, array_like=True):
    """A truck in a fence, or perhaps so: a candidate until `is_proven`.

    `since_us` is when it crossed the edge; `anchor` the fix from which standing is measured (None once it stands) and
    `approach` the one before that;
    `inside` the last fix measured inside, `outside` the first one not inside since, `leaving` the first surely outside.
    """

    gate: int
    since_us: int
    inside: Fix
    anchor: Fix | None
    from_outside: bool = False
    is_proven: bool = False
    outside: Fix | None = None
    leaving: Fix | None = None
    approach: Fix | None = None


class Doubt(msgspec.Struct, array_like=True, frozen=True):
    """The truck stands at `stop_index` since `since_us`, and nobody saw it at `missing_index` before."""

    stop_index: int
    missing_index: int
    since_us: int


class State(msgspec.Struct, array_like=True):
    """Everything the fold remembers between two pieces of a track; a few hundred bytes as msgpack.

    Give it back unchanged with the next piece, or start anew from `initial()`. `last` is the newest trusted fix, the
    truck's position. `current` is the index of the stop the truck is at or heads for; `floor` the first it can be at by
    the marks applied. `stays` are all that the fences saw, `sightings` what the stops make of them. `seen_outside` is a
    mask of gates, `reached` one of stops.
    """

    version: int = STATE_VERSION
    current: int = 0
    floor: int = 0
    presences: tuple[Presence, ...] = ()
    stays: tuple[Stay, ...] = ()
    seen_outside: int = 0
    reached: int = 0
    last: Fix | None = None
    suspects: tuple[Fix, ...] = ()
    unmoved_since_us: int = 0
    rings: int = 0
    furthest: int = 0
    marks_applied: int = 0
    sightings: tuple[Sighting, ...] = ()
    doubt: Doubt | None = None

    def copy(self) -> State:
        """A state of its own, whose presences may be changed."""
        other = copy.copy(self)
        if self.presences:
            other.presences = tuple(map(copy.copy, self.presences))
        return other

    def presence(self, gate: int) -> Presence | None:
        """The truck's presence in a fence of the plan, None outside."""
        for presence in self.presences:
            if presence.gate == gate:
                return presence
        return None

    def forget(self, presence: Presence) -> None:
        """The truck is not there (any more)."""
        self.presences = tuple(one for one in self.presences if one is not presence)

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
