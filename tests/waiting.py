"""Waiting for a condition instead of a time, and how long a promise about time may take on a busy machine."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any

from store.pool import Pool

# For what comes sooner or later; other tests and other programs may keep this machine busy.
PATIENCE_S = 60.0
YARDSTICK_S = 0.2

WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


async def until(condition: Callable[[], Any | Awaitable[Any]], timeout_s: float = PATIENCE_S, what: str = "") -> Any:
    """Ask `condition` (plain or async) until its answer is true and return that; TimeoutError after `timeout_s`."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + timeout_s
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer
        if loop.time() > give_up_at:
            raise TimeoutError(f"waited {timeout_s} s for {what or condition}")
        await asyncio.sleep(0.01)


def slowed_down() -> float:
    """How many times longer than on a free core everything takes at the moment, because others want it too: 1 or more.

    A promise of so many seconds is held to so many times as much: on a quiet machine to the letter.
    """
    began_s, used_s = time.perf_counter(), time.thread_time()
    while time.thread_time() - used_s < YARDSTICK_S:
        pass
    return max(1.0, round((time.perf_counter() - began_s) / YARDSTICK_S))


async def until_locked(database: Pool, count: int = 1) -> None:
    """Until so many of this database's connections wait for a lock."""

    async def so_many_wait() -> bool:
        return bool(await database.fetchval(WAITING) >= count)

    await until(so_many_wait, what=f"{count} to wait for a lock")
