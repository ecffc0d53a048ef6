"""The real proxy before a small application that stands for api and push: for what a client meets at the web port."""

import asyncio
import contextlib
import json
import random
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from hub.services.haproxy import CONFIGURATION, HaproxyConfig, HaproxyService
from hub.web_server import serve
from tests.ports import free_ports
from tests.waiting import until

# More than the kernel and the proxy hold between two ends of a local connection.
PIECE = 60_000
LARGE = 400 * PIECE
# Less than that: written to the end while a slow client still reads its beginning.
MEDIUM = 1_000_000
# As good as what a packer makes: nothing in it can be packed again.
PACKED = random.Random(7).randbytes(50_000)
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Process:
    """A process behind the proxy: what it answers is signed with its name, what it is asked is noted."""

    name: str
    port: int
    asked: list[str] = field(default_factory=list)
    sockets: int = 0
    written: int = 0

    def app(self) -> Starlette:
        methods = ["GET", "POST"]
        return Starlette(
            routes=[
                Route("/large", self.large),
                Route("/medium", self.medium),
                Route("/packed", self.packed),
                WebSocketRoute("/ws", self.echo),
                WebSocketRoute("/ws/flood", self.flood),
                WebSocketRoute("/mqtt", self.silent),
                Route("/{path:path}", self.who, methods=methods),
            ]
        )

    async def who(self, request: Request) -> JSONResponse:
        self.asked.append(request.url.path)
        body = await request.body()
        client = request.client.host if request.client else None
        heads = [name for name in request.headers if "forward" in name or name in ("upgrade", "via")]
        return JSONResponse({"by": self.name, "client": client, "length": len(body), "heads": heads})

    async def large(self, request: Request) -> StreamingResponse:
        self.written = 0

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(LARGE // PIECE):
                yield b"x" * PIECE
                # Said once the piece before is on its way.
                self.written += PIECE

        return StreamingResponse(pieces(), headers={"Content-Length": str(LARGE)})

    async def medium(self, request: Request) -> PlainTextResponse:
        return PlainTextResponse("x" * MEDIUM)

    async def packed(self, request: Request) -> Response:
        return Response(PACKED, headers={"Content-Encoding": "br", "Vary": "Accept-Encoding"}, media_type="text/html")

    async def echo(self, socket: WebSocket) -> None:
        await socket.accept()
        self.sockets += 1
        await socket.send_json({"by": self.name, "client": socket.client.host if socket.client else None})
        async for text in socket.iter_text():
            await socket.send_text(text)
        self.sockets -= 1

    async def flood(self, socket: WebSocket) -> None:
        await socket.accept()
        while True:
            await socket.send_bytes(bytes(PIECE))
            self.written += PIECE

    async def silent(self, socket: WebSocket) -> None:
        await socket.accept()
        self.sockets += 1
        await socket.receive()
        self.sockets -= 1

    @asynccontextmanager
    async def served(
        self,
        sockets: type[asyncio.Protocol] | Literal["websockets-sansio", "none"] = "websockets-sansio",
        body_within_s: float = 60,
    ) -> AsyncIterator[None]:
        """Behind our uvicorn, until the end of the block."""
        stop = asyncio.Event()
        serving = asyncio.create_task(serve(self.app(), "127.0.0.1", self.port, stop, sockets, body_within_s))
        try:
            await until(lambda: is_open(self.port))
            yield
        finally:
            stop.set()
            await serving


@dataclass
class Proxied:
    """A running proxy and the processes it was told of, which may not be there yet."""

    service: HaproxyService
    api: Process
    push: Process
    broker: Process

    @property
    def port(self) -> int:
        return self.service.config.port

    async def connected(self, source: str = "127.0.0.1") -> Connection:
        """A client's connection, from one of this machine's many addresses."""
        return await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))

    async def exchange(self, request: bytes, source: str = "127.0.0.1", timeout_s: float = 20) -> bytes:
        """Send bytes and read until the other side closes."""
        reader, writer = await self.connected(source)
        writer.write(request)
        async with asyncio.timeout(timeout_s):
            answer = await reader.read(-1)
        await closed(writer)
        return answer

    async def asked(self, request: bytes, source: str = "127.0.0.1") -> dict[str, Any]:
        """What a process answered."""
        answer = await self.exchange(request, source)
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        return dict(json.loads(answer.partition(b"\r\n\r\n")[2]))

    async def figure(self, name: str, frontend: str = "web") -> float:
        """One of the proxy's own figures of its web port."""
        async with httpx.AsyncClient(trust_env=False) as client:
            page = (await client.get(f"http://127.0.0.1:{self.service.config.figures_port}/metrics")).text
        (line,) = [one for one in page.splitlines() if one.startswith(f'{name}{{proxy="{frontend}"}}')]
        return float(line.split()[-1])


@asynccontextmanager
async def proxied(folder: Path, changes: dict[str, str] | None = None, **config: Any) -> AsyncIterator[Proxied]:
    """The proxy before processes that nobody has started; `changes` are lines of its configuration and what stands
    there instead: no test waits a minute, or needs ten thousand clients."""
    text = CONFIGURATION.read_text()
    for line, instead in (changes or {}).items():
        assert text.count(line) == 1, line
        text = text.replace(line, instead)
    for parent in (folder.parent, folder):
        parent.chmod(0o755)
    (folder / "changed.cfg").write_text(text)
    port, figures, *others = free_ports(5)
    api, push, broker = (Process(name, at) for name, at in zip(("api", "push", "broker"), others, strict=True))
    given: dict[str, Any] = {
        "api": [("127.0.0.1", api.port)],
        "push": [("127.0.0.1", push.port)],
        "broker": ("127.0.0.1", broker.port),
        "figures_port": figures,
        "configuration": folder / "changed.cfg",
        **config,
    }
    service = HaproxyService(HaproxyConfig(folder / "haproxy", "127.0.0.1", port, **given))
    await service.start()
    try:
        yield Proxied(service, api, push, broker)
    finally:
        await service.stop()


@asynccontextmanager
async def whole(folder: Path, changes: dict[str, str] | None = None, **config: Any) -> AsyncIterator[Proxied]:
    """The proxy and every process behind it; api speaks no WebSocket, as ours."""
    async with proxied(folder, changes, **config) as proxy, AsyncExitStack() as stack:
        await stack.enter_async_context(proxy.api.served("none"))
        for process in (proxy.push, proxy.broker):
            await stack.enter_async_context(process.served())
        yield proxy


async def is_open(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    await closed(writer)
    return True


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close a connection, in whatever state it is."""
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def slow_reader(port: int, window_bytes: int = 4096) -> Connection:
    """A client with a small window of its own: with one of the kernel's choice everything might be taken at once."""
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window_bytes)
    own.setblocking(False)
    await asyncio.get_running_loop().sock_connect(own, ("127.0.0.1", port))
    return await asyncio.open_connection(sock=own, limit=1024)


def get(path: str, *headers: str, connection: str = "close") -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", f"Connection: {connection}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path: str, length: int, *headers: str) -> bytes:
    """The head of a request whose body is still to come."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {length}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
