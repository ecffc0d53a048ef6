"""How a process of ours is told to stop, and what it may use meanwhile."""

from __future__ import annotations

import asyncio
import resource
import signal

OPEN_FILES = 65_536


def stop_event() -> asyncio.Event:
    """An event set by SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def allow_many_files() -> None:
    """Raise the limit of open files, which children inherit: a socket is one, and 1 024 would be too few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
