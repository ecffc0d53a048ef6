"""The one web port: who is joined to whom, what the processes learn, and what bad clients cost."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from hub.front import Front, FrontConfig, route
from hub.web_server import BoundedHeadsProtocol, client_of, serve
from tests.ports import free_ports
from tests.waiting import until

# More than the kernel buffers on both ends of a local connection.
LARGE = 24_000_000
# Less than that: written to the end while a slow client still reads its beginning.
MEDIUM = 3_000_000
Sockets = Literal["websockets-sansio", "none"]


async def who(request: Request) -> JSONResponse:
    body = await request.body()
    return JSONResponse({"client": request.client, "path": request.url.path, "length": len(body)})


async def large(_: Request) -> PlainTextResponse:
    return PlainTextResponse("x" * LARGE)


async def medium(_: Request) -> PlainTextResponse:
    return PlainTextResponse("x" * MEDIUM)


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json({"client": socket.client})
    async for text in socket.iter_text():
        await socket.send_text(text)


APP = Starlette(
    routes=[
        Route("/who", who, methods=["GET", "POST"]),
        Route("/large", large),
        Route("/medium", medium),
        WebSocketRoute("/ws", echo),
    ]
)


@asynccontextmanager
async def served(port: int, sockets: Sockets = "websockets-sansio") -> AsyncIterator[None]:
    """The application behind our uvicorn on one port."""
    stop = asyncio.Event()
    task = asyncio.create_task(serve(APP, "127.0.0.1", port, stop, "front", sockets))
    await until(lambda: is_open(port))
    yield
    stop.set()
    await task


async def is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


@asynccontextmanager
async def fronted(**changes: float) -> AsyncIterator[tuple[Front, int, int]]:
    """A front with one api and one push address that nobody serves yet: (front, api port, push port)."""
    port, api, push, broker = free_ports(4)
    config = FrontConfig(
        "127.0.0.1",
        port,
        api=(("127.0.0.1", api),),
        push=(("127.0.0.1", push),),
        broker=("127.0.0.1", broker),
        **changes,  # type: ignore[arg-type]
    )
    front = Front(config)
    await front.start()
    yield front, api, push
    await front.stop()
    await until(lambda: not front.clients)


@pytest_asyncio.fixture(scope="module")
async def front() -> AsyncIterator[Front]:
    async with fronted() as (front, api, push), served(api), served(push):
        yield front


@pytest_asyncio.fixture(scope="module")
async def plain() -> AsyncIterator[Front]:
    """With an api that speaks no WebSocket, as ours."""
    async with fronted() as (front, api, _), served(api, "none"):
        yield front


async def exchange(port: int, request: bytes, count: int = -1) -> bytes:
    """Send bytes and read until the other side closes, or `count` bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(20):
        answer = await (reader.read(-1) if count < 0 else reader.readexactly(count))
    writer.close()
    await writer.wait_closed()
    return answer


def get(path: str, *headers: str, connection: str = "close") -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", f"Connection: {connection}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.mark.parametrize(
    ("target", "backend"),
    [
        ("/", "api"),
        ("/ws", "push"),
        ("/ws?x=/mqtt", "push"),
        ("/ws/share", "push"),
        ("/wsx", "api"),
        ("/mqtt", "broker"),
        ("/mqtt/", "broker"),
        ("/api/ws", "api"),
        ("/%77s", "api"),
    ],
)
def test_the_path_alone_decides_the_process(target: str, backend: str) -> None:
    assert route(get(target)) == backend


def test_what_is_no_request_goes_to_the_process_that_refuses_it() -> None:
    assert route(b"\x16\x03\x01\r\n\r\n") == "api"


def test_a_proxy_line_gives_the_client() -> None:
    assert client_of(b"PROXY TCP4 203.0.113.9 10.0.0.1 51000 8080") == ("203.0.113.9", 51000)
    assert client_of(b"PROXY TCP6 2001:db8::1 ::1 51000 8080") == ("2001:db8::1", 51000)
    for line in (b"PROXY UNKNOWN", b"PROXY TCP4 nonsense 1 2 3", b"PROXY TCP4 1.2.3.4 1.2.3.4 x 1", b"PROXY \xff"):
        assert client_of(line) is None


async def test_a_client_cannot_choose_its_address(front: Front) -> None:
    forged = b"PROXY TCP4 203.0.113.9 10.0.0.1 51000 8080\r\n"
    answer = await exchange(front.config.port, forged + get("/who"))
    assert b"203.0.113.9" not in answer
    header = get("/who", "X-Forwarded-For: 203.0.113.9", "Forwarded: for=203.0.113.9")
    answer = await exchange(front.config.port, header)
    assert b'"client":["127.0.0.1",' in answer


