"""Everything said on the live bus while a test runs."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from freight.live import decode, decode_control
from store.bus import CONTROL, Bus
from tests.waiting import until


class Ears:
    """Collects decoded messages of every channel of the test's bus."""

    def __init__(self, bus: Bus) -> None:
        self.prefix = bus.config.prefix
        self.pubsub: Any = bus.redis.pubsub(ignore_subscribe_messages=True)
        self.messages: list[tuple[str, object]] = []

    async def __aenter__(self) -> Self:
        await self.pubsub.psubscribe(f"{self.prefix}*")
        # The confirmation has to be read before anything is said.
        await self.pubsub.get_message(timeout=5)
        self.reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reading.cancel()
        with suppress(asyncio.CancelledError):
            await self.reading
        await self.pubsub.aclose()

    async def _read(self) -> None:
        while True:
            message = await self.pubsub.get_message(timeout=1)
            if message is not None:
                channel = message["channel"].decode().removeprefix(self.prefix)
                read: Any = decode_control if channel == CONTROL else decode
                self.messages.append((channel, read(message["data"])))

    async def hear(self, channel: str, message: object) -> None:
        """Wait until this was said there."""
        await until(lambda: (channel, message) in self.messages, what=f"{message} on {channel}")
