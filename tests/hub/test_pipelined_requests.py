"""Requests sent behind each other without waiting for an answer: each is answered, and nobody works for who is gone."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from hub.services.ports import free_ports
from hub.web_server import serve
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


APP = Starlette(
    routes=[Route("/length", length, methods=["GET", "POST"]), Route("/wait", wait_for_the_end)],
)


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest_asyncio.fixture
async def connection() -> AsyncIterator[Connection]:
    """A client's connection to the application."""
    stop = asyncio.Event()
    (port,) = free_ports(1)
    serving = asyncio.create_task(serve(APP, "127.0.0.1", port, stop, "front"))
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
