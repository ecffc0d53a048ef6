"""The live bus: lossy messages between processes over Redis pub/sub.

Published after commit; whoever was not listening takes a snapshot from PostgreSQL instead.
Channels in use:

- ``live:<organisation_id>`` positions and facts of one organisation's trips (`push.messages` payloads)
- ``control`` revoked shares, disabled users, changed passwords: push closes their sockets
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import suppress

import msgspec
import redis.asyncio
from redis.exceptions import RedisError

CONTROL = "control"


def live_channel(organisation_id: int) -> str:
    """The channel of one organisation's trips."""
    return f"live:{organisation_id}"


class BusConfig(msgspec.Struct, frozen=True):
    """Where Redis is: a `redis://` or `unix://` address. `prefix` separates tests sharing one server."""

    url: str
    prefix: str = "reis:"


class Bus:
    """Publish and listen. A dead Redis never blocks a caller for longer than the socket timeout."""

    def __init__(self, config: BusConfig) -> None:
        self.config = config
        self.redis = redis.asyncio.Redis.from_url(
            config.url, socket_timeout=2.0, socket_connect_timeout=2.0, health_check_interval=15
        )

    async def publish(self, messages: Iterable[tuple[str, bytes]]) -> bool:
        """Send (channel, payload) pairs in one round trip; False when Redis did not take them."""
        pipeline = self.redis.pipeline(transaction=False)
        for channel, payload in messages:
            pipeline.publish(self.config.prefix + channel, payload)
        try:
            await pipeline.execute()
        except (RedisError, OSError):
            return False
        return True

    async def close(self) -> None:
        """Close the connections."""
        with suppress(RedisError, OSError):
            await self.redis.aclose()


class Lost(msgspec.Struct, frozen=True):
    """Yielded by `listen` when the connection was lost and made again: messages may have been missed."""


class Listener:
    """A set of channels listened to, changeable while running."""

    def __init__(self, config: BusConfig) -> None:
        self.config = config
        self.redis = redis.asyncio.Redis.from_url(
            # A listener waits as long as nothing is said; health checks notice a dead peer.
            config.url,
            socket_timeout=None,
            socket_connect_timeout=2.0,
            health_check_interval=5,
        )
        self.pubsub = self.redis.pubsub(ignore_subscribe_messages=True)
        self.channels: set[str] = set()

    async def add(self, channel: str) -> None:
        """Listen to one more channel. Raises RedisError when Redis is away (it is listened to on return)."""
        self.channels.add(channel)
        await self.pubsub.subscribe(self.config.prefix + channel)

    async def remove(self, channel: str) -> None:
        """Stop listening to a channel."""
        self.channels.discard(channel)
        with suppress(RedisError, OSError):
            await self.pubsub.unsubscribe(self.config.prefix + channel)

    async def listen(self) -> AsyncIterator[tuple[str, bytes]]:
        """Yield (channel, payload). Raises RedisError or OSError when the connection is lost."""
        while True:
            message = await self.pubsub.get_message(timeout=5.0)
            if message is not None and message["type"] == "message":
                channel = message["channel"].decode()
                yield channel.removeprefix(self.config.prefix), message["data"]

    async def close(self) -> None:
        """Close the connection."""
        with suppress(RedisError, OSError):
            await self.pubsub.aclose()  # type: ignore[no-untyped-call]
            await self.redis.aclose()
