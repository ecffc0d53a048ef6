"""What each kind of process does: open what it needs, serve until told to stop, close in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from hub import front, logs, metrics
from hub.run import allow_many_files, stop_event
from hub.settings import ProcessKind, Settings

log = structlog.get_logger()

Main = Callable[[Settings, asyncio.Event], Awaitable[None]]


async def run_front(settings: Settings, stop: asyncio.Event) -> None:
    """The one web port."""
    host = settings.internal_host
    await front.run(
        front.FrontConfig(
            settings.host,
            settings.port,
            api=tuple((host, settings.web_port("api", n + 1)) for n in range(settings.api_processes)),
            push=tuple((host, settings.web_port("push", n + 1)) for n in range(settings.push_processes)),
            broker=settings.broker_websocket,
        ),
        stop,
    )


MAINS: Mapping[ProcessKind, Main] = {
    "front": run_front,
}


async def run_process(kind: ProcessKind, settings: Settings) -> None:
    """Run one process of `kind` until SIGINT or SIGTERM. Raises HubError for what an operator can mend."""
    name = f"{kind}-{settings.process_number}"
    logs.configure(name, settings.log_format, settings.log_level)
    allow_many_files()
    stop = stop_event()
    with metrics.shown(settings.internal_host, settings.metrics_port(kind, settings.process_number)):
        log.info("started")
        await MAINS[kind](settings, stop)
        log.info("stopped")
