"""Positions into PostgreSQL: rows packed by numpy, one binary COPY a batch, repeats found when there are any."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from freight.moments import microseconds
from freight.tracking.stored_track import POSTGRES_EPOCH_US
from geo.fix import Columns, Float64s, Int32s, Int64s
from store.pool import Connection

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
# EWKB of a point with its SRID, big-endian: byte order, type, 4326.
_POINT = np.frombuffer(b"\x00\x20\x00\x00\x01\x00\x00\x10\xe6", "V9")[0]
_POINT_BYTES = 25

COLUMNS = (
    "fix_time",
    "received_at",
    "lat",
    "lon",
    "driver_id",
    "trip_id",
    "device_id",
    "flags",
    "accuracy_m",
    "speed_mps",
    "bearing_deg",
    "altitude_m",
    "battery_pct",
    "geometry",
)
_REQUIRED = (
    ("fix_time", ">i8"),
    ("received_at", ">i8"),
    ("lat", ">f8"),
    ("lon", ">f8"),
    ("driver_id", ">i4"),
    ("trip_id", ">i4"),
    ("device_id", ">i4"),
    ("flags", ">i4"),
)
_MEASURED = (("accuracy_m", ">f4"), ("speed_mps", ">f4"), ("bearing_deg", ">f4"), ("altitude_m", ">f4"))

INCOMING = """
create temporary table if not exists incoming_positions (like positions) on commit delete rows
"""

# Of a repeated key the row stored first stays.
INSERT_NEW = """
insert into positions select * from incoming_positions on conflict do nothing
returning driver_id, fix_time, lat, lon
"""


def pack(fixes: Columns, received_at_us: Int64s, driver_id: Int32s, trip_id: Int32s, device_id: Int32s) -> bytearray:
    """The rows as PostgreSQL's binary COPY stream, in the order of COLUMNS."""
    packed = bytearray(_HEADER)
    required: dict[str, Int64s | Int32s | Float64s] = {
        "fix_time": fixes.fix_time - POSTGRES_EPOCH_US,
        "received_at": received_at_us - POSTGRES_EPOCH_US,
        "lat": fixes.lat,
        "lon": fixes.lon,
        "driver_id": driver_id,
        "trip_id": trip_id,
        "device_id": device_id,
        "flags": fixes.flags,
    }
    for pattern, rows in _by_unknowns(fixes):
        packed += _pack_alike(fixes, required, pattern, rows)
    packed += _TRAILER
    return packed


def _by_unknowns(fixes: Columns) -> Iterator[tuple[int, Int64s | slice]]:
    """Rows grouped by which of their measurements are unknown: within a group all rows are equally long."""
    unknown = np.zeros(len(fixes), np.int8)
    for bit, (name, _) in enumerate(_MEASURED):
        unknown |= np.isnan(getattr(fixes, name)).astype(np.int8) << bit
    unknown |= (fixes.battery_pct < 0).astype(np.int8) << len(_MEASURED)
    patterns = np.unique(unknown).tolist()
    if len(patterns) == 1:
        yield patterns[0], slice(None)
        return
    for pattern in patterns:
        yield pattern, np.flatnonzero(unknown == pattern)


def _layout(pattern: int) -> np.dtype[np.void]:
    """A row: the number of values, then each value after its length; an unknown is a length of -1 alone."""
    parts: list[tuple[str, str]] = [("values", ">i2")]
    for name, kind in _REQUIRED:
        parts += [(f"{name}_bytes", ">i4"), (name, kind)]
    for bit, (name, kind) in enumerate((*_MEASURED, ("battery_pct", ">i2"))):
        parts.append((f"{name}_bytes", ">i4"))
        if not pattern >> bit & 1:
            parts.append((name, kind))
    parts += [("geometry_bytes", ">i4"), ("point", "V9"), ("x", ">f8"), ("y", ">f8")]
    return np.dtype(parts)


_layouts: dict[int, np.dtype[np.void]] = {pattern: _layout(pattern) for pattern in range(32)}


def _blank(layout: np.dtype[np.void]) -> np.void:
    """One row with all lengths in place, to be repeated."""
    row = np.zeros(1, layout)
    row["values"] = len(COLUMNS)
    names = layout.names or ()
    for name in names:
        if name.endswith("_bytes"):
            value = name.removesuffix("_bytes")
            row[name] = layout[value].itemsize if value in names else -1
    row["geometry_bytes"] = _POINT_BYTES
    row["point"] = _POINT
    return row[0]  # type: ignore[no-any-return]


_blanks = {pattern: _blank(layout) for pattern, layout in _layouts.items()}


def _pack_alike(
    fixes: Columns, required: Mapping[str, Int64s | Int32s | Float64s], pattern: int, rows: Int64s | slice
) -> bytes:
    count = len(fixes.fix_time[rows])
    packed = np.full(count, _blanks[pattern], _layouts[pattern])
    for name, values in required.items():
        packed[name] = values[rows]
    for bit, name in enumerate(("accuracy_m", "speed_mps", "bearing_deg", "altitude_m", "battery_pct")):
        if not pattern >> bit & 1:
            packed[name] = getattr(fixes, name)[rows]
    packed["x"] = fixes.lon[rows]
    packed["y"] = fixes.lat[rows]
    return packed.tobytes()


def _stream(packed: bytearray) -> Any:
    # The driver sends a buffer at once; its type says only files and iterables.
    return memoryview(packed)


async def copy_positions(connection: Connection, packed: bytearray) -> None:
    """Append rows none of which is stored yet. Raises asyncpg.UniqueViolationError when one is after all."""
    await connection.copy_to_table("positions", source=_stream(packed), columns=COLUMNS, format="binary")


async def insert_new_positions(connection: Connection, packed: bytearray) -> set[tuple[int, int, float, float]]:
    """Store the rows that are not stored yet; returns their keys (driver, fix_time in microseconds, lat, lon)."""
    await connection.execute(INCOMING)
    await connection.copy_to_table("incoming_positions", source=_stream(packed), columns=COLUMNS, format="binary")
    rows = await connection.fetch(INSERT_NEW)
    return {(row["driver_id"], microseconds(row["fix_time"]), row["lat"], row["lon"]) for row in rows}
