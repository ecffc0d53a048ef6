"""The wall clock as it is on real machines: set by hand, by a time server, by waking up, and then not where it was."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger()

# A time server that corrects a running clock moves it by far less between two looks.
JUMP_S = 20.0


class WallClock:
    """Tells the time, and for how long the clock has gone on without a jump.

    What was written down before a jump looks older or younger after it than it is. Who measures an age by this clock
    may trust it once the clock has gone on for as long as the age that matters.
    """

    def __init__(self, wall: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._ahead_s = wall() - monotonic()
        self._jumped_at_s: float | None = None

    def now(self) -> dt.datetime:
        """The time in UTC; notes whether the clock jumped since it was asked last."""
        wall_s, monotonic_s = self._wall(), self._monotonic()
        by_s = wall_s - monotonic_s - self._ahead_s
        if abs(by_s) > JUMP_S:
            log.warning("clock_jumped", by_s=round(by_s))
            self._jumped_at_s = monotonic_s
        self._ahead_s += by_s
        return dt.datetime.fromtimestamp(wall_s, dt.UTC)

    def is_steady_for(self, age: dt.timedelta) -> bool:
        """Whether no jump was noted for that long. A process that just began knows of none."""
        return self._jumped_at_s is None or self._monotonic() - self._jumped_at_s >= age.total_seconds()
