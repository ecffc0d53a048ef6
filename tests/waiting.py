"""Wait for a condition instead of sleeping for luck."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

PAUSE_S = 0.02


async def until(condition: Callable[[], Awaitable[Any] | Any], timeout_s: float = 20.0) -> Any:
    """Ask again and again until the answer is true; returns it. Raises TimeoutError naming the condition."""
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                answer = condition()
                if inspect.isawaitable(answer):
                    answer = await answer
                if answer:
                    return answer
                await asyncio.sleep(PAUSE_S)
    except TimeoutError:
        raise TimeoutError(f"not within {timeout_s} s: {inspect.getsource(condition).strip()}") from None
