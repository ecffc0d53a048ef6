"""Facts as rows, and who is told of them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from store.tables.metadata import created_at, metadata, moment

# What a track decides: an event of these is known by order, stop and kind, and corrected in place.
FOLDED_KINDS = (
    "approaching_50km",
    "approaching_5km",
    "arrived",
    "departed",
    "delivered",
    "low_battery",
    "implausible",
)

events = Table(
    "events",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    # What it happened to: a kind of thing (order, trip, driver, user) and the id of its row.
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    # What it belongs to, as far as it belongs to any.
    Column("organisation_id", ForeignKey("organisations.id")),
    Column("order_id", ForeignKey("orders.id")),
    Column("trip_id", ForeignKey("trips.id")),
    Column("stop_id", ForeignKey("order_stops.id")),
    # freight.events.facts.Kind: assigned, approaching_50km, approaching_5km, arrived, departed, delivered, silent, ...
    Column("kind", Text, nullable=False),
    # When it happened, by the phone's clock; `created_at` is when the hub learnt of it.
    moment("at", nullable=False),
    created_at(),
    moment("changed_at"),
    Column("source", Text, nullable=False),
    # Learnt more than 10 minutes after it happened: told quietly, never as if it were now.
    Column("late", Boolean, nullable=False, server_default=text("false")),
    # A corrected time of what a track decides rewrites the same row and raises this.
    Column("revision", SmallInteger, nullable=False, server_default="1"),
    # The refold no longer finds it: kept and shown as withdrawn.
    moment("withdrawn_at"),
    Column("data", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    # Whose hand made it what it is now: everyone is told of it but him. Null: nobody's.
    Column("caused_by", ForeignKey("users.id", ondelete="SET NULL")),
    Index("events_organisation_id_id_idx", "organisation_id", "id"),
    Index("events_order_id_id_idx", "order_id", "id"),
    Index("events_subject_kind_subject_id_id_idx", "subject_kind", "subject_id", "id"),
    # No stage twice; everything else is only added, however alike.
    Index(
        "events_order_id_stop_id_kind_key",
        "order_id",
        text("coalesce(stop_id, 0)"),
        "kind",
        unique=True,
        postgresql_where=text(f"kind in {FOLDED_KINDS!r}"),
    ),
    CheckConstraint(f"order_id is not null or kind not in {FOLDED_KINDS!r}", name="order"),
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("revision", SmallInteger, nullable=False, server_default="1"),
    created_at(),
    moment("read_at"),
    UniqueConstraint("user_id", "event_id", "revision"),
    Index("notifications_user_id_id_idx", "user_id", "id"),
    # What is unread is counted with every notification and every page opened, and is little of what is kept.
    Index("notifications_unread_idx", "user_id", postgresql_where=text("read_at IS NULL")),
)
