"""How a process of ours is told to stop, and what it may use meanwhile."""

from __future__ import annotations

import asyncio
import os
import resource
import signal

import structlog

log = structlog.get_logger()

OPEN_FILES = 65_536


def stop_event(longest_stop_s: float | None = None) -> asyncio.Event:
    """An event set by SIGINT or SIGTERM. Whoever has not stopped in order `longest_stop_s` after it is ended."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def tell() -> None:
        stop.set()
        if longest_stop_s is not None:
            loop.call_later(longest_stop_s, _give_up, longest_stop_s)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, tell)
    return stop


def _give_up(after_s: float) -> None:
    # A process that neither works nor ends is never started again. What it had in hand comes again after a kill too.
    log.error("not_stopped_in_time", after_s=after_s)
    os._exit(1)


def allow_many_files() -> None:
    """Raise the limit of open files, which children inherit: a socket is one, and 1 024 would be too few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
