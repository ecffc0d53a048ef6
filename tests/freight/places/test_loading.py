"""Bringing the tables in line with the packaged list."""

import asyncio

from freight.places.actions import load_places, search_places
from geo.places import places
from store.pool import Pool


async def test_starts_at_the_same_time_and_later_ones_write_it_once(database: Pool) -> None:
    async def start() -> int:
        async with database.acquire() as connection:
            return await load_places(connection)

    assert sorted(await asyncio.gather(start(), start())) == [0, len(places())]
    assert await start() == 0
    assert await database.fetchval("select count(*) from places") == len(places())


async def test_a_changed_list_is_loaded_again_and_keeps_what_orders_name(database: Pool) -> None:
    async with database.acquire() as connection:
        await load_places(connection)
        await connection.execute("update places set name_ru = 'Старое имя' where id = 1528675")
        await connection.execute(
            "insert into places values (7, 'Снесён', 'Gone', 'Жок', 'Gone', 'KG', 'city', 42, 74, 0, 'Asia/Bishkek')"
        )
        await connection.execute("update place_sources set content_hash = 'old'")
        assert await load_places(connection) == len(places())
        assert await connection.fetchval("select name_ru from places where id = 1528675") == "Бишкек"
        assert await connection.fetchval("select count(*) from places where id = 7") == 1
        assert 7 not in [place.id for place in await search_places(connection, "Снесён", "ru")]


async def test_a_loading_that_breaks_off_leaves_the_old_list(database: Pool) -> None:
    async with database.acquire() as connection:
        await load_places(connection)
        await connection.execute("update place_sources set content_hash = 'old'")
        # A row no merge can pass: the constraint fails inside the transaction.
        await connection.execute("alter table places add constraint no_bishkek check (id <> 1528675) not valid")
        try:
            await load_places(connection)
        except Exception as refusal:
            assert "no_bishkek" in str(refusal)
        else:
            raise AssertionError("the loading should have failed")
        assert (await search_places(connection, "Бишкек", "ru", 1))[0].id == 1528675
