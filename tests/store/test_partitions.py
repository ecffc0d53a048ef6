"""Day partitions are made ahead and dropped by age."""

import asyncio
import datetime as dt

import asyncpg
import pytest

from store.partitions import CERTAIN_AFTER_S, Expiry, existing_partitions, make_partitions, partition_name
from store.pool import Connection, Pool

TODAY = dt.date(2031, 5, 10)


async def test_it_makes_every_day_of_the_retention_and_three_ahead(database: Pool) -> None:
    async with database.acquire() as connection:
        made = await make_partitions(connection, TODAY, retention_days=2)
    assert made == [partition_name(TODAY + dt.timedelta(days=n)) for n in range(-2, 4)]


async def test_it_makes_nothing_twice_even_when_two_workers_start_together(database: Pool) -> None:
    async def make() -> None:
        async with database.acquire() as connection:
            await make_partitions(connection, TODAY, retention_days=2)

    await asyncio.gather(make(), make(), make())
    async with database.acquire() as connection:
        assert await make_partitions(connection, TODAY, retention_days=2) == []


async def test_it_drops_what_is_older_than_the_retention_and_nothing_else(database: Pool) -> None:
    async with database.acquire() as connection:
        await begin_without_any(connection)
        await make_partitions(connection, TODAY, retention_days=2)
        tomorrow = TODAY + dt.timedelta(days=1)
        dropped = await Expiry().drop(connection, tomorrow, retention_days=2, now_s=0.0)
        assert partition_name(TODAY - dt.timedelta(days=2)) in dropped
        assert partition_name(TODAY - dt.timedelta(days=1)) in await existing_partitions(connection)


async def test_a_clock_that_leaps_ahead_drops_nothing_before_a_day_of_our_own_time(database: Pool) -> None:
    expiry, leap = Expiry(), TODAY + dt.timedelta(days=60)
    async with database.acquire() as connection:
        await begin_without_any(connection)
        await make_partitions(connection, TODAY, retention_days=30)
        before = await existing_partitions(connection)
        assert await expiry.drop(connection, leap, 30, now_s=0.0) == []
        assert await expiry.drop(connection, leap, 30, now_s=CERTAIN_AFTER_S - 1) == []
        # The clock was set right: what is seen expired later begins to wait anew.
        assert await expiry.drop(connection, TODAY, 30, now_s=CERTAIN_AFTER_S) == []
        assert await expiry.drop(connection, leap, 30, now_s=CERTAIN_AFTER_S + 1) == []
        assert await existing_partitions(connection) == before
        assert len(await expiry.drop(connection, leap, 30, now_s=2 * CERTAIN_AFTER_S + 1)) == len(before)


async def test_a_fix_at_midnight_belongs_to_the_day_that_begins(database: Pool) -> None:
    async with database.acquire() as connection:
        await make_partitions(connection, TODAY, retention_days=0)
        midnight = dt.datetime(2031, 5, 10, tzinfo=dt.UTC)
        await insert(connection, midnight)
        assert await connection.fetchval(f"select count(*) from {partition_name(TODAY)}") == 1


async def test_a_fix_without_a_partition_is_refused_not_lost_silently(database: Pool) -> None:
    async with database.acquire() as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="no partition"):
            await insert(connection, dt.datetime(1999, 1, 1, tzinfo=dt.UTC))


async def begin_without_any(connection: Connection) -> None:
    """Those of the present are out of the way."""
    for name in await existing_partitions(connection):
        await connection.execute(f"drop table {name}")


async def insert(connection: asyncpg.Connection, moment: dt.datetime) -> None:  # type: ignore[type-arg]
    await connection.execute(
        """
        insert into positions values ($1, now(), 42, 74, 1, 1, 1, 0, 1, 1, 1, 1, 1,
            st_setsrid(st_makepoint(74, 42), 4326))
        """,
        moment,
    )