async def test_the_processes_learn_the_real_client(front: Front) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", front.config.port)
    own_port = writer.get_extra_info("sockname")[1]
    for _ in range(2):
        writer.write(get("/who", connection="keep-alive"))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        assert f'["127.0.0.1",{own_port}]'.encode() in await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()


async def test_a_socket_reaches_push_with_the_real_client(front: Front) -> None:
    async with connect(f"ws://127.0.0.1:{front.config.port}/ws") as socket:
        assert f'["127.0.0.1",{socket.local_address[1]}]' in str(await socket.recv()).replace(" ", "")
        await socket.send("привет")
        assert await socket.recv() == "привет"


async def test_a_proxy_cannot_keep_a_connection_that_leads_to_one_process(front: Front) -> None:
    for path, mark in (("/who", "Via: 1.1 Caddy"), ("/ws", "x-forwarded-for: 203.0.113.9")):
        # Kept, it would carry the next client's request, which may be for another process.
        answer = await exchange(front.config.port, get(path, mark, connection="keep-alive"))
        assert b"\r\nconnection: close\r\n" in answer
    # Asking for a socket where there is none changes nothing.
    wish = ("Via: 1.1 Caddy", "Upgrade: websocket")
    assert b"\r\nconnection: close\r\n" in await exchange(front.config.port, get("/who", *wish, connection="Upgrade"))


async def test_a_proxied_upload_comes_whole_and_a_proxied_socket_lasts(front: Front) -> None:
    head = b"POST /who HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\nContent-Length: 8\r\n\r\n"
    assert b'"length":8' in await exchange(front.config.port, head + b"a\r\n\r\nb\r\n")
    proxied = {"X-Forwarded-For": "203.0.113.9"}
    async with connect(f"ws://127.0.0.1:{front.config.port}/ws", additional_headers=proxied) as socket:
        await socket.recv()
        await socket.send("привет")
        assert await socket.recv() == "привет"


async def test_a_half_closed_client_still_gets_its_answer(front: Front) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", front.config.port)
    writer.write(get("/large"))
    writer.write_eof()
    async with asyncio.timeout(20):
        assert (await reader.read(-1)).endswith(b"x" * 1000)
    writer.close()
    await writer.wait_closed()


async def test_a_large_upload_passes_whole(front: Front) -> None:
    body = b"y" * 3_000_000
    head = f"POST /who HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    assert b'"length":3000000' in await exchange(front.config.port, head.encode() + body)


async def test_a_reader_that_stops_holds_the_process_back_and_loses_nothing(front: Front) -> None:
    # With a window of its own choice the kernel might take the whole answer before anyone is held back.
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", front.config.port))
    reader, writer = await asyncio.open_connection(sock=narrow, limit=1024)
    writer.write(get("/large"))
    await reader.readuntil(b"\r\n\r\n")
    own = narrow.getsockname()
    # Clients of earlier tests may still be on their way out.
    client = next(client for client in front.clients if client.transport.get_extra_info("peername") == own)
    await until(lambda: client.transport.get_write_buffer_size() > 0)
    assert client.transport.get_write_buffer_size() < 1_000_000
    total = 0
    async with asyncio.timeout(20):
        while chunk := await reader.read(65536):
            total += len(chunk)
    assert total == LARGE
    writer.close()
    await writer.wait_closed()


async def test_a_reader_that_stops_for_good_is_let_go() -> None:
    async with fronted(idle_timeout_s=0.3, flush_timeout_s=0.3) as (front, api, _), served(api):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.config.port, limit=1024)
        writer.write(get("/large"))
        await reader.readuntil(b"\r\n\r\n")
        (client,) = front.clients
        await until(lambda: client.transport.get_write_buffer_size() > 0)
        await until(lambda: not front.clients, what="the client to be let go")
        assert not any(front.open_to.values())
        writer.transport.abort()


async def test_a_slow_reader_gets_what_is_left_after_the_end() -> None:
    async with fronted(flush_timeout_s=0.5) as (front, api, _), served(api):
        own = socket.socket()
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        own.setblocking(False)
        await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", front.config.port))
        reader, writer = await asyncio.open_connection(sock=own, limit=32768)
        writer.write(get("/medium"))
        await reader.readuntil(b"\r\n\r\n")
        (client,) = front.clients
        await until(lambda: client.is_over, what="the process to have written everything")
        total = 0
        while chunk := await reader.read(32768):
            total += len(chunk)
            # A phone on a bad network takes some bytes a second.
            await asyncio.sleep(0.02)
        assert total == MEDIUM
        writer.close()
        await writer.wait_closed()


async def test_an_endless_head_is_refused(front: Front) -> None:
    answer = await exchange(front.config.port, b"GET / HTTP/1.1\r\nX: " + b"a" * 17_000)
    assert answer.startswith(b"HTTP/1.1 431 ")


