"""Positions, partitioned by day, and what could not become one."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    REAL,
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)

from store.tables.metadata import metadata, moment

positions = Table(
    "positions",
    metadata,
    # Fixed-width columns first and in falling width, geometry last: no padding, about 150 bytes with the key.
    # No foreign keys: a batch of 2 000 would pay for 4 000 look-ups; ingest takes the ids from locked rows.
    moment("fix_time", nullable=False),
    moment("received_at", nullable=False),
    Column("lat", Float(53), nullable=False),
    Column("lon", Float(53), nullable=False),
    Column("driver_id", Integer, nullable=False),
    Column("trip_id", Integer, nullable=False),
    Column("device_id", Integer, nullable=False),
    # geo.fix.Flag bits.
    Column("flags", Integer, nullable=False),
    Column("accuracy_m", REAL),
    Column("speed_mps", REAL),
    Column("bearing_deg", REAL),
    Column("altitude_m", REAL),
    Column("battery_pct", SmallInteger),
    Column("geometry", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
    PrimaryKeyConstraint("driver_id", "fix_time", "lat", "lon"),
    # PostGIS would silently fold lat 95 to 85; these do not.
    CheckConstraint("lat between -90 and 90 and lon between -180 and 180", name="place"),
    postgresql_partition_by="RANGE (fix_time)",
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    moment("received_at", nullable=False, server_default=text("now()")),
    Column("topic", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    # As received, cut to 4 KiB; `size` is what came.
    Column("payload", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Index("quarantine_received_at_idx", "received_at"),
    Index("quarantine_reason_received_at_idx", "reason", "received_at"),
)
