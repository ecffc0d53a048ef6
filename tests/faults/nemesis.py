"""The nemesis: kills, freezes and restarts processes on a schedule that follows from a seed alone."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hub.supervisor import Supervised

Deed = Literal["kill", "freeze", "restart"]
DEEDS: tuple[Deed, ...] = ("kill", "freeze", "restart")
FREEZE_S = 10.0
# Before the first strike everything has spoken; after the last one the dust may settle under load.
FIRST_AT_S = 4.0
QUIET_END_S = 8.0
PAUSE_S = (1.5, 4.0)
TOGETHER = 0.3


@dataclass(frozen=True, slots=True)
class Strike:
    """One deed on one process, `at_s` after the beginning."""

    at_s: float
    target: str
    deed: Deed


def schedule(seed: int, seconds: float, targets: tuple[str, ...]) -> list[Strike]:
    """Every target in turn in shuffled rounds, sometimes two or three at once, each with a deed of chance."""
    chance = random.Random(seed)
    strikes: list[Strike] = []
    at_s = FIRST_AT_S
    waiting: list[str] = []
    while at_s < seconds - QUIET_END_S:
        together = chance.choice((2, 3)) if chance.random() < TOGETHER else 1
        for _ in range(together):
            if not waiting:
                waiting = chance.sample(targets, len(targets))
            deeds = DEEDS if at_s + FREEZE_S < seconds - QUIET_END_S else ("kill", "restart")
            strikes.append(Strike(round(at_s, 2), waiting.pop(), chance.choice(deeds)))
        at_s += chance.uniform(*PAUSE_S)
    return strikes


class Nemesis:
    """Carries a schedule out. `killed_at` tells, by target, when (monotonic) each killed process last ran."""

    def __init__(self, members: Mapping[str, Supervised]) -> None:
        self.members = members
        self.killed_at: dict[str, list[float]] = {name: [] for name in members}
        self.frozen_since: dict[str, float] = {}
        self.done: list[str] = []

    async def carry_out(self, strikes: list[Strike]) -> None:
        """Strike at the appointed times; returns when the last frozen process runs again."""
        began = time.monotonic()
        async with asyncio.TaskGroup() as thaws:
            for strike in strikes:
                await asyncio.sleep(max(0.0, began + strike.at_s - time.monotonic()))
                self.done.append(f"{time.monotonic() - began:6.2f} s  {strike.deed} {strike.target}")
                if strike.deed == "freeze":
                    thaws.create_task(self.freeze(strike.target, FREEZE_S))
                elif strike.deed == "kill":
                    self.kill(strike.target)
                else:
                    self.restart(strike.target)

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
