"""How long to wait before trying again, and waiting for an event no longer than so."""

import asyncio
import random
import time

# Beyond it every pause is at its bound, and the number would only grow.
MOST_DOUBLINGS = 40


def doubled_s(first_s: float, most_s: float, times: int) -> float:
    """The pause that has doubled so many times, at most `most_s`."""
    return float(min(first_s * 2 ** min(times, MOST_DOUBLINGS), most_s))


class Backoff:
    """Pauses that double up to a bound, and begin anew after an attempt that lasted `steady_s`.

    Each is shortened by chance, at most by `spread` of it: those who lost the same server do not come back all at once.
    """

    def __init__(self, first_s: float, most_s: float, steady_s: float | None = None, spread: float = 0.5) -> None:
        self.first_s = first_s
        self.most_s = most_s
        self.steady_s = steady_s
        self.spread = spread
        self._failures = 0
        self._began_s = time.monotonic()

    def begin(self) -> None:
        """An attempt begins now."""
        self._began_s = time.monotonic()

    def reset(self) -> None:
        """All is well: the next pause is the first."""
        self._failures = 0

    @property
    def was_steady(self) -> bool:
        """Whether the attempt has lasted so long that its end is an accident."""
        return self.steady_s is not None and time.monotonic() - self._began_s > self.steady_s

    def pause_s(self) -> float:
        """Seconds to wait after an attempt that failed."""
        if self.was_steady:
            self.reset()
        pause_s = doubled_s(self.first_s, self.most_s, self._failures)
        self._failures += 1
        return pause_s * random.uniform(1 - self.spread, 1)


async def happens_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for `event`, at most so long; whether it is set. No time left means only a look."""
    if seconds <= 0 or event.is_set():
        return event.is_set()
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False
