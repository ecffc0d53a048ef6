"""What could not be understood is kept for a while, and not for ever."""

from freight.drivers.phones import KEPT_BYTES, Refused, delete_old_quarantine, quarantine
from ingest.pipeline import Pipeline
from store.pool import Pool
from tests.ingest.world import make_driver, make_trip, message


async def test_what_is_set_aside_is_cut_and_says_how_long_it_was(database: Pool) -> None:
    async with database.acquire() as connection:
        carried = await make_trip(connection)
        refused = Refused("too_large", "a\0b" + "x" * 500, 10_000, b"y" * 10_000, carried.login)
        await quarantine(connection, refused)
        row = await connection.fetchrow("select topic, reason, detail, size, payload from quarantine")
    assert row is not None and (row["reason"], row["size"], len(row["payload"])) == ("too_large", 10_000, KEPT_BYTES)
    assert row["topic"] == f"owntracks/{carried.login}"
    assert row["detail"] == "ab" + "x" * 198


async def test_of_a_driver_on_no_trip_only_the_reason_is_kept(database: Pool) -> None:
    async with database.acquire() as connection:
        _, _, login = await make_driver(connection)
        await quarantine(connection, Refused("too_large", "long", 7, b"a place", login))
        await quarantine(connection, Refused("unreadable", "of nobody known", 7, b"a place"))
        rows = await connection.fetch("select size, payload from quarantine")
    assert [(row["size"], row["payload"]) for row in rows] == [(7, b"")] * 2


async def test_after_his_trip_nothing_of_a_drivers_words_is_kept_whoever_else_is_on_one(database: Pool) -> None:
    async with database.acquire() as connection:
        carried, _ = await make_trip(connection), await make_trip(connection)
        await connection.execute("update trips set window_to = now() where id = $1", carried.trip_id)
        await quarantine(connection, Refused("unreadable", "", 7, b"a place", carried.login))
        await Pipeline(database, 30).take([message(carried.login, b"no JSON, but a place")])
        rows = await connection.fetch("select reason, payload from quarantine order by id")
    assert [(row["reason"], row["payload"]) for row in rows] == [("unreadable", b""), ("bad_json", b"")]


async def test_what_is_older_than_the_positions_is_dropped(database: Pool) -> None:
    async with database.acquire() as connection:
        for _ in range(2):
            await quarantine(connection, Refused("unreadable", "", 0))
        await connection.execute(
            "update quarantine set received_at = now() - interval '31 days' where id = (select min(id) from quarantine)"
        )
        await delete_old_quarantine(connection, 30)
        assert await connection.fetchval("select count(*) from quarantine") == 1
