"""`hub run`: services, migrations, processes and the web port, up in order and down in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import aiomqtt
import asyncpg
import structlog
from aiomqtt.exceptions import MqttConnectError
from rich.console import Console

from freight.places.actions import load_places
from hub import external
from hub.addresses import remarks
from hub.certificate import CertificateConfig, keep_certificate
from hub.errors import ForeignSecrets, HubError, Unreachable
from hub.lifetime import allow_many_files, stop_event
from hub.own_process import HubProcess
from hub.secrets_file import GENERATED, SECRETS_FILE, ensure_secrets, read_secrets
from hub.services.binaries import find_certbot
from hub.services.broker_accounts import claim, ensure_accounts, process_accounts
from hub.services.folders import DataLock, make_folder, require_own, require_space, service_root
from hub.services.haproxy import HaproxyConfig, HaproxyService, Https
from hub.services.mosquitto import MosquittoConfig, MosquittoService
from hub.services.ports import require_free
from hub.services.postgres import PostgresConfig, PostgresService
from hub.services.redis import RedisConfig, RedisService
from hub.settings import ProcessKind, Settings, variables
from hub.supervisor import Supervised, Supervisor
from store.broker import BrokerControl, BrokerError
from store.migrate import migrate

log = structlog.get_logger()

EXTERNAL_TIMEOUT_S = 30.0


class Progress:
    """Tells the person at the terminal what is going on: one line a step, with its time."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """Show `text` while it runs, then how long it took."""
        started_at = time.monotonic()
        shown = self.console.status(text) if self.console.is_terminal else contextlib.nullcontext()
        with shown:
            yield
        self.console.print(f"  ✓ {text}, {time.monotonic() - started_at:.1f} s", highlight=False, markup=False)


def private_services(settings: Settings) -> list[Supervised]:
    """The services no URL names, ready to be started."""
    root = service_root(settings.data_dir)
    services: list[Supervised] = []
    if settings.database_url is None:
        services.append(
            PostgresService(
                PostgresConfig(
                    root / "postgres",
                    settings.postgres_port,
                    settings.postgres_superuser_password,
                    settings.postgres_password,
                    shared_buffers_mib=settings.postgres_buffers_mib,
                )
            )
        )
    if settings.mqtt_url is None:
        services.append(
            MosquittoService(
                MosquittoConfig(
                    root / "mosquitto",
                    settings.mqtt_port,
                    settings.mqtt_websocket_port,
                    settings.broker_admin_password,
                    settings.mqtt_host,
                ),
                lambda: prepare_broker(settings),
            )
        )
    if settings.redis_url is None:
        services.append(RedisService(RedisConfig(root / "redis", settings.redis_port, settings.redis_password)))
    return services


async def wait_for_external(settings: Settings, say: Callable[[str], None]) -> None:
    """Wait for the services URLs name. Raises Unreachable, WrongVersion or NoPostgis."""
    if settings.database_url is not None:
        url = settings.database_url
        place = external.place_of(url)
        await external.wait_for("DATABASE_URL", place, lambda: external.check_database(url), say, EXTERNAL_TIMEOUT_S)
    if settings.redis_url is not None:
        url = settings.redis_url
        place = external.place_of(url)
        await external.wait_for("REDIS_URL", place, lambda: external.check_redis(url), say, EXTERNAL_TIMEOUT_S)
    if settings.mqtt_url is not None:
        broker = settings.broker_admin()
        place = f"{broker.host}:{broker.port}"
        await external.wait_for("MQTT_URL", place, lambda: external.check_broker(broker), say, EXTERNAL_TIMEOUT_S)


async def prepare(settings: Settings) -> None:
    """Bring the database's schema and places and the broker's accounts to what this code needs.

    Raises HubError when database or broker do not answer or refuse.
    """
    await asyncio.gather(prepare_database(settings.database().url), prepare_broker(settings))


async def prepare_broker(settings: Settings) -> None:
    """Make the accounts of our own processes."""
    broker = settings.broker_admin()
    try:
        async with BrokerControl(broker) as control:
            await claim(control, settings.identity)
            await ensure_accounts(control, process_accounts(settings.broker("control").password))
    except MqttConnectError as error:
        if settings.mqtt_url is None:
            raise ForeignSecrets("the broker", service_root(settings.data_dir) / "mosquitto") from error
        raise Unreachable("MQTT_URL", f"{broker.host}:{broker.port}", str(error)) from error
    except (aiomqtt.MqttError, BrokerError) as error:
        raise HubError(f"the broker refused its set-up: {error}") from error


async def prepare_database(url: str) -> None:
    """Migrate, and load the gazetteer where it changed."""
    try:
        await asyncio.to_thread(migrate, url)
        connection = await asyncpg.connect(url)
        try:
            await load_places(connection)
        finally:
            await connection.close()
    except OSError as error:
        raise HubError(f"the database went away during its set-up: {error}") from error


def proxy_config(settings: Settings) -> HaproxyConfig:
    """What the web port's proxy has to know."""
    host = settings.internal_host
    return HaproxyConfig(
        service_root(settings.data_dir) / "haproxy",
        settings.host,
        settings.port,
        api=[(host, settings.web_port("api", number)) for number in range(1, settings.api_processes + 1)],
        push=[(host, settings.web_port("push", number)) for number in range(1, settings.push_processes + 1)],
        broker=settings.broker_websocket,
        figures_port=settings.proxy_figures_port,
        connections=settings.connections,
        https=Https(settings.plain_port, settings.certbot_port) if settings.certificate == "certbot" else None,
        outer_proxy=settings.client_address == "headers",
    )


