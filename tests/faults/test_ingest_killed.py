"""Targeted shots: the worker that stores, the bus that tells, the broker that keeps."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator

import pytest

from freight.moments import moment
from tests.faults.arena import INGEST, Arena, Firm
from tests.faults.checker import check_facts, check_pages, check_points, check_trips, settled
from tests.waiting import until

pytestmark = pytest.mark.faults
POINTS = 20_000
PHONES = 10
NEVER_KILLED: list[float] = []


async def wrongs(arena: Arena, firm: Firm) -> list[str]:
    """Everything there is to find, once the dust has settled."""

    async def look() -> list[str]:
        found = await check_points(arena.pool, firm.histories, NEVER_KILLED, 0)
        found += await check_trips(arena.pool, firm.trip_ids)
        found += await check_facts(arena.pool, firm.organisation_id)
        return found + await check_pages(arena.pool, firm)

    return await settled(look, 60)


async def stored(arena: Arena, firm: Firm) -> int:
    """How many fixes of these trucks the database has."""
    drivers = [history.driver_id for history in firm.histories]
    return int(await arena.pool.fetchval("select count(*) from positions where driver_id = any($1::int[])", drivers))


async def end_of(arena: Arena, name: str, number: signal.Signals) -> None:
    """Send a signal and wait until the supervisor has another process in its place."""
    member = arena.members[name]
    pid = member.process.pid
    member.process.send(number)
    await until(lambda: member.process.is_running and member.process.pid != pid, 30, f"a new {name}")


@contextlib.asynccontextmanager
async def twenty_thousand(arena: Arena, seed: int) -> AsyncIterator[Firm]:
    """Ten trucks that send 20 000 points in some seconds, watched by open pages; afterwards everything is as it should
    be: each point acknowledged, stored once and told once."""
    steps = POINTS // PHONES
    firm = await arena.firm(PHONES, steps, seed, kinds=("owntracks",))
    await arena.open_pages(firm)
    await arena.switch_on(firm)
    driving = asyncio.create_task(firm.drive(range(1, steps), per_second=400))
    try:
        yield firm
        await arena.all_up()
        await driving
        await firm.all_vouched_for()
        assert sum(len(history.acked) for history in firm.histories) == POINTS
        found = await wrongs(arena, firm)
        assert found == []
        assert await stored(arena, firm) == POINTS
    finally:
        driving.cancel()
        await firm.close()


async def until_stored(arena: Arena, firm: Firm, share: float) -> None:
    """Wait until the database has that part of the points."""

    async def has() -> bool:
        return await stored(arena, firm) >= POINTS * share

    await until(has, 60, f"{share:.0%} of the points")


async def test_a_worker_killed_three_times_in_twenty_thousand_points_loses_and_repeats_none(arena: Arena) -> None:
    async with twenty_thousand(arena, seed=1) as firm:
        for share in (0.2, 0.4, 0.6):
            await until_stored(arena, firm, share)
            await asyncio.gather(*(end_of(arena, name, signal.SIGKILL) for name in INGEST))


async def test_a_database_shut_down_at_once_in_twenty_thousand_points_loses_and_repeats_none(arena: Arena) -> None:
    async with twenty_thousand(arena, seed=5) as firm:
        for share in (0.2, 0.5):
            await until_stored(arena, firm, share)
            # `immediate`: no checkpoint, connections cut, recovery from the log.
            await end_of(arena, "postgres", signal.SIGQUIT)
            await arena.all_up()


async def test_every_open_map_equals_the_database_after_redis_was_gone_for_a_second(arena: Arena) -> None:
    async with twenty_thousand(arena, seed=2) as firm:
        await until_stored(arena, firm, 0.4)
        redis = arena.members["redis"].process
        redis.send(signal.SIGSTOP)
        await asyncio.sleep(0.8)
        await end_of(arena, "redis", signal.SIGKILL)


async def test_what_a_broker_takes_restarted_while_no_worker_runs_is_kept(arena: Arena) -> None:
    async with twenty_thousand(arena, seed=3) as firm:
        await until_stored(arena, firm, 0.2)
        async with arena.without(*INGEST):
            known = await stored(arena, firm)
            await until(lambda: acked(firm) > known + POINTS // 5, 30, "points that only the broker has")
            await end_of(arena, "mosquitto", signal.SIGTERM)
            before = acked(firm)
            await until(lambda: acked(firm) > before, 30, "the phones to be back")
            assert await stored(arena, firm) == known


def acked(firm: Firm) -> int:
    """How many points the phones were told are safe."""
    return sum(len(history.acked) for history in firm.histories)


async def test_a_trip_driven_while_nobody_listened_is_told_late_and_once(arena: Arena) -> None:
    """A night in a tunnel: the whole backlog at once has the right hours, and the present is not told from it."""
    firm = await arena.firm(1, 300, seed=4, kinds=("app",))
    await arena.open_pages(firm)
    await arena.switch_on(firm)
    page, trip_id, history = firm.pages[0], firm.trip_ids[0], firm.histories[0]
    await until(lambda: trip_id in page.positions, what="the first position")
    before = page.positions[trip_id]["sequence"]
    firm.phones[0].waiting.extend(range(1, 300))
    await firm.all_vouched_for()
    found = await wrongs(arena, firm)
    assert found == []
    # Not a point after another: of three hundred old ones the map saw a few newest.
    assert page.positions[trip_id]["sequence"] - before < 60
    assert len([text for text in page.seen if text.startswith('{"type":"positions"')]) < 15
    cycle = 18 + history.road.leg_steps
    rows = await arena.pool.fetch(
        "select kind, at, late, revision from events where trip_id = $1 and kind in ('arrived', 'departed')"
        " order by at",
        trip_id,
    )
    assert all(row["late"] for row in rows)
    arrivals = [row["at"] for row in rows if row["kind"] == "arrived"]
    for number, arrived_at in enumerate(arrivals):
        # The fence reaches 300 m ahead of the stop: fifteen seconds of driving.
        due = moment(history.key(number * cycle)[0])
        assert abs((arrived_at - due).total_seconds()) <= 30
    assert len(arrivals) == 300 // cycle + 1
    await firm.close()


async def test_a_database_shot_again_the_moment_it_is_back_is_kept_up_all_the_same(arena: Arena) -> None:
    postgres = arena.members["postgres"]
    log = arena.services.postgres.config.directory / "log"
    for _ in range(2):
        starts = log.read_text().count("ready to accept connections")
        await end_of(arena, "postgres", signal.SIGKILL)
        # Between its first answer and the end of its own set-up.
        await until(lambda starts=starts: log.read_text().count("ready to accept connections") > starts, 60)
        postgres.process.send(signal.SIGQUIT)
    await arena.all_up()
