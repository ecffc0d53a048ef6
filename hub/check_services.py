"""Database, Redis and broker as `hub check` finds them: do they answer, and is in them what has to be?"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

import asyncpg

from hub import external
from hub.errors import HubError
from hub.findings import Finding
from hub.settings import MOST_PROCESSES, Settings
from store.jobs import HELD_JOBS
from store.migrate import newest_revision
from store.partitions import existing_partitions, partition_name
from store.pool import Connection

TIMEOUT_S = 5.0
REVISION = "select version_num from alembic_version"
# Enough of a WebSocket's handshake (RFC 6455) for the broker to agree to it.
HANDSHAKE = (
    b"GET /mqtt HTTP/1.1\r\nHost: hub\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: aHViIGNoZWNrIGFza3MgeQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"
)


async def check_services(settings: Settings) -> list[Finding]:
    """All of them at once."""
    database, *others = await asyncio.gather(
        check_database(settings), check_redis(settings), check_broker(settings), check_broker_websocket(settings)
    )
    return [*database, *others]


async def check_database(settings: Settings) -> list[Finding]:
    """Reachable, of the right version, migrated; places for tomorrow's positions; no job given up on."""
    found: list[Finding] = []

    async def look() -> str:
        url = settings.database().url
        version = await external.check_database(url)
        connection = await asyncpg.connect(url, timeout=TIMEOUT_S)
        try:
            revision = await connection.fetchval(REVISION)
            if revision != newest_revision():
                raise HubError(f"schema is at {revision}, this program needs {newest_revision()}. Run: hub migrate")
            found.extend([await _partitions(connection), await _jobs(connection)])
        finally:
            await connection.close()
        return f"PostgreSQL {version} answers, schema {revision}"

    return [await finding("database", look), *found]


async def _partitions(connection: Connection) -> Finding:
    today = dt.datetime.now(dt.UTC).date()
    existing = await existing_partitions(connection)
    missing = [day for day in (today, today + dt.timedelta(days=1)) if partition_name(day) not in existing]
    if missing:
        days = " and ".join(day.isoformat() for day in missing)
        return Finding(
            "positions", "bad", f"nothing is ready to hold those of {days}: a running worker makes it, see its log"
        )
    return Finding("positions", "good", f"{len(existing)} days are ready, tomorrow among them")


async def _jobs(connection: Connection) -> Finding:
    rows = await connection.fetch(HELD_JOBS)
    if not rows:
        return Finding("jobs", "good", "none given up on")
    kinds = ", ".join(f"{row['count']} {row['entrypoint']}" for row in rows)
    return Finding(
        "jobs", "bad", f"given up on: {kinds}. The worker's log says why; when that is mended: hub retry-jobs"
    )


async def check_redis(settings: Settings) -> Finding:
    """Reachable and of the right version."""

    async def look() -> str:
        return f"Redis {await external.check_redis(settings.bus().url)} answers"

    return await finding("redis", look)


async def check_broker(settings: Settings) -> Finding:
    """Lets us in and keeps accounts."""

    async def look() -> str:
        # No process's own account: one may be connected once.
        account = settings.broker("control", MOST_PROCESSES + 1)
        return f"answers, {await external.check_broker(account)}"

    return await finding("broker", look)


async def check_broker_websocket(settings: Settings) -> Finding:
    """The listener through which the driver's page sends."""
    part = "broker's WebSocket"
    if settings.mqtt_url is not None and settings.mqtt_websocket_url is None:
        return Finding(part, "note", "not looked at: MQTT_WEBSOCKET_URL does not say where it is")

    async def look() -> str:
        host, port = settings.broker_websocket
        async with asyncio.timeout(TIMEOUT_S):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(HANDSHAKE)
                status = await reader.readline()
            finally:
                writer.close()
        if b" 101 " not in status:
            raise HubError(f"{host}:{port} answers, but is no WebSocket listener of a broker")
        return "answers"

    return await finding(part, look)


async def finding(part: str, look: Callable[[], Awaitable[str]]) -> Finding:
    """What `look` says; what it raises is bad, in words."""
    try:
        return Finding(part, "good", await look())
    except asyncpg.UndefinedTableError:
        return Finding(part, "bad", "has no schema yet. Run: hub migrate")
    except HubError as error:
        return Finding(part, "bad", str(error))
    except external.CONNECTION_ERRORS as error:
        return Finding(part, "bad", f"does not answer: {str(error) or type(error).__name__}")
