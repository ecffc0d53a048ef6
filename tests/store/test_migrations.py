"""The migrations make what the metadata says."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

from store.migrate import alembic_config, migrate, newest_revision
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


async def moved(url: str, revision: str) -> None:
    """Bring the schema to a revision, whichever way."""
    current = await on_connection(url, current_revision)
    way = command.downgrade if current is not None and revision < current else command.upgrade
    await asyncio.to_thread(way, alembic_config(url), revision)


@pytest_asyncio.fixture
async def older(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database of revision 0006 with an organisation, a dispatcher, a driver, an order and a trip."""
    await moved(database_url, "0006")
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        """
        insert into organisations (name) values ('Ала-Тоо');
        insert into users (role, name, organisation_id) values ('dispatcher', 'Айбек', 1), ('driver', 'Бакыт', null);
        insert into drivers (user_id) values (2);
        insert into orders (organisation_id, state) values (1, 'cancelled'), (1, 'assigned');
        insert into trips (order_id, organisation_id, driver_id, window_from) values (2, 1, 1, now());
        """
    )
    yield connection
    await connection.close()


async def test_events_told_before_they_had_subjects_keep_their_rows_and_gain_theirs(
    database_url: str, older: asyncpg.Connection
) -> None:
    insert = (
        "insert into events (organisation_id, order_id, trip_id, kind, at, source) values (1, $1, $2, $3, now(), 'hub')"
    )
    for facts in ((1, None, "cancelled"), (2, 1, "assigned"), (2, 1, "silent"), (2, 1, "delivered")):
        await older.execute(insert, *facts)
    await older.execute("insert into notifications (user_id, event_id) select 1, id from events")
    await moved(database_url, "head")
    rows = await older.fetch("select id, kind, subject_kind, subject_id, order_id from events order by id")
    assert [tuple(row) for row in rows] == [
        (1, "cancelled", "order", 1, 1),
        (2, "assigned", "trip", 1, 2),
        (3, "silent", "trip", 1, 2),
        (4, "delivered", "trip", 1, 2),
    ]
    assert await older.fetchval("select count(*) from notifications") == 4
    assert await on_connection(database_url, differences) == []


async def test_the_newest_of_each_fact_survives_the_way_back(database_url: str, older: asyncpg.Connection) -> None:
    await moved(database_url, "head")
    insert = (
        "insert into events (subject_kind, subject_id, organisation_id, order_id, kind, at, source)"
        " values ($1, 1, 1, $2, $3, now(), 'hub')"
    )
    for facts in (("driver", None, "resumed"), ("trip", 2, "silent"), ("trip", 2, "silent"), ("trip", 2, "delivered")):
        await older.execute(insert, *facts)
    await moved(database_url, "0006")
    assert [tuple(row) for row in await older.fetch("select id, kind from events order by id")] == [
        (3, "silent"),
        (4, "delivered"),
    ]


async def test_the_audit_tells_the_doer_from_whom_it_befell_also_of_old(
    database_url: str, older: asyncpg.Connection
) -> None:
    insert = "insert into audit (user_id, organisation_id, action, detail) values ($1, $2, $3, $4::jsonb)"
    old = [
        (2, None, "user_disabled", "{}"),
        (2, None, "password_replaced", "{}"),
        (1, None, "password_changed", "{}"),
        (1, 1, "driver_created", '{"driver_id": 1}'),
        (1, 1, "device_removed", '{"driver_id": 1, "kind": "app"}'),
    ]
    await older.executemany(insert, old)
    select = "select {} from audit order by id"
    await moved(database_url, "head")
    columns = "action, doer_id, subject_kind, subject_id, detail::text"
    assert [tuple(row) for row in await older.fetch(select.format(columns))] == [
        ("user_disabled", None, "user", 2, "{}"),
        ("password_replaced", None, "user", 2, "{}"),
        ("password_changed", 1, "user", 1, "{}"),
        ("driver_created", 1, "driver", 1, "{}"),
        ("device_removed", 1, "driver", 1, '{"kind": "app"}'),
    ]
    await moved(database_url, "0006")
    columns = "user_id, organisation_id, action, (detail ->> 'driver_id')::int"
    assert [tuple(row) for row in await older.fetch(select.format(columns))] == [
        *((2, None, "user_disabled", None), (2, None, "password_replaced", None), (1, None, "password_changed", None)),
        *((1, 1, "driver_created", 1), (1, 1, "device_removed", 1)),
    ]
