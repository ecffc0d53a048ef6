"""Processes are killed, frozen and restarted and their clocks set, in turn and together: nothing vouched for is lost,
nothing done twice."""

import asyncio
import datetime as dt
import os

import pytest

from tests.faults.arena import INGEST, Arena, Firm
from tests.faults.checker import (
    check_clocks,
    check_facts,
    check_pages,
    check_points,
    check_trips,
    missing_points,
    settled,
)
from tests.faults.nemesis import AHEAD_S, DEEDS, FREEZE_S, Nemesis, schedule

# How long the nemesis may rage, and what the schedule and the phones follow from.
SECONDS = float(os.environ.get("REIS_FAULT_SECONDS", "60"))
SEED = int(os.environ.get("REIS_FAULT_SEED", "7439"))
TRUCKS = 12
PER_SECOND = 8.0
# What Mosquitto's PUBACK is worth: it saves every second, and takes a moment to.
BROKER_MEMORY_S = 2.5
# The queue takes a killed worker's job for abandoned after half a minute.
SETTLE_S = 75.0


def test_a_schedule_follows_from_its_seed_and_spares_nobody() -> None:
    targets = ("a", "b", "c")
    strikes = schedule(1, 120, targets, {"a"})
    assert strikes == schedule(1, 120, targets, {"a"})
    assert strikes != schedule(2, 120, targets, {"a"})
    assert {strike.target for strike in strikes} == set(targets)
    assert {strike.deed for strike in strikes} == set(DEEDS)
    assert {strike.target for strike in strikes if strike.deed == "clock"} == {"a"}
    assert {strike.ahead_s for strike in schedule(1, 3600, targets, targets)} == set(AHEAD_S)
    assert max(strike.at_s + FREEZE_S * (strike.deed == "freeze") for strike in strikes) < 120
    assert len({strike.at_s for strike in strikes}) < len(strikes)


@pytest.mark.faults
@pytest.mark.timeout(SECONDS + 300)
async def test_what_is_vouched_for_survives_whatever_is_killed(arena: Arena) -> None:
    began_at = dt.datetime.now(dt.UTC)
    steps = int(SECONDS * PER_SECOND)
    firm = await arena.firm(TRUCKS, steps, SEED)
    await arena.switch_on(firm)
    await arena.open_pages(firm)
    nemesis = Nemesis(arena.members, arena.clocks)
    strikes = schedule(SEED, SECONDS, tuple(arena.members), arena.clocks)
    print(f"REIS_FAULT_SEED={SEED} REIS_FAULT_SECONDS={SECONDS:.0f}: {len(strikes)} strikes")
    driving = asyncio.create_task(firm.drive(range(1, steps), PER_SECOND))
    await nemesis.carry_out(strikes)
    print("\n".join(nemesis.done))
    await arena.all_up()
    await driving
    await firm.all_vouched_for()
    broker_killed_at = nemesis.killed_at["mosquitto"]

    async def all_wrongs() -> list[str]:
        found = await check_points(arena.pool, firm.histories, broker_killed_at, BROKER_MEMORY_S)
        found += await check_clocks(arena.pool, firm.histories, [arena.clocks[name] for name in INGEST], began_at)
        found += await check_trips(arena.pool, firm.trip_ids)
        found += await check_facts(arena.pool, firm.organisation_id)
        return found + await check_pages(arena.pool, firm)

    wrongs = await settled(all_wrongs, SETTLE_S)
    report(firm, await missing_points(arena.pool, firm.histories))
    await firm.close()
    assert wrongs == []


def report(firm: Firm, missing: int) -> None:
    """What the run was like, for whoever reads its output."""
    sent, acked = sum(len(one.sent) for one in firm.histories), sum(len(one.acked) for one in firm.histories)
    confirmed = sum(len(one.confirmed) for one in firm.histories)
    losses = sum(phone.losses for phone in firm.phones)
    gaps = sum(page.gaps for page in firm.pages)
    connections = sum(page.connections for page in firm.pages)
    print(
        f"{sent} fixes sent, {acked} acked, {confirmed} confirmed, {missing} known to a killed broker alone; "
        f"phones lost {losses} connections, pages made {connections} and saw {gaps} gaps"
    )
