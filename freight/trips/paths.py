"""The travelled path of a trip, as it is drawn."""

import asyncio

import numpy as np
import shapely

from freight.moments import microseconds
from freight.tracking.stored_track import read_track
from freight.tracking.views import TrackView
from freight.trips import queries
from geo.fix import Columns, columns
from geo.track import encode_track
from store.pool import Connection


async def track_view(connection: Connection, trip_id: int) -> TrackView:
    """The path from the trip's positions, or its simplified track once these are past their retention.

    A trip without either has an empty path. Whose trip it is, is the caller's to check.
    """
    row = await connection.fetchrow(queries.TRACK, trip_id)
    if row is None:
        return TrackView(encode_track(columns((), (), ())), 0, 0, False)
    fixes = await read_track(connection, row["driver_id"], trip_id, microseconds(row["window_from"]))
    if not len(fixes) and row["line"] is not None:
        return await asyncio.to_thread(_drawn, _from_line(row["line"]), row["fix_count"], True)
    return await asyncio.to_thread(_drawn, fixes, len(fixes), False)


def _from_line(line: bytes) -> Columns:
    points = shapely.get_coordinates(shapely.from_wkb(line), include_m=True)
    return columns((points[:, 2] * 1_000_000).astype(np.int64), points[:, 1], points[:, 0])


def _drawn(fixes: Columns, stored_count: int, simplified: bool) -> TrackView:
    encoded = encode_track(fixes)
    return TrackView(encoded, _point_count(encoded), stored_count, simplified)


def _point_count(encoded: str) -> int:
    # The last character of every number lies below `_`; a point is three numbers.
    body = np.frombuffer(encoded.split(",", 2)[2].encode(), np.uint8)
    return int(((body >= 63) & (body < 95)).sum()) // 3
