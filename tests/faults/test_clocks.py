"""Wall clocks that jump under our processes, a day back and a day forth, while the phones go on."""

import datetime as dt
from collections.abc import Iterator

import pytest

from geo.fix import Flag
from tests.faults.arena import INGEST, Arena, Firm
from tests.faults.checker import check_clocks, check_facts, check_pages, check_points, check_trips, settled

pytestmark = pytest.mark.faults
STEPS = 300
DAY_S = 22 * 3600
NEWEST = "select max(received_at) from positions where driver_id = any($1::int[]) and fix_time = $2"
MARKED = "select count(*) from positions where driver_id = any($1::int[]) and flags & $2 <> 0"


async def put_clocks(arena: Arena, firm: Firm, ahead_s: int, steps: Iterator[int]) -> None:
    """Set every clock, and let the trucks drive on until what they send is received by the clock so set."""
    for clock in arena.clocks.values():
        clock.set(ahead_s)
    drivers = [history.driver_id for history in firm.histories]
    for step in steps:
        await firm.drive(range(step, step + 1), per_second=20)
        await firm.all_vouched_for()
        fix_time = dt.datetime.fromtimestamp(firm.histories[0].key(step)[0] / 1_000_000, dt.UTC)
        received_at = await arena.pool.fetchval(NEWEST, drivers, fix_time)
        ahead = received_at and received_at - dt.datetime.now(dt.UTC) - dt.timedelta(seconds=ahead_s)
        if ahead and abs(ahead) < dt.timedelta(minutes=1):
            return
    raise AssertionError("no process saw its clock set")


async def test_clocks_a_day_back_and_a_day_forth_cost_no_point_and_tell_nothing_twice(arena: Arena) -> None:
    began_at = dt.datetime.now(dt.UTC)
    firm = await arena.firm(4, STEPS, seed=6)
    await arena.open_pages(firm)
    await arena.switch_on(firm)
    steps = iter(range(1, STEPS))
    for ahead_s in (-DAY_S, DAY_S, 0):
        await put_clocks(arena, firm, ahead_s, steps)
        first = next(steps)
        await firm.drive(range(first, first + 60), per_second=60)
        steps = iter(range(first + 60, STEPS))
    await firm.all_vouched_for()

    async def look() -> list[str]:
        found = await check_points(arena.pool, firm.histories, [], 0)
        found += await check_clocks(arena.pool, firm.histories, [arena.clocks[name] for name in INGEST], began_at)
        found += await check_trips(arena.pool, firm.trip_ids)
        found += await check_facts(arena.pool, firm.organisation_id)
        return found + await check_pages(arena.pool, firm)

    found = await settled(look, 30)
    assert found == []
    # What came while the clock was back is marked as of the future, and nothing else is.
    drivers = [history.driver_id for history in firm.histories]
    assert 4 * 60 <= await arena.pool.fetchval(MARKED, drivers, int(Flag.FUTURE)) <= 4 * (STEPS - 120)
    await firm.close()
