"""Trips, the hot row of each, visits and manual marks."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    REAL,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.metadata import created_at, identity, metadata, moment

trips = Table(
    "trips",
    metadata,
    identity(),
    Column("order_id", ForeignKey("orders.id"), nullable=False, unique=True),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False),
    Column("driver_id", ForeignKey("drivers.id"), nullable=False),
    # The tracking window: fixes outside it are not stored (privacy). An open trip has no end yet.
    moment("window_from", nullable=False),
    moment("window_to"),
    moment("delivered_at"),
    # Raised whenever stops, fences, marks or the route change: workers reload their compiled plan.
    Column("plan_version", Integer, nullable=False, server_default="1"),
    # freight.routes.views.RouteView as JSON: encoded line, length, duration, approximate, source.
    Column("route", JSONB),
    created_at(),
    # The simplified track of a finished trip; outlives its positions.
    Column("track", Geometry("LINESTRINGM", srid=4326, dimension=3, spatial_index=False)),
    Column("track_length_m", Float),
    Index("trips_driver_id_window_from_idx", "driver_id", "window_from"),
    Index("trips_organisation_id_window_to_idx", "organisation_id", "window_to"),
    # A driver carries one trip at a time.
    Index("trips_open_driver_key", "driver_id", unique=True, postgresql_where=text("window_to IS NULL")),
    CheckConstraint("window_to >= window_from", name="window"),
)

tracks = Table(
    "tracks",
    metadata,
    # One narrow row a trip, rewritten with every batch: the fold's state and the newest trusted position.
    # Half-empty pages keep the rewrites inside the page (HOT), without touching an index.
    Column("trip_id", ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True),
    Column("state", LargeBinary),
    moment("fix_time"),
    moment("received_at"),
    Column("lat", Float(53)),
    Column("lon", Float(53)),
    Column("accuracy_m", REAL),
    Column("speed_mps", REAL),
    Column("bearing_deg", REAL),
    Column("battery_pct", SmallInteger),
    Column("flags", Integer, nullable=False, server_default="0"),
    # Exact to the last bit: what is told live and what is read again must be the same number.
    Column("progress_m", Float(53)),
    moment("eta_at"),
    moment("eta_computed_at"),
    Column("fix_count", Integer, nullable=False, server_default="0"),
    # Raised with every write: a listener can tell whether it missed one.
    Column("sequence", Integer, nullable=False, server_default="0"),
    postgresql_with={"fillfactor": "50"},
)

visits = Table(
    "visits",
    metadata,
    Column("trip_id", ForeignKey("trips.id", ondelete="CASCADE"), primary_key=True),
    Column("stop_id", ForeignKey("order_stops.id"), primary_key=True, index=True),
    moment("arrived_at"),
    Column("arrived_source", Text),
    moment("departed_at"),
    Column("departed_source", Text),
    moment("changed_at", nullable=False, server_default=text("now()")),
)

marks = Table(
    "marks",
    metadata,
    # Manual witnesses: the driver or the dispatcher pressed a stage, or silence confirmed an arrival.
    identity(),
    Column("trip_id", ForeignKey("trips.id", ondelete="CASCADE"), nullable=False),
    Column("stop_id", ForeignKey("order_stops.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    moment("at", nullable=False),
    Column("user_id", ForeignKey("users.id")),
    created_at(),
    UniqueConstraint("trip_id", "stop_id", "kind", "source"),
    CheckConstraint("kind in ('arrived', 'departed')", name="kind"),
    CheckConstraint("source in ('driver', 'dispatcher', 'silence')", name="source"),
)
