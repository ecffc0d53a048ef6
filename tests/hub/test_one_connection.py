"""What one client's connection may carry: requests sent behind each other without waiting, bodies in pieces, a socket.

Each request is answered, nobody works for who is gone, and nobody waits for ever.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from hub.web_server import BoundedHeadsProtocol, serve
from tests.ports import free_ports
from tests.waiting import until

ASKED, GONE = asyncio.Event(), asyncio.Event()


async def length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{len(await request.body())} bytes")


async def wait_for_the_end(request: Request) -> PlainTextResponse:
    ASKED.set()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    GONE.set()
    return PlainTextResponse("too late")


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


APP = Starlette(
    routes=[
        Route("/length", length, methods=["GET", "POST"]),
        Route("/wait", wait_for_the_end),
        WebSocketRoute("/ws", echo),
    ],
)


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest_asyncio.fixture
async def connection() -> AsyncIterator[Connection]:
    """A client's connection to the application."""
    stop = asyncio.Event()
    (port,) = free_ports(1)
    serving = asyncio.create_task(serve(APP, "127.0.0.1", port, stop, "front", "websockets-sansio"))
    reader, writer = await until(lambda: _connected(port))
    yield reader, writer
    writer.close()
    stop.set()
    await serving


async def _connected(port: int) -> Connection | None:
    try:
        return await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return None


@pytest.mark.parametrize("wish", [b"", b"Connection: Upgrade\r\nUpgrade: h2c\r\n"])
async def test_each_is_answered_also_when_all_wish_for_another_protocol(connection: Connection, wish: bytes) -> None:
    reader, writer = connection
    bodies = (b"one", b"three", b"", b"thirteen")
    writer.write(
        b"".join(
            b"POST /length HTTP/1.1\r\nHost: h\r\n%bContent-Length: %d\r\n\r\n%b" % (wish, len(body), body)
            for body in bodies
        )
    )
    async with asyncio.timeout(10):
        for body in bodies:
            assert (await reader.readuntil(b" bytes")).endswith(b"\r\n\r\n%d bytes" % len(body))


async def test_the_first_learns_that_the_client_is_gone_though_others_wait_behind_it(
    connection: Connection,
) -> None:
    reader, writer = connection
    writer.write(b"GET /wait HTTP/1.1\r\nHost: h\r\n\r\n" * 2)
    async with asyncio.timeout(10):
        await ASKED.wait()
        writer.write(b"no request\r\n\r\n")
        assert (await reader.read(-1)).startswith(b"HTTP/1.1 400 ")
        await GONE.wait()


POST = b"POST /length HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n"


async def test_a_body_that_never_ends_is_given_up_on(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedHeadsProtocol, "body_timeout_s", 0.3)
    reader, writer = connection
    async with asyncio.timeout(10):
        writer.write(POST + b"he")
        with suppress(ConnectionResetError):
            assert await reader.read(-1) == b""


async def test_a_socket_outlives_the_time_a_body_has(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedHeadsProtocol, "body_timeout_s", 0.1)
    _, writer = connection
    host, port = writer.get_extra_info("peername")
    async with connect(f"ws://{host}:{port}/ws") as socket:
        await asyncio.sleep(0.3)
        await socket.send("here")
        assert await socket.recv() == "here"