def certificate_config(settings: Settings) -> CertificateConfig:
    """Which certificate the web port needs."""
    return CertificateConfig(
        settings.data_dir / "certificate",
        urlsplit(settings.web_url).hostname or "",
        settings.certbot_port,
        settings.acme_url,
    )


def own_processes(settings: Settings) -> list[Supervised]:
    """Our processes that serve, besides the web port."""
    kinds: tuple[ProcessKind, ...] = ("api", "push", "ingest", "worker")
    return [
        HubProcess(settings, kind, number, echo_line)
        for kind in kinds
        for number in range(1, settings.process_count(kind) + 1)
    ]


@asynccontextmanager
async def running(settings: Settings, demo: bool, progress: Progress) -> AsyncIterator[Supervisor]:
    """The whole hub, up on entry and down on exit.

    The web port comes before our processes and goes after them: while they stop it still carries the answers they owe.
    """
    supervisor = Supervisor()
    services = private_services(settings)
    web_port = HaproxyService(proxy_config(settings))
    try:
        if services:
            names = ", ".join(service.name for service in services)
            with progress.step(f"private services: {names}"):
                await supervisor.start(services)
        await wait_for_external(settings, progress.say)
        with progress.step("schema, places, broker accounts, web port"):
            for result in await asyncio.gather(prepare(settings), supervisor.start([web_port]), return_exceptions=True):
                if isinstance(result, BaseException):
                    raise result
        with progress.step("api, push, ingest, worker"):
            await supervisor.start(own_processes(settings))
        if demo:
            with progress.step("demonstration"):
                await supervisor.start([HubProcess(settings, "demo", 1, echo_line)])
        if settings.certificate == "certbot":
            keeping = keep_certificate(certificate_config(settings), web_port.put_certificate)
            supervisor.keepers.append(asyncio.create_task(keeping, name="keep certificate"))
        yield supervisor
    finally:
        progress.say("stopping")
        await supervisor.stop()


def echo_line(line: bytes) -> None:
    """Pass a child's log line on to our own output."""
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


async def run(settings: Settings, demo: bool) -> None:
    """Run everything until SIGINT or SIGTERM. Raises HubError for what an operator can mend."""
    stop = stop_event()
    allow_many_files()
    require_own(settings.data_dir)
    lock = DataLock(settings.data_dir)
    lock.take()
    try:
        require_space(settings.data_dir)
        require_free(settings.port, "web", "--port or HUB_PORT", settings.host)
        if settings.certificate == "certbot":
            find_certbot()
        ensure_secrets(settings.data_dir)
        # The demonstration's log shows its sign-ins, as the terminal does.
        make_folder(settings.data_dir / "logs")
        working = asyncio.create_task(_work(with_secrets(settings), demo))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([working, stopping], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        # Also in the middle of starting: what is up by then is stopped in order.
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
    finally:
        lock.release()


async def _work(settings: Settings, demo: bool) -> None:
    progress = Progress(Console())
    started_at = time.monotonic()
    async with running(settings, demo, progress) as supervisor:
        progress.say(f"\n{settings.brand} is ready in {time.monotonic() - started_at:.1f} s: {settings.web_url}\n")
        if not demo:
            # The demonstration has something to show first, and ends with the same.
            for text in remarks(settings):
                progress.say(f"  ! {text}\n")
        await supervisor.watch()


def with_secrets(settings: Settings) -> Settings:
    """The settings again, now that the secrets file exists: with what it holds of the secrets nobody gave us."""
    made = read_secrets(settings.data_dir / SECRETS_FILE)
    missing: dict[str, Any] = {
        field: made[variable.name]
        for field, variable in variables().items()
        if variable.name in GENERATED and not getattr(settings, field)
    }
    return dataclasses.replace(settings, **missing)