@asynccontextmanager
async def second_request(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection whose first request was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(get("/who", connection="keep-alive"))
    await reader.readuntil(b"}")
    async with asyncio.timeout(10):
        yield reader, writer
    writer.transport.abort()


async def test_an_endless_head_is_refused_also_after_a_connections_first(front: Front) -> None:
    async with second_request(front.config.port) as (reader, writer):
        writer.write(b"GET /who HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 30_000)
        assert (await reader.read(-1)).startswith(b"HTTP/1.1 431 ")


async def test_endless_headers_behind_a_body_end_the_connection(front: Front) -> None:
    async with second_request(front.config.port) as (reader, writer):
        head = b"POST /who HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head + b"1\r\nx\r\n0\r\n" + b"X: a\r\n" * 5000)
        # The answer to the body may have begun.
        with suppress(ConnectionResetError):
            assert await reader.read(-1) == b""


async def test_a_later_head_that_never_ends_is_given_up_on(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedHeadsProtocol, "head_timeout_s", 0.1)
    async with second_request(front.config.port) as (reader, writer):
        writer.write(b"GET /who HTTP/1.1\r\nHost: h\r\n")
        assert (await reader.read(-1)).startswith(b"HTTP/1.1 408 ")


async def test_requests_with_large_bodies_follow_each_other_on_one_connection(front: Front) -> None:
    head = b"POST /who HTTP/1.1\r\nHost: h\r\nContent-Length: 30000\r\nX: " + b"a" * 15_000 + b"\r\n\r\n"
    async with second_request(front.config.port) as (reader, writer):
        writer.write((head + b"y" * 30_000) * 3)
        for _ in range(3):
            await reader.readuntil(b"HTTP/1.1 200 OK")
            await reader.readuntil(b'"length":30000}')


@pytest.mark.parametrize("protocol", [b"h2c", b"websocket", b"TLS/1.0"])
async def test_a_request_that_wishes_for_a_protocol_not_spoken_here_is_answered_with_its_body(
    plain: Front, protocol: bytes
) -> None:
    head = b"POST /who HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: %b\r\nContent-Length: %d\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", plain.config.port)
    async with asyncio.timeout(20):
        # With the head, after it, and longer than what is read at once; then another request behind it.
        writer.write(head % (protocol, 5) + b"hello")
        await reader.readuntil(b'"length":5}')
        writer.write(head % (protocol, 6))
        await writer.drain()
        writer.write(b"there!")
        await reader.readuntil(b'"length":6}')
        writer.write(head % (protocol, 50_000) + b"x" * 50_000 + get("/who", connection="keep-alive"))
        await reader.readuntil(b'"length":50000}')
        await reader.readuntil(b'"length":0}')
    writer.close()
    await writer.wait_closed()


async def test_a_head_that_never_ends_is_given_up_on() -> None:
    async with fronted(head_timeout_s=0.1) as (front, _, _):
        answer = await exchange(front.config.port, b"GET / HTTP/1.1\r\n")
        assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_connection_nobody_uses_is_closed() -> None:
    async with fronted(idle_timeout_s=0.2) as (front, api, _), served(api):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.config.port)
        writer.write(get("/who", connection="keep-alive"))
        async with asyncio.timeout(10):
            assert b"200 OK" in await reader.read(-1)
        writer.close()
        await writer.wait_closed()


async def test_more_clients_than_the_limit_are_told_so() -> None:
    async with fronted(connection_limit=1) as (front, _, _):
        _, first = await asyncio.open_connection("127.0.0.1", front.config.port)
        answer = await exchange(front.config.port, get("/"))
        assert answer.startswith(b"HTTP/1.1 503 ")
        first.close()
        await first.wait_closed()


async def test_a_process_that_restarts_is_waited_for() -> None:
    async with fronted() as (front, api, _):
        asking = asyncio.create_task(exchange(front.config.port, get("/who")))
        await until(lambda: any(client.joining for client in front.clients))
        async with served(api):
            assert b"200 OK" in await asking


async def test_a_process_that_stays_away_is_a_plain_page() -> None:
    async with fronted(backend_wait_s=0.1) as (front, _, _):
        answer = await exchange(front.config.port, get("/"))
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 2" in answer


async def test_sockets_go_to_the_least_busy_push_process() -> None:
    port, api, one, two = free_ports(4)
    addresses = (("127.0.0.1", one), ("127.0.0.1", two))
    front = Front(FrontConfig("127.0.0.1", port, (("127.0.0.1", api),), addresses, ("127.0.0.1", 1)))
    await front.start()
    async with served(one), served(two):
        async with connect(f"ws://127.0.0.1:{port}/ws"), connect(f"ws://127.0.0.1:{port}/ws"):
            assert front.open_to == {addresses[0]: 1, addresses[1]: 1}
        await until(lambda: not any(front.open_to.values()))
    await front.stop()
