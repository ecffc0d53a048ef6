"""How fast a truck can be: the rule behind the flags jump, teleport and frozen."""

from __future__ import annotations

import msgspec

from geo.fences import apart_m

JUMP_MPS = 250 / 3.6
TELEPORT_MPS = 150 / 3.6
TELEPORT_FROM_M = 5_000.0
FROZEN_AFTER_US = 3 * 3600 * 1_000_000
AGREEING_SUSPECTS = 3
# A fix of unknown accuracy is taken for an ordinary one.
ASSUMED_ACCURACY_M = 50.0
# A phone that admits to kilometres of error may not use them to excuse a leap across the map.
MAXIMUM_EXCUSE_M = 1_000.0
UNKNOWN_SPEED = -1.0


class Fix(msgspec.Struct, array_like=True, frozen=True):
    """One fix as the fold remembers it; unknown accuracy is already assumed, unknown speed is -1."""

    fix_time: int
    lat: float
    lon: float
    accuracy_m: float = ASSUMED_ACCURACY_M
    speed_mps: float = UNKNOWN_SPEED

    @property
    def key(self) -> tuple[int, float, float]:
        """What identifies the fix within one driver: (fix_time, lat, lon)."""
        return self.fix_time, self.lat, self.lon


def excuse_m(fix: Fix) -> float:
    """How many metres of a displacement the fix's own error may explain."""
    return min(fix.accuracy_m, MAXIMUM_EXCUSE_M)


def faster_than(before: Fix, after: Fix, limit_mps: float) -> bool:
    """Whether getting from `before` to `after` needed more than `limit_mps`, their errors allowed for."""
    elapsed_s = (after.fix_time - before.fix_time) / 1_000_000
    allowed_m = limit_mps * elapsed_s + excuse_m(before) + excuse_m(after)
    return apart_m(before.lat, before.lon, after.lat, after.lon) > allowed_m
