"""How often one account or network may ask: counted in Redis for all processes, in memory while Redis is away."""

import time
from typing import Literal

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from api import metrics
from api.problems import RequestRefused
from store.bus import BusConfig

Purpose = Literal[
    "sign_in_account",
    "sign_in_network",
    "sign_in_guesses",
    "wrong_guess_written",
    "link",
    "password",
    "share",
    "places",
    "routes",
    "changes",
    "quarantine",
]

LIMITS: dict[Purpose, RateLimitItem] = {
    "sign_in_account": parse("10 per 5 minutes"),
    # An office or a mobile operator shares one address among many.
    "sign_in_network": parse("100 per 5 minutes"),
    # At one account, from everywhere together but for the networks its owner comes from: those have each their own.
    "sign_in_guesses": parse("30 per hour"),
    # An account, a network and ten minutes are one line of the audit, which nobody can fill.
    "wrong_guess_written": parse("1 per 10 minutes"),
    "link": parse("60 per 5 minutes"),
    "password": parse("10 per hour"),
    # The share page asks every few seconds when no socket can be opened.
    "share": parse("240 per minute"),
    "places": parse("300 per minute"),
    "routes": parse("120 per minute"),
    "changes": parse("600 per minute"),
    "quarantine": parse("30 per minute"),
}
# After Redis failed it is left alone for a while, so that nobody waits for it again and again.
REST_S = 5.0


class RateLimits:
    """Counts by purpose and key."""

    def __init__(self, bus: BusConfig) -> None:
        # A pool of our own, because the library does not close the one it makes.
        self._connections = ConnectionPool.from_url(
            bus.url, socket_timeout=1.0, socket_connect_timeout=1.0, retry=Retry(NoBackoff(), 0)
        )
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix=f"{bus.prefix}limit",
            connection_pool=self._connections,  # type: ignore[arg-type]
        )
        self._shared = MovingWindowRateLimiter(storage)
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._resting_until_s = 0.0

    async def allows(self, purpose: Purpose, key: str) -> bool:
        """Count one more; whether it is within the limit."""
        item = LIMITS[purpose]
        if time.monotonic() >= self._resting_until_s:
            try:
                return await self._shared.hit(item, purpose, key)
            except (RedisError, OSError, TimeoutError):
                self._resting_until_s = time.monotonic() + REST_S
        return await self._own.hit(item, purpose, key)

    async def check(self, purpose: Purpose, key: str) -> None:
        """Count one more. Raises RequestRefused (429, with when to come back) beyond the limit."""
        if await self.allows(purpose, key):
            return
        metrics.LIMITED.labels(purpose).inc()
        seconds = max(1, LIMITS[purpose].get_expiry() // LIMITS[purpose].amount)
        raise RequestRefused(429, "too_many", "too many requests, wait a little", retry_after_s=seconds)

    async def forgive(self, purpose: Purpose, key: str) -> None:
        """Forget what was counted."""
        item = LIMITS[purpose]
        await self._own.clear(item, purpose, key)
        if time.monotonic() >= self._resting_until_s:
            try:
                await self._shared.clear(item, purpose, key)
            except (RedisError, OSError, TimeoutError):
                self._resting_until_s = time.monotonic() + REST_S

    async def close(self) -> None:
        """Close the connections."""
        await self._connections.disconnect()
