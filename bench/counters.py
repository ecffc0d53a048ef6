"""A page of numbers shared between the bench and the processes it starts; no system call to read or write."""

import asyncio
import mmap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

SLOTS: Sequence[str] = ("ready", "allowed", "sent", "acked", "received", "stop", "open", "closed")


class Counters:
    """Named int64 numbers in a small mapped file. One writer a slot."""

    def __init__(self, path: Path, create: bool = False) -> None:
        if create:
            path.write_bytes(bytes(8 * len(SLOTS)))
        with path.open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), 8 * len(SLOTS))
        self.path = path
        self.numbers = np.frombuffer(self.map, dtype=np.int64)

    def __getitem__(self, name: str) -> int:
        return int(self.numbers[SLOTS.index(name)])

    def __setitem__(self, name: str, value: int) -> None:
        self.numbers[SLOTS.index(name)] = value

    async def until(self, name: str, least: int = 1, timeout_s: float = 600.0) -> None:
        """Wait until another process has raised a number to `least`. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while self[name] < least:  # noqa: ASYNC110 - another process writes it; there is no event to wait for
                await asyncio.sleep(0.01)
