"""Fixes by the thousand: equal-length numpy columns, what makes a fix doubtful, and limits of sense.

A fix is never deleted for being odd, it is flagged. Flags of one fix alone are computed
here (`intrinsic_flags`); flags that need the neighbours (jump, frozen, teleport) come from the fold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import IntFlag

import numpy as np
import numpy.typing as npt

Int64s = npt.NDArray[np.int64]
Int32s = npt.NDArray[np.int32]
Int16s = npt.NDArray[np.int16]
Float64s = npt.NDArray[np.float64]
Float32s = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

SECOND_US = 1_000_000
COARSE_ABOVE_M = 100.0
NULL_ISLAND_WITHIN_DEG = 0.01
# A clock that nobody set is minutes ahead and its fixes are good; what is further ahead belongs to no known moment.
AHEAD_BEYOND_US = 120 * SECOND_US
FUTURE_BEYOND_US = 480 * SECOND_US
STALE_BEYOND_US = 3600 * SECOND_US

# What a phone that is not broken can report; beyond it the measurement is unknown, the fix stays.
MAXIMUM_SPEED_MPS = 100.0
MINIMUM_ALTITUDE_M = -500.0
MAXIMUM_ALTITUDE_M = 12_000.0
# An absurdly large or infinite accuracy still says "I do not know where I am": it is kept, capped.
MAXIMUM_ACCURACY_M = 1_000_000.0
UNKNOWN_BATTERY = -1


class Flag(IntFlag):
    """Why a fix is doubtful or special; a bit mask that fits a PostgreSQL int4."""

    COARSE = 1
    NO_ACCURACY = 2
    JUMP = 4
    FUTURE = 8
    STALE = 16
    NULL_ISLAND = 32
    PING = 64
    MOCK = 128
    FROZEN = 256
    TELEPORT = 512
    AHEAD = 1024


# Fixes the fold passes over as if they did not exist, whatever their neighbours are.
IGNORED = int(Flag.NULL_ISLAND | Flag.FUTURE | Flag.PING)
# Fixes that move neither a stage nor the marker on the map.
UNTRUSTED = IGNORED | int(Flag.JUMP)
# Bits that only the fold writes, because they depend on the neighbours.
FOLDED = int(Flag.JUMP | Flag.FROZEN | Flag.TELEPORT)


def flag_names(mask: int) -> list[str]:
    """Lower-case names of the bits set in `mask`, lowest bit first; unknown bits are left out."""
    return [str(flag.name).lower() for flag in Flag if mask & flag]


@dataclass(frozen=True, slots=True)
class Columns:
    """Many fixes as equal-length columns, in the order of the arrays.

    `fix_time` microseconds since 1970 UTC; `lat`, `lon` WGS-84 degrees; NaN = unknown in the float32
    columns; `battery_pct` 0..100, -1 = unknown; `flags` a mask of `Flag`.
    """

    fix_time: Int64s
    lat: Float64s
    lon: Float64s
    accuracy_m: Float32s
    speed_mps: Float32s
    bearing_deg: Float32s
    altitude_m: Float32s
    battery_pct: Int16s
    flags: Int32s

    def __len__(self) -> int:
        return len(self.fix_time)

    def take(self, index: Indices | Bools | slice) -> Columns:
        """The fixes picked by an index array, a mask or a slice, in that order."""
        # Written out: fields looped over by name take longer than the numbers themselves.
        return Columns(
            self.fix_time[index],
            self.lat[index],
            self.lon[index],
            self.accuracy_m[index],
            self.speed_mps[index],
            self.bearing_deg[index],
            self.altitude_m[index],
            self.battery_pct[index],
            self.flags[index],
        )

    def with_flags(self, flags: Int32s) -> Columns:
        """The same fixes with other flags."""
        return replace(self, flags=flags)

    def sorted(self) -> Columns:
        """By (fix_time, lat, lon), the order in which the fold reads; itself when already so."""
        if len(self) < 2 or bool((self.fix_time[1:] > self.fix_time[:-1]).all()):
            return self
        return self.take(np.lexsort((self.lon, self.lat, self.fix_time)))

    def deduplicated(self) -> Columns:
        """Sorted, and of fixes with one key (fix_time, lat, lon) only the first as given."""
        ordered = self.sorted()
        if len(ordered) < 2:
            return ordered
        repeats = (
            (ordered.fix_time[1:] == ordered.fix_time[:-1])
            & (ordered.lat[1:] == ordered.lat[:-1])
            & (ordered.lon[1:] == ordered.lon[:-1])
        )
        if not repeats.any():
            return ordered
        return ordered.take(np.concatenate(([True], ~repeats)))


def columns(
    fix_time: Sequence[int] | Int64s,
    lat: Sequence[float] | Float64s,
    lon: Sequence[float] | Float64s,
    *,
    accuracy_m: Sequence[float] | Float32s | None = None,
    speed_mps: Sequence[float] | Float32s | None = None,
    bearing_deg: Sequence[float] | Float32s | None = None,
    altitude_m: Sequence[float] | Float32s | None = None,
    battery_pct: Sequence[int] | Int16s | None = None,
    flags: Sequence[int] | Int32s | None = None,
) -> Columns:
    """Columns from sequences; what is not given is unknown. Lengths must agree (ValueError)."""
    count = len(fix_time)

    def measured(values: Sequence[float] | Float32s | None) -> Float32s:
        return np.full(count, np.nan, np.float32) if values is None else np.asarray(values, np.float32)

    made = Columns(
        np.asarray(fix_time, np.int64),
        np.asarray(lat, np.float64),
        np.asarray(lon, np.float64),
        measured(accuracy_m),
        measured(speed_mps),
        measured(bearing_deg),
        measured(altitude_m),
        np.full(count, UNKNOWN_BATTERY, np.int16) if battery_pct is None else np.asarray(battery_pct, np.int16),
        np.zeros(count, np.int32) if flags is None else np.asarray(flags, np.int32),
    )
    if any(getattr(made, field.name).shape != (count,) for field in fields(made)):
        raise ValueError("columns of unequal length")
    return made


def concatenate(parts: Sequence[Columns]) -> Columns:
    """All fixes of `parts` one after another; no parts give no fixes."""
    if not parts:
        return columns((), (), ())
    if len(parts) == 1:
        return parts[0]
    return Columns(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Columns)))


def is_place(lat: Float64s, lon: Float64s) -> Bools:
    """True where latitude and longitude are finite and on the globe; the rest belongs in quarantine."""
    # A NaN compares false, an infinity is out of range: no separate test is needed.
    return (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0)


def sensible(fixes: Columns) -> Columns:
    """The same fixes with nonsense measurements made unknown (NaN, -1); place and time are untouched.

    Zero or negative accuracy is how phones say "not measured", so it becomes unknown as well.
    """
    speed, bearing, altitude = fixes.speed_mps, fixes.bearing_deg, fixes.altitude_m
    accuracy, battery = fixes.accuracy_m, fixes.battery_pct
    unknown = np.float32(np.nan)
    return replace(
        fixes,
        accuracy_m=np.where(accuracy > 0, np.minimum(accuracy, np.float32(MAXIMUM_ACCURACY_M)), unknown),
        speed_mps=np.where((speed >= 0) & (speed <= MAXIMUM_SPEED_MPS), speed, unknown),
        bearing_deg=np.where((bearing >= 0) & (bearing <= 360), bearing % np.float32(360), unknown),
        altitude_m=np.where((altitude >= MINIMUM_ALTITUDE_M) & (altitude <= MAXIMUM_ALTITUDE_M), altitude, unknown),
        battery_pct=np.where((battery >= 0) & (battery <= 100), battery, np.int16(UNKNOWN_BATTERY)),
    )


def intrinsic_flags(fixes: Columns, received_at_us: int | Int64s) -> Int32s:
    """The flags each fix earns alone: coarse, no_accuracy, ahead, future, stale, null_island.

    `received_at_us` is the server's clock, one for all or one a fix. Flags the phone itself declares
    (ping, mock) are not looked at: combine them with `|`.
    """
    late_us = received_at_us - fixes.fix_time
    near_zero = (np.abs(fixes.lat) < NULL_ISLAND_WITHIN_DEG) & (np.abs(fixes.lon) < NULL_ISLAND_WITHIN_DEG)
    mask = (fixes.accuracy_m > COARSE_ABOVE_M) * np.int32(Flag.COARSE)
    mask |= np.isnan(fixes.accuracy_m) * np.int32(Flag.NO_ACCURACY)
    mask |= ((late_us < -AHEAD_BEYOND_US) & (late_us >= -FUTURE_BEYOND_US)) * np.int32(Flag.AHEAD)
    mask |= (late_us < -FUTURE_BEYOND_US) * np.int32(Flag.FUTURE)
    mask |= (late_us > STALE_BEYOND_US) * np.int32(Flag.STALE)
    mask |= near_zero * np.int32(Flag.NULL_ISLAND)
    return np.asarray(mask, np.int32)
