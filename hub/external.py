"""Services named by a URL instead of started by us: are they there, and do they have what we need?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import aiomqtt
import asyncpg
import redis.asyncio
from redis.exceptions import RedisError

from hub.errors import HubError, Unreachable, WrongVersion
from hub.services.binaries import POSTGRES_MINIMUM, REDIS_MINIMUM
from store.away import DATABASE_ERRORS
from store.broker import BrokerConfig, BrokerControl, BrokerError

CONNECTION_ERRORS = (*DATABASE_ERRORS, RedisError, aiomqtt.MqttError, BrokerError)
RETRY_PAUSE_S = 2.0


class NoPostgis(HubError):
    """A database without PostGIS where we may not install it."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"the database at {address} lacks PostGIS or pg_trgm. As its superuser run: "
            "CREATE EXTENSION postgis; CREATE EXTENSION pg_trgm"
        )


def place_of(url: str) -> str:
    """Host and port of an address, without the name and password in it."""
    parts = urlsplit(url)
    return f"{parts.hostname or parts.path}:{parts.port}" if parts.port else parts.hostname or parts.path


async def check_database(url: str) -> str:
    """The server's version, once it is sure that PostGIS is or can be there.

    Raises WrongVersion, NoPostgis, OSError or asyncpg.PostgresError.
    """
    connection = await asyncpg.connect(url, timeout=5)
    try:
        version = connection.get_server_version()
        if (version.major,) < POSTGRES_MINIMUM:
            raise WrongVersion("PostgreSQL", f"{version.major}.{version.minor}", "14")
        for extension in ("postgis", "pg_trgm"):
            try:
                await connection.execute(f"create extension if not exists {extension}")
            except asyncpg.PostgresError as error:
                raise NoPostgis(place_of(url)) from error
        return str(await connection.fetchval("show server_version")).split()[0]
    finally:
        await connection.close()


async def check_redis(url: str) -> str:
    """The server's version. Raises WrongVersion, RedisError or OSError."""
    client = redis.asyncio.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3)
    try:
        version = str((await client.info("server"))["redis_version"])
    finally:
        await client.aclose()
    if tuple(int(part) for part in version.split(".")[:2]) < REDIS_MINIMUM:
        raise WrongVersion("Redis", version, "6.2")
    return version


async def check_broker(config: BrokerConfig) -> str:
    """How many accounts the broker keeps, in words. Raises aiomqtt.MqttError or BrokerError."""
    async with BrokerControl(config) as control:
        return f"{len(await control.known_clients())} accounts"


async def wait_for(
    variable: str, address: str, check: Callable[[], Awaitable[str]], say: Callable[[str], None], timeout_s: float
) -> str:
    """Repeat `check` every two seconds, saying so, until it answers. Raises Unreachable after `timeout_s`."""
    give_up_at = time.monotonic() + timeout_s
    while True:
        try:
            return await check()
        except CONNECTION_ERRORS as error:
            problem = str(error) or type(error).__name__
            if time.monotonic() + RETRY_PAUSE_S > give_up_at:
                raise Unreachable(variable, address, problem) from error
            say(f"{variable}: {address} does not answer yet ({problem}), trying again")
            await asyncio.sleep(RETRY_PAUSE_S)
