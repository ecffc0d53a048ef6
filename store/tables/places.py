"""Cities, border posts and dry ports, and every name they are searched by."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text

from store.tables.metadata import metadata

places = Table(
    "places",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name_ru", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("name_ky", Text, nullable=False),
    Column("name_local", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lat", Float(53), nullable=False),
    Column("lon", Float(53), nullable=False),
    Column("population", Integer, nullable=False),
    Column("timezone", Text, nullable=False),
)

place_names = Table(
    "place_names",
    metadata,
    Column("place_id", ForeignKey("places.id", ondelete="CASCADE"), primary_key=True),
    Column("name_folded", Text, primary_key=True),
    Column("weight", SmallInteger, nullable=False, server_default="0"),
    Index(
        "place_names_name_folded_idx",
        "name_folded",
        postgresql_using="gin",
        postgresql_ops={"name_folded": "gin_trgm_ops"},
    ),
)

place_sources = Table(
    "place_sources",
    metadata,
    # One row: the hash of the list last loaded, so that a start without changes loads nothing.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("content_hash", LargeBinary, nullable=False),
)
