"""Public links to one trip and who opened them."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import INET

from store.tables.metadata import created_at, identity, metadata, moment

shares = Table(
    "shares",
    metadata,
    identity(),
    Column("trip_id", ForeignKey("trips.id"), nullable=False, index=True),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False),
    Column("created_by", ForeignKey("users.id")),
    Column("label", Text, nullable=False, server_default=""),
    # The token is derived from the hub's secret, this row's id and the nonce; only its SHA-256 is looked up.
    Column("nonce", LargeBinary, nullable=False),
    Column("token_hash", LargeBinary, nullable=False, unique=True),
    created_at(),
    # Null: `days_after_delivery`, the setting of the day the link was made.
    moment("expires_at"),
    moment("revoked_at"),
    Column("view_count", Integer, nullable=False, server_default="0"),
    moment("last_viewed_at"),
    Column("days_after_delivery", Integer, nullable=False),
)

share_views = Table(
    "share_views",
    metadata,
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    Column("share_id", ForeignKey("shares.id", ondelete="CASCADE"), nullable=False),
    moment("at", nullable=False, server_default=text("now()")),
    Column("address", INET),
    Column("user_agent", Text, nullable=False, server_default=""),
    Index("share_views_share_id_at_idx", "share_id", "at"),
)
