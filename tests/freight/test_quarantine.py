"""What could not be understood is kept for a while, and not for ever."""

from freight.drivers.phones import KEPT_BYTES, delete_old_quarantine, quarantine
from store.pool import Pool


async def test_what_is_set_aside_is_cut_and_says_how_long_it_was(database: Pool) -> None:
    async with database.acquire() as connection:
        await quarantine(connection, "unreadable", "a\0b" + "x" * 500, b"y" * 10_000)
        row = await connection.fetchrow("select reason, detail, size, payload from quarantine")
    assert row is not None and (row["reason"], row["size"], len(row["payload"])) == ("unreadable", 10_000, KEPT_BYTES)
    assert row["detail"] == "ab" + "x" * 198


async def test_what_is_older_than_the_positions_is_dropped(database: Pool) -> None:
    async with database.acquire() as connection:
        for _ in range(2):
            await quarantine(connection, "unreadable", "", b"")
        await connection.execute(
            "update quarantine set received_at = now() - interval '31 days' where id = (select min(id) from quarantine)"
        )
        await delete_old_quarantine(connection, 30)
        assert await connection.fetchval("select count(*) from quarantine") == 1
