"""Every statement of the business, prepared against the migrated schema."""

import importlib
import pkgutil
import re

import asyncpg

import freight
from store.pool import Pool

# COPY takes no parameters: whole numbers are written into such a statement.
WHOLE_NUMBER = re.compile(r"\{\w+:d\}")
STATEMENT = re.compile(r"\s*(--[^\n]*\n\s*)*(select|insert|update|delete|with)\b", re.IGNORECASE)


def statements() -> list[tuple[str, str]]:
    """Every upper-case text constant of freight that is SQL."""
    found = []
    for module in pkgutil.walk_packages(freight.__path__, "freight."):
        for name, value in vars(importlib.import_module(module.name)).items():
            is_public = name.isupper() and not name.startswith("_")
            # What merges a staged list needs that list's temporary tables, which its own tests make.
            if is_public and isinstance(value, str) and STATEMENT.match(value) and "staged_" not in value:
                found.append((f"{module.name}.{name}", value))
    return found


async def test_every_statement_fits_the_schema(database: Pool) -> None:
    found = statements()
    assert len(found) > 80
    misfits = {}
    async with database.acquire() as connection:
        for name, statement in found:
            try:
                await connection.prepare(WHOLE_NUMBER.sub("1", statement))
            except asyncpg.PostgresError as error:
                misfits[name] = str(error)
    assert misfits == {}
