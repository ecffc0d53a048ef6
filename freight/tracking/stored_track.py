"""A trip's stored positions as columns, read compactly: one binary COPY instead of a record a row."""

import numpy as np

from freight.tracking.queries import STORED_TRACK
from geo.fix import Columns
from store.pool import Connection

# PostgreSQL counts microseconds from 2000.
POSTGRES_EPOCH_US = 946_684_800_000_000
_HEADER_BYTES = 19
_TRAILER_BYTES = 2

_VALUES = (
    ("fix_time", ">i8"),
    ("lat", ">f8"),
    ("lon", ">f8"),
    ("flags", ">i4"),
    ("accuracy_m", ">f4"),
    ("speed_mps", ">f4"),
    ("bearing_deg", ">f4"),
    ("battery_pct", ">i2"),
)
# Every value follows its length; the row begins with the number of its values.
_ROW = np.dtype(
    [("values", ">i2"), *(part for name, kind in _VALUES for part in ((f"{name}_bytes", ">i4"), (name, kind)))]
)


async def read_track(connection: Connection, driver_id: int, trip_id: int, window_from_us: int) -> Columns:
    """All stored positions of a trip, sorted by (fix_time, lat, lon); altitudes are not read (NaN)."""
    received = bytearray()

    async def keep(data: bytes) -> None:
        received.extend(data)

    query = STORED_TRACK.format(driver_id=driver_id, trip_id=trip_id, window_from_us=window_from_us)
    await connection.copy_from_query(query, output=keep, format="binary")
    count = (len(received) - _HEADER_BYTES - _TRAILER_BYTES) // _ROW.itemsize
    rows = np.frombuffer(received, _ROW, count, _HEADER_BYTES)
    return Columns(
        fix_time=rows["fix_time"].astype(np.int64) + POSTGRES_EPOCH_US,
        lat=rows["lat"].astype(np.float64),
        lon=rows["lon"].astype(np.float64),
        accuracy_m=rows["accuracy_m"].astype(np.float32),
        speed_mps=rows["speed_mps"].astype(np.float32),
        bearing_deg=rows["bearing_deg"].astype(np.float32),
        altitude_m=np.full(count, np.nan, np.float32),
        battery_pct=rows["battery_pct"].astype(np.int16),
        flags=rows["flags"].astype(np.int32),
    )
