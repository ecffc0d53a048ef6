"""The nemesis: kills, freezes and restarts processes and sets their clocks, on a schedule that follows from a seed
alone."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hub.supervisor import Supervised
from tests.faults.clocks import SEEN_WITHIN_S, Clock

Deed = Literal["kill", "freeze", "restart", "clock"]
DEEDS: tuple[Deed, ...] = ("kill", "freeze", "restart", "clock")
MINUTE_S, HOUR_S = 60, 3600
# How far ahead of the true time a clock is put, each distance as likely as any: so it also steps back to the truth, and
# a day from one end to the other. At the lowest the phones' fixes, twenty hours old, come from two hours ahead.
FORWARD_S = (3 * MINUTE_S, 40 * MINUTE_S, 5 * HOUR_S, 22 * HOUR_S)
AHEAD_S = (*(-seconds for seconds in FORWARD_S), 0, *FORWARD_S)
FREEZE_S = 10.0
# Before the first strike everything has spoken; after the last one the dust may settle under load.
FIRST_AT_S = 4.0
QUIET_END_S = 8.0
PAUSE_S = (1.5, 4.0)
TOGETHER = 0.3


@dataclass(frozen=True, slots=True)
class Strike:
    """One deed on one process, `at_s` after the beginning; `ahead_s` is what its clock is set to."""

    at_s: float
    target: str
    deed: Deed
    ahead_s: int = 0


def schedule(seed: int, seconds: float, targets: tuple[str, ...], clocked: Collection[str]) -> list[Strike]:
    """Every target in turn in shuffled rounds, sometimes two or three at once, each with a deed of chance; only the
    `clocked` have a clock to set."""
    chance = random.Random(seed)
    strikes: list[Strike] = []
    at_s = FIRST_AT_S
    waiting: list[str] = []
    while at_s < seconds - QUIET_END_S:
        together = chance.choice((2, 3)) if chance.random() < TOGETHER else 1
        for _ in range(together):
            if not waiting:
                waiting = chance.sample(targets, len(targets))
            target = waiting.pop()
            too_late = at_s + FREEZE_S >= seconds - QUIET_END_S
            deed = chance.choice([one for one in DEEDS if _is_possible(one, target in clocked, too_late)])
            ahead_s = chance.choice(AHEAD_S) if deed == "clock" else 0
            strikes.append(Strike(round(at_s, 2), target, deed, ahead_s))
        at_s += chance.uniform(*PAUSE_S)
    return strikes


def _is_possible(deed: Deed, has_clock: bool, is_too_late_to_freeze: bool) -> bool:
    return has_clock if deed == "clock" else not (deed == "freeze" and is_too_late_to_freeze)


class Nemesis:
    """Carries a schedule out. `killed_at` tells, by target, when (monotonic) each killed process last ran."""

    def __init__(self, members: Mapping[str, Supervised], clocks: Mapping[str, Clock]) -> None:
        self.members = members
        self.clocks = clocks
        self.killed_at: dict[str, list[float]] = {name: [] for name in members}
        self.frozen_since: dict[str, float] = {}
        self.done: list[str] = []

    async def carry_out(self, strikes: list[Strike]) -> None:
        """Strike at the appointed times; returns when the last frozen process runs again and all clocks are right."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as thaws:
            for strike in strikes:
                await asyncio.sleep(max(0.0, began + strike.at_s - time.monotonic()))
                self.done.append(f"{time.monotonic() - began:6.2f} s  {told(strike)}")
                if strike.deed == "freeze":
                    thaws.create_task(self.freeze(strike.target, FREEZE_S))
                elif strike.deed == "kill":
                    self.kill(strike.target)
                elif strike.deed == "clock":
                    self.clocks[strike.target].set(strike.ahead_s)
                else:
                    self.restart(strike.target)
        for clock in self.clocks.values():
            clock.set(0)
        await asyncio.sleep(SEEN_WITHIN_S)

    def kill(self, target: str) -> None:
        """SIGKILL: it gets no chance to finish anything."""
        process = self.members[target].process
        if process.is_running:
            self.killed_at[target].append(self.frozen_since.get(target, time.monotonic()))
            process.send(signal.SIGKILL)

    def restart(self, target: str) -> None:
        """What an impatient operator does: SIGTERM; PostgreSQL is shut down `immediate`, without a checkpoint."""
        self.members[target].process.send(signal.SIGQUIT if target == "postgres" else signal.SIGTERM)

    async def freeze(self, target: str, seconds: float) -> None:
        """SIGSTOP for some seconds, with everything it has started."""
        process = self.members[target].process
        if not process.is_running:
            return
        frozen = [process.pid, *children_of(process.pid)]
        self.frozen_since[target] = time.monotonic()
        _send(frozen, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            _send(frozen, signal.SIGCONT)
            self.frozen_since.pop(target, None)


def told(strike: Strike) -> str:
    """A strike in words."""
    if strike.deed != "clock":
        return f"{strike.deed} {strike.target}"
    return f"put the clock of {strike.target} {strike.ahead_s:+d} s from the truth"


def children_of(pid: int) -> list[int]:
    """The processes one has started."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _send(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
