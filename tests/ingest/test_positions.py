"""Rows packed by hand are the rows PostgreSQL reads."""

import numpy as np
import pytest

from geo.fix import Columns, columns
from ingest.positions import copy_positions, insert_new_positions, pack
from store.pool import Pool

NOON_US = 1_795_435_200_000_000


def fixes() -> Columns:
    """Four fixes, each with other measurements unknown."""
    nan = float("nan")
    return columns(
        [NOON_US, NOON_US + 1, NOON_US + 2, NOON_US + 3],
        [42.5, 42.6, 42.7, 42.8],
        [74.5, 74.6, 74.7, 74.8],
        accuracy_m=[5, nan, nan, 7],
        speed_mps=[1, 2, nan, nan],
        bearing_deg=[10, nan, nan, 30],
        altitude_m=[700, nan, nan, 800],
        battery_pct=[50, -1, -1, 60],
        flags=[0, 1, 2, 3],
    )


def packed(rows: Columns) -> bytearray:
    ids = np.arange(1, len(rows) + 1, dtype=np.int32)
    return pack(rows, rows.fix_time + 9, ids, ids + 10, ids + 20)


@pytest.fixture
async def partitions(database: Pool) -> None:
    """The day of the fixes has its partition, whatever today is."""
    await database.execute(
        "create table if not exists positions_old partition of positions for values from (minvalue) to ('2026-11-01')"
    )
    await database.execute("create table positions_other partition of positions default")


@pytest.mark.usefixtures("partitions")
async def test_every_value_arrives_and_unknown_ones_are_null(database: Pool) -> None:
    async with database.acquire() as connection:
        await copy_positions(connection, packed(fixes()))
    rows = await database.fetch(
        "select *, st_x(geometry) as x, st_y(geometry) as y, st_srid(geometry) as srid from positions order by fix_time"
    )
    assert [row["accuracy_m"] for row in rows] == [5, None, None, 7]
    assert [row["speed_mps"] for row in rows] == [1, 2, None, None]
    assert [row["bearing_deg"] for row in rows] == [10, None, None, 30]
    assert [row["altitude_m"] for row in rows] == [700, None, None, 800]
    assert [row["battery_pct"] for row in rows] == [50, None, None, 60]
    assert [row["flags"] for row in rows] == [0, 1, 2, 3]
    assert [(row["driver_id"], row["trip_id"], row["device_id"]) for row in rows] == [
        (n, n + 10, n + 20) for n in (1, 2, 3, 4)
    ]
    assert [(row["x"], row["y"], row["srid"]) for row in rows] == [(row["lon"], row["lat"], 4326) for row in rows]
    assert [(row["received_at"] - row["fix_time"]).microseconds for row in rows] == [9, 9, 9, 9]


@pytest.mark.usefixtures("partitions")
async def test_only_what_was_not_stored_is_new(database: Pool) -> None:
    async with database.acquire() as connection, connection.transaction():
        await copy_positions(connection, packed(fixes().take(slice(0, 2))))
        new = await insert_new_positions(connection, packed(fixes()))
    assert new == {(3, NOON_US + 2, 42.7, 74.7), (4, NOON_US + 3, 42.8, 74.8)}
    assert await database.fetchval("select count(*) from positions") == 4
