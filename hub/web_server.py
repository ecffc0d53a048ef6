"""uvicorn as we run it behind the proxy: it stops on asyncio events and waits for no body for ever.

Heads, Hosts, upgrades and idle connections are the proxy's to judge, and whom it speaks for it says in
X-Forwarded-For, which it alone writes: nobody else may reach our ports.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Literal

import uvicorn
from prometheus_client import Counter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# The longest body that is read, 64 KiB, over the worst of mobile networks.
BODY_TIMEOUT_S = 60.0
MAX_FRAME_BYTES = 64 * 1024
SHUTDOWN_S = 10

LATE = Counter("web_bodies_late", "Requests given up on because their body did not come in time")


class TimelyBodies:
    """ASGI middleware: a body that does not come in time is given up on, as that of a client who left.

    The proxy knows a silence between two pieces. A byte now and then would hold a task, and what came of the body, for
    ever.
    """

    def __init__(self, app: ASGIApp, within_s: float = BODY_TIMEOUT_S) -> None:
        self.app = app
        self.within_s = within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        give_up_at = asyncio.get_running_loop().time() + self.within_s
        is_whole = is_late = False

        async def receive_in_time() -> Message:
            nonlocal is_whole, is_late
            if is_whole:
                return await receive()
            try:
                async with asyncio.timeout_at(give_up_at):
                    message = await receive()
            except TimeoutError:
                if not is_late:
                    LATE.inc()
                is_late = True
                return {"type": "http.disconnect"}
            is_whole = not message.get("more_body", False)
            return message

        async def send_the_last(message: Message) -> None:
            if is_late and message["type"] == "http.response.start":
                # What may still come of the body is no request.
                headers = [*message.get("headers", ()), (b"connection", b"close")]
                message = {**message, "status": 408, "headers": headers}
            await send(message)

        await self.app(scope, receive_in_time, send_the_last)


class OwnServer(uvicorn.Server):
    """A uvicorn server whose signals are ours to handle."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    app: ASGIApp,
    host: str,
    port: int,
    stop: asyncio.Event,
    sockets: type[asyncio.Protocol] | Literal["websockets-sansio", "none"] = "none",
    body_within_s: float = BODY_TIMEOUT_S,
) -> None:
    """Serve `app` until `stop` is set, then finish the requests in hand (10 s at most).

    `sockets` is uvicorn's WebSocket protocol, for what serves any.

    Raises OSError if the port is taken.
    """
    config = uvicorn.Config(
        TimelyBodies(app, body_within_s),
        host=host,
        port=port,
        http="httptools",
        ws=sockets,
        ws_max_size=MAX_FRAME_BYTES,
        ws_per_message_deflate=False,
        # push pings by itself, and knows why.
        ws_ping_interval=None,
        ws_ping_timeout=None,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips="*",
        # Longer than the proxy keeps a connection it does not use: it never asks on one that is just being closed.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    server = OwnServer(config)

    async def end() -> None:
        await stop.wait()
        server.should_exit = True

    ender = asyncio.create_task(end())
    try:
        await server.serve()
    finally:
        ender.cancel()
