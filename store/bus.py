"""The live bus: lossy messages between processes over Redis pub/sub.

Published after commit; whoever was not listening takes a snapshot from PostgreSQL instead.
Channels in use:

- those of `freight.live`, one an audience: positions, changes and facts
- ``control`` revoked shares, disabled users, changed passwords: push closes their sockets

Lossy, but never silently so. A listener whose connection broke is told (`lost`). A publisher that Redis did not
take a message from owes its channels a `GAP`, which listeners read as "something was said that you did not hear".
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import msgspec
import redis.asyncio
import structlog
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from store.pauses import Backoff

log = structlog.get_logger()

CONTROL = "control"
# The payload that says: a message to this channel was lost on its way.
GAP = b""
# How often a publisher in debt knocks at Redis.
REPAY_EVERY_S = 0.25
TIMEOUT_S = 2.0
RECONNECT_FIRST_S = 0.1
RECONNECT_MOST_S = 2.0
# A listener hears nothing on a quiet night too: after this long it asks whether Redis is there at all.
SILENCE_S = 5.0


class BusConfig(msgspec.Struct, frozen=True):
    """Where Redis is: a `redis://` or `unix://` address. `prefix` separates tests sharing one server."""

    url: str
    prefix: str = "reis:"


class Bus:
    """Publish. A dead Redis blocks one caller for two seconds at most, and the following ones not at all."""

    def __init__(self, config: BusConfig) -> None:
        self.config = config
        self.redis = redis.asyncio.Redis.from_url(
            config.url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 0),
            health_check_interval=15,
        )
        # Channels a message was lost for since the last GAP went through.
        self.owed: set[str] = set()
        self.repaying: asyncio.Task[None] | None = None

    async def publish(self, messages: Iterable[tuple[str, bytes]]) -> bool:
        """Send (channel, payload) pairs in one round trip; False when Redis did not take them.

        What was not taken is not repeated: its channels get a GAP as soon as Redis is back.
        """
        pairs = list(messages)
        if not pairs:
            return True
        if self.repaying is not None or not await self._send(pairs):
            self.owed.update(channel for channel, _ in pairs)
            if self.repaying is None:
                self.repaying = asyncio.create_task(self._repay())
            return False
        return True

    async def _send(self, pairs: list[tuple[str, bytes]]) -> bool:
        pipeline = self.redis.pipeline(transaction=False)
        for channel, payload in pairs:
            pipeline.publish(self.config.prefix + channel, payload)
        try:
            await pipeline.execute()
        except (RedisError, OSError) as error:
            log.warning("bus_publish_failed", messages=len(pairs), error=str(error))
            return False
        return True

    async def _repay(self) -> None:
        while self.owed:
            await asyncio.sleep(REPAY_EVERY_S)
            owed, self.owed = self.owed, set()
            if not await self._send([(channel, GAP) for channel in owed]):
                self.owed |= owed
        self.repaying = None

    async def close(self) -> None:
        """Close the connections."""
        if self.repaying is not None:
            self.repaying.cancel()
            with suppress(asyncio.CancelledError):
                await self.repaying
        with suppress(RedisError, OSError):
            await self.redis.aclose()


class Listener:
    """A set of channels listened to, changeable while `run` runs; makes its connection anew for ever.

    `heard(channel, payload)` is called for every message. `lost()` is called after the connection broke, once
    every channel is listened to again: what was said meanwhile is missed, what is said from now on is not.
    """

    def __init__(self, config: BusConfig, heard: Callable[[str, bytes], None], lost: Callable[[], None]) -> None:
        self.config = config
        self.heard = heard
        self.lost = lost
        self.redis = redis.asyncio.Redis.from_url(
            config.url,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            # The library would reconnect by itself and say nothing of what was missed.
            retry=Retry(NoBackoff(), 0),
        )
        self.pubsub: PubSub | None = None
        self.channels: set[str] = set()
        # Subscribing and unsubscribing one channel at the same time must end as it was asked last.
        self.lock = asyncio.Lock()
        self.unconfirmed: dict[str, asyncio.Future[bool]] = {}
        self.connected = False
        self.missed = False
        self.asked = False

    async def add(self, channel: str) -> bool:
        """Listen to one more channel; returns once Redis confirmed it. False while Redis is away: `lost` follows
        when it is back."""
        self.channels.add(channel)
        if self.pubsub is None:
            return False
        confirmed = self._expect(channel)
        try:
            async with self.lock, asyncio.timeout(TIMEOUT_S):
                await self.pubsub.subscribe(self.config.prefix + channel)
            async with asyncio.timeout(TIMEOUT_S):
                return await asyncio.shield(confirmed)
        except (RedisError, OSError, TimeoutError):
            # Neither confirmed nor refused: only a new connection knows what it listens to.
            await self._drop()
            return False

    async def remove(self, channel: str) -> None:
        """Stop listening to a channel."""
        self.channels.discard(channel)
        async with self.lock:
            if self.pubsub is not None and channel not in self.channels:
                with suppress(RedisError, OSError):
                    await self.pubsub.unsubscribe(self.config.prefix + channel)

    async def run(self) -> None:
        """Listen until cancelled."""
        backoff = Backoff(RECONNECT_FIRST_S, RECONNECT_MOST_S)
        try:
            while True:
                try:
                    async for message in self._messages():
                        backoff.reset()
                        self._take(message)
                except (RedisError, OSError) as error:
                    log.warning("bus_lost", error=str(error))
                self.missed = True
                await self._drop()
                await asyncio.sleep(backoff.pause_s())
        finally:
            await self._drop()
            with suppress(RedisError, OSError):
                await self.redis.aclose()

    async def _messages(self) -> Any:
        pubsub = self.redis.pubsub()
        self.pubsub = pubsub
        self.asked = False
        names = sorted(self.channels)
        for channel in names:
            self._expect(channel)
        await pubsub.subscribe(*(self.config.prefix + channel for channel in names))
        while self.pubsub is pubsub:
            message = await pubsub.get_message(timeout=SILENCE_S)
            if message is not None:
                self.asked = False
                yield message
            elif self.asked:
                raise redis.exceptions.ConnectionError("no answer to a ping")
            else:
                self.asked = True
                await pubsub.ping()

    def _take(self, message: dict[str, Any]) -> None:
        channel = message["channel"].decode().removeprefix(self.config.prefix) if message["channel"] else ""
        if message["type"] == "message":
            self.heard(channel, message["data"])
        elif message["type"] == "subscribe":
            confirmed = self.unconfirmed.pop(channel, None)
            if confirmed is not None and not confirmed.done():
                confirmed.set_result(True)
            if not self.unconfirmed:
                self._complete()

    def _complete(self) -> None:
        self.connected = True
        if self.missed:
            self.missed = False
            self.lost()

    def _expect(self, channel: str) -> asyncio.Future[bool]:
        return self.unconfirmed.setdefault(channel, asyncio.get_running_loop().create_future())

    async def _drop(self) -> None:
        pubsub, self.pubsub = self.pubsub, None
        self.connected = False
        for confirmed in self.unconfirmed.values():
            if not confirmed.done():
                confirmed.set_result(False)
        self.unconfirmed.clear()
        if pubsub is not None:
            with suppress(RedisError, OSError):
                await pubsub.aclose()  # type: ignore[no-untyped-call]
