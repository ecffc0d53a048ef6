"""What a finished trip leaves behind: its simplified track, which outlives its positions."""

import asyncio

import numpy as np

from freight.moments import microseconds
from freight.tracking.stored_track import read_track
from freight.trips.queries import SAVE_FINISHED_TRACK, TRIP_TO_FINISH
from geo.fences import haversine_m
from geo.fix import Columns
from geo.track import drawable, simplify
from store.pool import Pool

TOLERANCE_M = 25.0
SRID = 4326
LITTLE_ENDIAN = b"\x01"
LINE, WITH_MEASURE, WITH_SRID = 2, 0x40000000, 0x20000000


async def finish_trip(pool: Pool, trip_id: int) -> bool:
    """Keep the simplified track of a trip that has ended, and its length; False when it has not (any more).

    The line's M is seconds since 1970 UTC. May be repeated: late fixes make a better line.
    """
    async with pool.acquire() as connection:
        row = await connection.fetchrow(TRIP_TO_FINISH, trip_id)
        if row is None:
            return False
        fixes = await read_track(connection, row["driver_id"], trip_id, microseconds(row["window_from"]))
    line, length_m = await asyncio.to_thread(simplified_line, fixes)
    if line is not None:
        async with pool.acquire() as connection:
            await connection.execute(SAVE_FINISHED_TRACK, trip_id, line, length_m)
    return True


def simplified_line(fixes: Columns) -> tuple[bytes | None, float]:
    """(EWKB of the line, metres travelled); no line from fewer than two trusted fixes."""
    shown = drawable(fixes)
    if len(shown) < 2:
        return None, 0.0
    length_m = float(haversine_m(shown.lat[:-1], shown.lon[:-1], shown.lat[1:], shown.lon[1:]).sum())
    kept = simplify(shown, TOLERANCE_M)
    return line_with_measures(np.column_stack((kept.lon, kept.lat, kept.fix_time / 1_000_000))), length_m


def line_with_measures(points: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> bytes:
    """EWKB of a LINESTRING M from rows of (lon, lat, measure); shapely would drop the measures."""
    head = np.array([LINE | WITH_MEASURE | WITH_SRID, SRID, len(points)], "<u4")
    return LITTLE_ENDIAN + head.tobytes() + points.astype("<f8").tobytes()
