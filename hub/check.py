"""`hub check`: the state of every part in plain words, and what to do about what is wrong."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path

from hub.addresses import remarks
from hub.check_processes import check_processes
from hub.check_services import check_services
from hub.errors import HubError
from hub.findings import Finding
from hub.services.binaries import (
    NODE_MINIMUM,
    find_certbot,
    find_haproxy,
    find_mosquitto,
    find_postgres,
    find_redis,
    version_of,
)
from hub.services.folders import NEEDED_MIB, service_root
from hub.services.mosquitto import WEBSOCKET_HOST
from hub.services.ports import holder_of, is_free
from hub.settings import Settings


async def check_all(settings: Settings) -> list[Finding]:
    """Look at everything. Never raises: what goes wrong is a finding."""
    is_running = data_is_locked(settings.data_dir)
    findings = [*check_programs(settings), check_disk(settings.data_dir), check_web_pages(settings.web_dir)]
    findings += [Finding("addresses", "note", text) for text in remarks(settings)]
    if not is_running and settings.database_url is None:
        findings.append(Finding("hub", "note", "not running: start it with `hub run`"))
        return [*findings, *check_ports(settings)]
    findings += await check_services(settings)
    if is_running or settings.metrics_urls:
        return [*findings, *await check_processes(settings, here=is_running)]
    unknown = "not looked at: no `hub run` works on this data, and HUB_METRICS_URLS lists none"
    return [*findings, Finding("processes", "note", unknown)]


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
        ("haproxy", not settings.metrics_urls, lambda: find_haproxy().version),
    ]
    if settings.certificate == "certbot":
        wanted.append(("certbot", True, lambda: ".".join(map(str, version_of(find_certbot())))))
    findings = [_program(name, find) for name, needed, find in wanted if needed]
    node = shutil.which("node")
    version = version_of(Path(node)) if node else (0,)
    if version < NODE_MINIMUM and not is_built(settings.web_dir):
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


def is_built(web_dir: Path) -> bool:
    """Whether the web build has been made."""
    return (web_dir / "index.html").exists()


def check_web_pages(web_dir: Path) -> Finding:
    """Built web pages."""
    if is_built(web_dir):
        return Finding("web pages", "good", f"built in {web_dir}")
    return Finding("web pages", "bad", f"{web_dir}/index.html is missing. Run: npm ci && npm run build in web/")


def check_ports(settings: Settings) -> list[Finding]:
    """Ports a start would need and another program holds."""
    wanted = [(settings.port, "web", "HUB_PORT", settings.host)]
    if settings.certificate == "certbot":
        wanted.append((settings.plain_port, "plain HTTP beside https", "HUB_PLAIN_PORT", settings.host))
    if settings.database_url is None:
        wanted.append((settings.postgres_port, "PostgreSQL", "HUB_POSTGRES_PORT", "127.0.0.1"))
    if settings.mqtt_url is None:
        wanted.append((settings.mqtt_port, "MQTT", "HUB_MQTT_PORT", settings.mqtt_host))
        wanted.append((settings.mqtt_websocket_port, "MQTT WebSocket", "HUB_MQTT_WEBSOCKET_PORT", WEBSOCKET_HOST))
    if settings.redis_url is None:
        wanted.append((settings.redis_port, "Redis", "HUB_REDIS_PORT", "127.0.0.1"))
    taken = [item for item in wanted if not is_free(item[0], item[3])]
    return [
        Finding("ports", "bad", f"{port} ({purpose}) is taken by {holder_of(port) or 'another program'}: set {setting}")
        for port, purpose, setting, _ in taken
    ] or [Finding("ports", "good", "all free")]
