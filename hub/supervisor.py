"""Keeps processes up: started in order, started again when they end, stopped in reverse order."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from typing import Protocol

import structlog

from hub.errors import HubError
from hub.services.process import OwnProcess
from store.pauses import Backoff

log = structlog.get_logger()

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 10.0
# Having lived this long, an end is an accident rather than part of a loop.
STEADY_AFTER_S = 10.0
LOOP_COUNT = 5
LOOP_WINDOW_S = 120.0


class Supervised(Protocol):
    """Something the supervisor keeps up: a private service or a process of ours."""

    @property
    def name(self) -> str: ...

    @property
    def process(self) -> OwnProcess: ...

    async def start(self) -> None:
        """Return when it is ready to serve; raise HubError, or OSError for a full disk, if it cannot be."""

    async def stop(self) -> None:
        """Stop it in order; no error if it is not running."""


class Restarts:
    """Decides, without I/O, how long to wait before starting something again and when to call it a loop."""

    def __init__(self) -> None:
        # Whatever ends here ends alone: nobody else's restart is to be kept apart from it.
        self.backoff = Backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S, spread=0)
        self.ends: deque[float] = deque(maxlen=LOOP_COUNT)

    def ended(self, lived_s: float, now_s: float) -> float:
        """Note an end after `lived_s`; returns the seconds to wait before the next start."""
        if lived_s >= STEADY_AFTER_S:
            self.backoff.reset()
        self.ends.append(now_s)
        return self.backoff.pause_s()

    @property
    def is_loop(self) -> bool:
        """Whether the last five ends came within two minutes."""
        return len(self.ends) == LOOP_COUNT and self.ends[-1] - self.ends[0] < LOOP_WINDOW_S


class Supervisor:
    """Runs groups one after another; the members of a group start and stop together."""

    def __init__(self) -> None:
        self.groups: list[Sequence[Supervised]] = []
        self.keepers: list[asyncio.Task[None]] = []

    async def start(self, group: Sequence[Supervised]) -> None:
        """Start a group and keep it up from now on. Raises HubError if a member does not come up."""
        self.groups.append(group)
        results = await asyncio.gather(*(member.start() for member in group), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        self.keepers += [asyncio.create_task(self._keep(member), name=f"keep {member.name}") for member in group]

    async def watch(self) -> None:
        """Keep everything up until cancelled. A bug in the keeping itself is raised."""
        await asyncio.gather(*self.keepers)

    async def stop(self) -> None:
        """Stop everything, last started first."""
        for keeper in self.keepers:
            keeper.cancel()
        await asyncio.gather(*self.keepers, return_exceptions=True)
        while self.groups:
            await asyncio.gather(*(member.stop() for member in self.groups.pop()))

    async def _keep(self, member: Supervised) -> None:
        restarts = Restarts()
        while True:
            started_at = time.monotonic()
            status = await member.process.wait()
            while True:
                now = time.monotonic()
                pause_s = restarts.ended(now - started_at, now)
                log.error("process_ended", name=member.name, status=status, restart_in_s=round(pause_s, 1))
                if restarts.is_loop:
                    log.error("process_keeps_ending", name=member.name, last_lines=member.process.log_tail())
                await asyncio.sleep(pause_s)
                started_at = time.monotonic()
                try:
                    await member.start()
                except (HubError, OSError) as error:
                    # On a full disk not even the file with its number can be written; space may come back.
                    log.error("process_not_started", name=member.name, problem=str(error))
                    await member.stop()
                else:
                    log.info("process_restarted", name=member.name, after_s=round(time.monotonic() - started_at, 2))
                    break
