"""The travelled path of a trip, as it is drawn."""

import asyncio
import datetime as dt
import io

import numpy as np
import shapely

from freight.trips import queries
from freight.trips.views import TrackView
from geo.fix import Columns, columns
from geo.track import encode_track
from store.pool import Connection

# PostgreSQL's binary COPY: 19 bytes of head, then a count and a length before every value, at the end -1.
_HEAD_BYTES = 19
_ROW = np.dtype(
    [
        ("count", ">i2"),
        *(("time_length", ">i4"), ("time", ">i8")),
        *(("lat_length", ">i4"), ("lat", ">f8")),
        *(("lon_length", ">i4"), ("lon", ">f8")),
        *(("speed_length", ">i4"), ("speed", ">f4")),
    ]
)
# PostgreSQL counts from 2000, everyone else from 1970.
_EPOCH_SHIFT_US = 946_684_800_000_000
_FAR_AHEAD = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


async def track_view(
    connection: Connection, trip_id: int, driver_id: int, window_from: dt.datetime, window_to: dt.datetime | None
) -> TrackView:
    """The path from the trip's positions, or its simplified track once these are past their retention."""
    fixes = await _positions(connection, trip_id, driver_id, window_from, window_to or _FAR_AHEAD)
    if len(fixes):
        return await asyncio.to_thread(_drawn, fixes, len(fixes), False)
    row = await connection.fetchrow(queries.SIMPLIFIED, trip_id)
    if row is None or row["line"] is None:
        return TrackView(encode_track(fixes), 0, 0, False)
    return await asyncio.to_thread(_drawn, _from_line(row["line"]), row["fix_count"], True)


async def _positions(
    connection: Connection, trip_id: int, driver_id: int, window_from: dt.datetime, window_to: dt.datetime
) -> Columns:
    copied = io.BytesIO()
    await connection.copy_from_query(
        queries.TRACK, driver_id, trip_id, window_from, window_to, output=copied, format="binary"
    )
    rows = np.frombuffer(copied.getbuffer()[_HEAD_BYTES:-2], _ROW)
    return columns(
        rows["time"].astype(np.int64) + _EPOCH_SHIFT_US,
        rows["lat"].astype(np.float64),
        rows["lon"].astype(np.float64),
        speed_mps=rows["speed"].astype(np.float32),
    )


def _from_line(line: bytes) -> Columns:
    # shapely carries the measure of an M line as a third coordinate.
    points = shapely.get_coordinates(shapely.from_wkb(line), include_m=True)
    return columns((points[:, 2] * 1_000_000).astype(np.int64), points[:, 1], points[:, 0])


def _drawn(fixes: Columns, stored_count: int, simplified: bool) -> TrackView:
    encoded = encode_track(fixes)
    return TrackView(encoded, _point_count(encoded), stored_count, simplified)


def _point_count(encoded: str) -> int:
    # The last character of every number lies below `_`; a point is three numbers.
    body = np.frombuffer(encoded.split(",", 2)[2].encode(), np.uint8)
    return int(((body >= 63) & (body < 95)).sum()) // 3
