"""Requests that may be sent again."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text

from store.tables.metadata import created_at, metadata

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Text, primary_key=True),
    # SHA-256 of the address and the body: with the same key only the same request is a repeat.
    Column("request_hash", LargeBinary, nullable=False),
    # The body of the first answer, sealed. Null only inside the transaction that makes what it tells of.
    Column("answer", LargeBinary),
    created_at(),
    Index("idempotency_keys_created_at_idx", "created_at"),
)
