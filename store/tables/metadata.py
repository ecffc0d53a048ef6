"""The one MetaData, its naming convention, and the column shapes every table uses."""

from typing import Any

from sqlalchemy import Column, DateTime, Identity, Integer, MetaData, text

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)


def identity() -> Column[int]:
    """A surrogate key no client can choose."""
    return Column("id", Integer, Identity(always=False), primary_key=True)


def moment(name: str, **options: Any) -> Column[Any]:
    """A UTC `timestamptz` column."""
    return Column(name, DateTime(timezone=True), **options)


def created_at() -> Column[Any]:
    """When the row was written, by the database's clock."""
    return moment("created_at", nullable=False, server_default=text("now()"))
