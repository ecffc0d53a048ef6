"""`hub check`: the state of every part in plain words, and what to do about what is wrong."""

from __future__ import annotations

import asyncio
import fcntl
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import asyncpg
import httpx

from hub import external
from hub.errors import HubError
from hub.own_process import loopback_of
from hub.services.binaries import (
    NODE_MINIMUM,
    find_mosquitto,
    find_postgres,
    find_redis,
    version_of,
)
from hub.services.folders import NEEDED_MIB, service_root
from hub.services.ports import holder_of, is_free
from hub.settings import ProcessKind, Settings
from store.jobs import held_jobs
from store.migrate import newest_revision

State = Literal["good", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `bad` ones make the exit code 1."""

    part: str
    state: State
    text: str


async def check_all(settings: Settings) -> list[Finding]:
    """Look at everything. Never raises: what goes wrong is a finding."""
    is_running = data_is_locked(settings.data_dir)
    findings = [*check_programs(settings), check_disk(settings.data_dir), check_web_pages(settings.web_dir)]
    if not is_running and settings.database_url is None:
        findings.append(Finding("hub", "note", "not running: start it with `hub run`"))
        return [*findings, *check_ports(settings)]
    findings += await asyncio.gather(check_database(settings), check_redis(settings), check_broker(settings))
    if is_running:
        findings += await check_processes(settings)
    return findings


def data_is_locked(data_dir: Path) -> bool:
    """Whether a `hub run` works on this data folder now."""
    try:
        with (data_dir / "lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def check_programs(settings: Settings) -> list[Finding]:
    """The installed programs that are needed here."""
    data = service_root(settings.data_dir) / "postgres" / "data"
    wanted: list[tuple[str, bool, Callable[[], str]]] = [
        ("PostgreSQL", settings.database_url is None, lambda: find_postgres(data).version),
        ("Mosquitto", settings.mqtt_url is None, lambda: find_mosquitto().version),
        ("Redis", settings.redis_url is None, lambda: find_redis().version),
    ]
    findings = [_program(name, find) for name, needed, find in wanted if needed]
    node = shutil.which("node")
    version = version_of(Path(node)) if node else (0,)
    if version < NODE_MINIMUM:
        findings.append(Finding("Node", "note", "20.19 or newer is needed only to build the web pages"))
    return findings


def _program(name: str, find: Callable[[], str]) -> Finding:
    try:
        return Finding(name, "good", f"version {find()} is installed")
    except HubError as error:
        return Finding(name, "bad", str(error))


def check_disk(data_dir: Path) -> Finding:
    """Room for data."""
    folder = next(folder for folder in (data_dir, *data_dir.parents) if folder.exists())
    free_mib = shutil.disk_usage(folder).free // 1048576
    if free_mib < NEEDED_MIB:
        return Finding("disk", "bad", f"{folder} has {free_mib} MiB free: free some space")
    return Finding("disk", "good", f"{folder} has {free_mib / 1024:.1f} GiB free")


def check_web_pages(web_dir: Path) -> Finding:
    """Built web pages."""
    if (web_dir / "index.html").exists():
        return Finding("web pages", "good", f"built in {web_dir}")
    return Finding("web pages", "bad", f"{web_dir}/index.html is missing. Run: npm ci && npm run build in web/")


def check_ports(settings: Settings) -> list[Finding]:
    """Ports a start would need and another program holds."""
    wanted = [(settings.port, "web", "HUB_PORT", settings.host)]
    if settings.database_url is None:
        wanted.append((settings.postgres_port, "PostgreSQL", "HUB_POSTGRES_PORT", "127.0.0.1"))
    if settings.mqtt_url is None:
        wanted.append((settings.mqtt_port, "MQTT", "HUB_MQTT_PORT", settings.mqtt_host))
        wanted.append((settings.mqtt_websocket_port, "MQTT WebSocket", "HUB_MQTT_WEBSOCKET_PORT", settings.mqtt_host))
    if settings.redis_url is None:
        wanted.append((settings.redis_port, "Redis", "HUB_REDIS_PORT", "127.0.0.1"))
    taken = [item for item in wanted if not is_free(item[0], item[3])]
    return [
        Finding("ports", "bad", f"{port} ({purpose}) is taken by {holder_of(port) or 'another program'}: set {setting}")
        for port, purpose, setting, _ in taken
    ] or [Finding("ports", "good", "all free")]


async def check_database(settings: Settings) -> Finding:
    """Reachable, of the right version, migrated, no job given up on."""

    async def look() -> str:
        url = settings.database().url
        version = await external.check_database(url)
        connection = await asyncpg.connect(url, timeout=5)
        try:
            revision = await connection.fetchval("select version_num from alembic_version")
            held = await connection.fetchval(held_jobs())
        finally:
            await connection.close()
        if revision != newest_revision():
            raise HubError(f"schema is at {revision}, this program needs {newest_revision()}. Run: hub migrate")
        return f"PostgreSQL {version} answers, schema {revision}" + (f", {held} jobs given up on" if held else "")

    return await _finding("database", look)


async def check_redis(settings: Settings) -> Finding:
    async def look() -> str:
        return f"Redis {await external.check_redis(settings.bus().url)} answers"

    return await _finding("redis", look)


async def check_broker(settings: Settings) -> Finding:
    async def look() -> str:
        # Number 8 is never a process's own: an account may be connected once.
        return f"answers, {await external.check_broker(settings.broker('control', 8))}"

    return await _finding("broker", look)


async def _finding(part: str, look: Callable[[], Awaitable[str]]) -> Finding:
    try:
        return Finding(part, "good", await look())
    except asyncpg.UndefinedTableError:
        return Finding(part, "bad", "has no schema yet. Run: hub migrate")
    except HubError as error:
        return Finding(part, "bad", str(error))
    except external.CONNECTION_ERRORS as error:
        return Finding(part, "bad", f"does not answer: {str(error) or type(error).__name__}")


async def check_processes(settings: Settings) -> list[Finding]:
    """Whether each of our processes shows its metrics, that is, its event loop's process lives."""
    kinds: list[ProcessKind] = ["api", "push", "ingest", "worker", "front"]
    host = loopback_of(settings.internal_host)
    findings = []
    async with httpx.AsyncClient(timeout=2) as client:
        for kind in kinds:
            for number in range(1, settings.process_count(kind) + 1):
                try:
                    await client.get(f"http://{host}:{settings.metrics_port(kind, number)}/metrics")
                except httpx.HTTPError as error:
                    name = type(error).__name__
                    findings.append(Finding(f"{kind}-{number}", "bad", f"does not answer ({name}): see its log"))
                else:
                    findings.append(Finding(f"{kind}-{number}", "good", "running"))
    return findings
