"""Waiting for a condition instead of a time."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any


async def until(condition: Callable[[], Any | Awaitable[Any]], timeout_s: float = 15.0, what: str = "") -> Any:
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
