"""Orders and their stops."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.metadata import created_at, identity, metadata, moment

STATES = (
    "draft",
    "published",
    "assigned",
    "at_loading",
    "in_transit",
    "at_unloading",
    "delivered",
    "expired",
    "cancelled",
    "failed",
)

orders = Table(
    "orders",
    metadata,
    identity(),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False),
    Column("created_by", ForeignKey("users.id")),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("cargo_name", Text, nullable=False, server_default=""),
    Column("weight_kg", Integer),
    Column("volume_m3", Float),
    Column("body_type", Text, nullable=False, server_default=""),
    Column("customer_name", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("price_minor", BigInteger),
    Column("currency", Text, nullable=False, server_default="USD"),
    created_at(),
    moment("changed_at"),
    CheckConstraint(f"state in {STATES!r}", name="state"),
    Index("orders_organisation_id_state_idx", "organisation_id", "state"),
)

order_stops = Table(
    "order_stops",
    metadata,
    identity(),
    Column("order_id", ForeignKey("orders.id", ondelete="CASCADE"), nullable=False),
    Column("position", SmallInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False, server_default=""),
    Column("country", Text, nullable=False, server_default=""),
    Column("timezone", Text, nullable=False, server_default="Asia/Bishkek"),
    Column("place_id", Integer),
    Column("lat", Float(53), nullable=False),
    Column("lon", Float(53), nullable=False),
    # geo.fences.Fence as JSON; null = known only to its city, no automatic stage.
    Column("fence", JSONB),
    moment("window_from"),
    moment("window_to"),
    UniqueConstraint("order_id", "position"),
    CheckConstraint("kind in ('loading', 'unloading')", name="kind"),
    CheckConstraint("position between 0 and 9", name="position"),
    CheckConstraint("lat between -90 and 90 and lon between -180 and 180", name="place"),
    CheckConstraint("window_to >= window_from", name="window"),
)
