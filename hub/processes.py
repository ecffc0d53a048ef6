"""What each kind of process does: open what it needs, serve until told to stop, close in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from hub import logs, metrics
from hub.lifetime import allow_many_files, stop_event
from hub.settings import OPERATOR_BASEMAP, ProcessKind, Settings

if TYPE_CHECKING:
    from starlette.routing import Route

    from store.pool import DatabaseConfig, Pool

log = structlog.get_logger()

# Under the supervisor's patience: an orderly stop that a lost database holds up must still be one.
LONGEST_STOP_S = 15.0

Main = Callable[[Settings, asyncio.Event], Awaitable[None]]


async def run_api(settings: Settings, stop: asyncio.Event) -> None:
    """HTTP."""
    from api.app import create_app
    from api.context import Services
    from hub.sockets import SOCKETS
    from hub.web_server import serve
    from store.bus import Bus

    bus = Bus(settings.bus())
    async with opened_pool(settings.database(max_size=10)) as pool:
        app = create_app(
            Services(
                pool=pool,
                bus=bus,
                config=settings.freight(),
                bridge=settings.broker("bridge"),
                web_directory=settings.web_dir.absolute(),
                map=settings.map(),
                routing=settings.routing(),
                collect_metrics=lambda own: collect_metrics(settings, own),
                sockets=SOCKETS,
            )
        )
        if settings.map_pmtiles is not None:
            app.router.routes.insert(0, operator_basemap(settings.map_pmtiles))
        port = settings.web_port("api", settings.process_number)
        await serve(app, settings.internal_host, port, stop)
    await bus.close()


async def collect_metrics(settings: Settings, own: bytes) -> bytes:
    """This process's page with those of the others."""
    return await metrics.collect(own, await metrics.siblings(settings))


def operator_basemap(file: Path) -> Route:
    """The operator's own PMTiles file, of which browsers ask for ranges."""
    from starlette.requests import Request
    from starlette.responses import FileResponse
    from starlette.routing import Route

    def answer(_: Request) -> FileResponse:
        headers = {"Cache-Control": "public, max-age=3600"}
        return FileResponse(file, headers=headers, media_type="application/vnd.pmtiles")

    return Route(OPERATOR_BASEMAP, answer)


async def run_ingest(settings: Settings, stop: asyncio.Event) -> None:
    """Phones' fixes from the broker."""
    from ingest.config import IngestConfig
    from ingest.worker import run

    await run(
        IngestConfig(
            # One name for all: whoever's turn it is goes on with the session the broker keeps under it.
            settings.broker("ingest", 1),
            settings.database(max_size=4),
            settings.bus(),
            retention_days=settings.retention_days,
        ),
        stop,
    )


async def run_demo(settings: Settings, stop: asyncio.Event) -> None:
    """The demonstration's phones."""
    from hub import demo

    await demo.run(settings, stop)


async def run_push(settings: Settings, stop: asyncio.Event) -> None:
    """Live WebSockets."""
    from hub.web_server import serve
    from push.app import Services, create_app
    from push.protocol import LiveProtocol

    async with opened_pool(settings.database(max_size=8)) as pool:
        app = create_app(Services(pool, settings.bus(), settings.freight(), settings.map()))
        port = settings.web_port("push", settings.process_number)
        await serve(app, settings.internal_host, port, stop, LiveProtocol)


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Jobs and rounds."""
    from hub import worker

    await worker.run(
        worker.WorkerConfig(
            settings.database(max_size=8), settings.bus(), settings.broker("control"), settings.freight()
        ),
        stop,
    )


@asynccontextmanager
async def opened_pool(config: DatabaseConfig) -> AsyncIterator[Pool]:
    """A pool for the life of a process."""
    from store.pool import open_pool

    pool = await open_pool(config)
    try:
        yield pool
    finally:
        await pool.close()


# What a process does not need it does not import: that is most of its time to start.
MAINS: Mapping[ProcessKind, Main] = {
    "api": run_api,
    "push": run_push,
    "ingest": run_ingest,
    "worker": run_worker,
    "demo": run_demo,
}


async def run_process(kind: ProcessKind, settings: Settings) -> None:
    """Run one process of `kind` until SIGINT or SIGTERM. Raises HubError for what an operator can mend."""
    name = f"{kind}-{settings.process_number}"
    logs.configure(name, settings.log_format, settings.log_level)
    allow_many_files()
    stop = stop_event(LONGEST_STOP_S)
    pulse = asyncio.create_task(metrics.keep_pulse())
    with metrics.shown(settings.internal_host, settings.metrics_port(kind, settings.process_number)):
        log.info("started")
        await MAINS[kind](settings, stop)
        pulse.cancel()
        log.info("stopped")
