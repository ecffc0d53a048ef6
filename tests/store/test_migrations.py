"""The migrations make what the metadata says."""

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from store.migrate import migrate, newest_revision
from store.migrations.filter import include_object
from store.pool import Pool
from store.tables import metadata


async def on_connection(url: str, question):  # type: ignore[no-untyped-def]
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        answer = await connection.run_sync(question)
    await engine.dispose()
    return answer


def current_revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"include_object": include_object, "compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_a_migrated_database_differs_in_nothing_from_the_metadata(database_url: str) -> None:
    assert await on_connection(database_url, differences) == []


async def test_a_migrated_database_is_at_the_newest_revision(database_url: str) -> None:
    assert await on_connection(database_url, current_revision) == newest_revision()


async def test_migrating_again_changes_nothing(database_url: str) -> None:
    await asyncio.to_thread(migrate, database_url)
    assert await on_connection(database_url, differences) == []


async def test_an_address_as_hosts_hand_it_out_is_migrated(database_url: str) -> None:
    address = database_url.replace("postgresql://", "postgres://") + "?sslmode=prefer"
    await asyncio.to_thread(migrate, address)
    assert await on_connection(database_url, current_revision) == newest_revision()


@pytest.mark.parametrize(
    ("lat", "lon"), [(95.0, 70.0), (-90.1, 0.0), (42.0, 181.0), (float("nan"), 70.0), (42.0, float("inf"))]
)
async def test_the_table_itself_refuses_a_place_that_is_none(database: Pool, lat: float, lon: float) -> None:
    statement = """
    insert into positions values (now(), now(), $1, $2, 1, 1, 1, 0, 1, 1, 1, 1, 1,
        st_setsrid(st_makepoint(70, 42), 4326))
    """
    with pytest.raises(Exception, match="positions_place_check"):
        await database.execute(statement, lat, lon)
