"""What our uvicorn makes of clients that a proxy speaks for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from hub.web_server import last_address, serve
from tests.ports import free_ports
from tests.waiting import until


async def who(request: Request) -> JSONResponse:
    return JSONResponse(request.client)


async def who_listens(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json(socket.client)
    await socket.close()


APP = Starlette(routes=[Route("/who", who), WebSocketRoute("/ws", who_listens)])


@asynccontextmanager
async def behind_a_proxy() -> AsyncIterator[int]:
    """The application as an operator's proxy reaches it; its port."""
    stop = asyncio.Event()
    (port,) = free_ports(1)
    task = asyncio.create_task(serve(APP, "127.0.0.1", port, stop, "headers", "websockets-sansio"))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        await until(lambda: _answers(client))
    yield port
    stop.set()
    await task


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/who")).is_success
    except httpx.ConnectError:
        return False


async def test_behind_a_proxy_a_client_cannot_choose_its_address() -> None:
    claimed = [("X-Forwarded-For", "10.0.0.1, 203.0.113.7"), ("X-Forwarded-For", "198.51.100.2, 203.0.113.9")]
    async with behind_a_proxy() as port:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/who", headers=claimed)
        async with connect(f"ws://127.0.0.1:{port}/ws", additional_headers=claimed) as socket:
            heard = await socket.recv()
    assert answer.json() == ["203.0.113.9", 0]
    assert heard == '["203.0.113.9",0]'


async def test_without_a_word_of_the_proxy_the_client_is_the_proxy() -> None:
    async with behind_a_proxy() as port, httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{port}/who")).json()[0] == "127.0.0.1"
        nobody = await client.get(f"http://127.0.0.1:{port}/who", headers={"X-Forwarded-For": "unknown"})
        assert nobody.json() is None


@pytest.mark.parametrize(
    ("hops", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("10.0.0.1,203.0.113.9 ", "203.0.113.9"),
        ("203.0.113.9:51000", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:51000", "2001:db8::1"),
        ("203.0.113.9, unknown", None),
        ("203.0.113.9,", None),
        ("", None),
    ],
)
def test_the_last_of_the_addresses_is_the_proxys_own_word(hops: str, address: str | None) -> None:
    assert last_address(hops) == address
