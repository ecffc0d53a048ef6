"""Where a free driver is: known while his shift lasts, whatever is still on its way when it ends."""

import datetime as dt
from functools import partial

import pytest

from freight.drivers.actions import set_shift
from freight.drivers.shifts import ShiftFix, keep_shift_fixes, kept_fixes, note_shift
from freight.work import unit_of_work
from ingest.pipeline import Pipeline
from ingest.publisher import Publisher
from store.bus import Bus
from store.pool import Pool
from tests.ingest.world import LOADING, fix, make_driver, message

MINUTE = dt.timedelta(minutes=1)


def place(driver_id: int, ago: dt.timedelta = dt.timedelta()) -> ShiftFix:
    return ShiftFix(driver_id, int((dt.datetime.now(dt.UTC) - ago).timestamp() * 1000), *LOADING)


@pytest.fixture
async def free(database: Pool) -> tuple[int, str]:
    """A driver without a trip, and his phone's login."""
    async with database.acquire() as connection:
        driver_id, _, login = await make_driver(connection)
    return driver_id, login


async def say(database: Pool, bus: Bus, driver_id: int, on_shift: bool) -> None:
    async with unit_of_work(database, bus) as work:
        if await set_shift(work, driver_id, on_shift):
            work.then(partial(note_shift, bus, driver_id, on_shift))


async def test_what_ingest_has_in_hand_when_a_shift_ends_is_not_kept(
    database: Pool, bus: Bus, free: tuple[int, str]
) -> None:
    driver_id, login = free
    pipeline, publisher = Pipeline(database, 30), Publisher(bus)

    async def hear() -> None:
        aftermath = await pipeline.take([message(login, fix(dt.datetime.now(dt.UTC), *LOADING))])
        assert len(aftermath.shift) == 1
        publisher.tell((), shift=aftermath.shift)

    await say(database, bus, driver_id, True)
    await hear()
    await publisher.publish()
    assert len(await kept_fixes(bus, [driver_id])) == 1
    await hear()
    await say(database, bus, driver_id, False)
    await publisher.publish()
    assert await kept_fixes(bus, [driver_id]) == []
    # For some seconds more it takes him for on shift.
    await hear()
    await publisher.publish()
    assert await kept_fixes(bus, [driver_id]) == []


async def test_a_place_of_before_the_shift_is_none_of_it(database: Pool, bus: Bus, free: tuple[int, str]) -> None:
    driver_id, _ = free
    await keep_shift_fixes(bus, [place(driver_id)])
    await say(database, bus, driver_id, True)
    await keep_shift_fixes(bus, [place(driver_id, MINUTE)])
    assert await kept_fixes(bus, [driver_id]) == []
    now = place(driver_id)
    await keep_shift_fixes(bus, [now])
    assert await kept_fixes(bus, [driver_id]) == [now]


async def test_a_shift_that_is_begun_twice_began_once(database: Pool, bus: Bus, free: tuple[int, str]) -> None:
    driver_id, _ = free
    await say(database, bus, driver_id, True)
    now = place(driver_id)
    await keep_shift_fixes(bus, [now])
    await say(database, bus, driver_id, True)
    assert await kept_fixes(bus, [driver_id]) == [now]


async def test_a_redis_that_forgot_when_a_shift_began_goes_on_keeping(
    database: Pool, bus: Bus, free: tuple[int, str]
) -> None:
    driver_id, _ = free
    await say(database, bus, driver_id, True)
    for key in await bus.redis.keys(bus.config.prefix + "*"):
        await bus.redis.delete(key)
    await keep_shift_fixes(bus, [place(driver_id, MINUTE)])
    assert len(await kept_fixes(bus, [driver_id])) == 1


async def test_the_end_of_a_shift_said_again_is_noted_again(database: Pool, bus: Bus, free: tuple[int, str]) -> None:
    driver_id, _ = free
    await say(database, bus, driver_id, False)
    await keep_shift_fixes(bus, [place(driver_id)])
    assert await kept_fixes(bus, [driver_id]) == []
