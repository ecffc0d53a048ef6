"""One web port for everything: the first request head of a connection decides which process it is joined to.

`/ws…` → a push process, `/mqtt` → the broker's WebSocket listener, all else → api. After the head it is bytes in,
bytes out, with back-pressure; nothing is parsed again. Our processes learn the client's address from a PROXY
protocol line written before the head (haproxy's text format, version 1), which a client cannot forge: what it sends
itself comes after that line.

Browsers open a connection of its own for every socket. A proxy does not: over a connection it keeps, it sends whatever
its clients ask for next, and a socket would come to api. So what came through one is answered once and then closed.
"""

from __future__ import annotations

import asyncio
import fcntl
import re
import socket
import struct
import termios
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, cast

import structlog
from prometheus_client import Counter, Gauge

log = structlog.get_logger()

HEAD_LIMIT_BYTES = 16 * 1024
HEAD_TIMEOUT_S = 10.0
BACKEND_WAIT_S = 5.0
BACKEND_RETRY_S = 0.1
IDLE_HTTP_TIMEOUT_S = 120.0
# A client that takes no byte of what is still owed to it for so long after the end has stopped reading.
FLUSH_TIMEOUT_S = 10.0
CONNECTION_LIMIT = 10_000
SOCKET_BUFFER_BYTES = 128 * 1024

OPEN = Gauge("front_connections_open", "Connections joined or waiting for their head")
REFUSED = Counter("front_connections_refused_total", "Connections answered by the front itself", ["reason"])

# How proxies make themselves known.
BY_A_PROXY = re.compile(rb"\r\n(?:via|forwarded|x-forwarded-for|x-real-ip)[ \t]*:", re.IGNORECASE)
FOR_A_SOCKET = re.compile(rb"\r\nupgrade[ \t]*:[ \t]*websocket", re.IGNORECASE)
LAST_REQUEST = b"\r\nConnection: close"

Backend = Literal["api", "push", "broker"]
Address = tuple[str, int]


@dataclass(frozen=True)
class FrontConfig:
    """Where to listen and whom to join clients to; `push` lists every push process.

    `names_client` False for processes that take the client's address from a proxy's headers instead of our line.
    """

    host: str
    port: int
    api: tuple[Address, ...]
    push: tuple[Address, ...]
    broker: Address
    names_client: bool = True
    head_timeout_s: float = HEAD_TIMEOUT_S
    backend_wait_s: float = BACKEND_WAIT_S
    idle_timeout_s: float = IDLE_HTTP_TIMEOUT_S
    flush_timeout_s: float = FLUSH_TIMEOUT_S
    connection_limit: int = CONNECTION_LIMIT


@dataclass
class Front:
    """The listening server and its live connections."""

    config: FrontConfig
    open_to: dict[Address, int] = field(default_factory=dict)
    clients: set[Client] = field(default_factory=set)
    server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(lambda: Client(self), self.config.host, self.config.port, backlog=1024)

    async def stop(self) -> None:
        """Stop listening and close what is open."""
        if self.server is not None:
            self.server.close()
        for client in list(self.clients):
            client.close()

    def addresses(self, backend: Backend) -> list[Address]:
        """The processes behind one route, least busy first."""
        if backend == "broker":
            return [self.config.broker]
        candidates = self.config.api if backend == "api" else self.config.push
        return sorted(candidates, key=lambda address: self.open_to.get(address, 0))


class Client(asyncio.Protocol):
    """A client's side of one connection."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self.received = bytearray()
        self.upstream: Upstream | None = None
        self.joining: asyncio.Task[None] | None = None
        self.backend: Backend = "api"
        self.heard_at = time.monotonic()
        self.timer: asyncio.TimerHandle | None = None
        self.is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.front.clients.add(self)
        OPEN.inc()
        if len(self.front.clients) > self.front.config.connection_limit:
            self.refuse("503 Service Unavailable", "too_many_connections", "Too many connections")
            return
        self.timer = asyncio.get_running_loop().call_later(self.front.config.head_timeout_s, self._head_too_slow)

    def data_received(self, data: bytes) -> None:
        if self.upstream is not None:
            self.heard_at = time.monotonic()
            self.upstream.transport.write(data)
            return
        self.received += data
        if self.joining is not None or self.transport.is_closing():
            return
        if b"\r\n\r\n" in self.received:
            self._stop_timer()
            # Nothing more is read until there is somewhere to write it.
            self.transport.pause_reading()
            self.backend = route(bytes(self.received))
            self.joining = asyncio.get_running_loop().create_task(self._join())
        elif len(self.received) > HEAD_LIMIT_BYTES:
            self.refuse("431 Request Header Fields Too Large", "head_too_large", "The request head is too large")

    def eof_received(self) -> bool:
        """A client that has no more to say: over for a socket, but a plain request may still await its answer.

        uvicorn drops the answer when it sees the end of input, so it is kept from it; its own idle limit, and ours,
        end a connection nobody uses.
        """
        if self.upstream is None and self.joining is None:
            return False
        if self.backend == "api":
            return True
        self.close()
        return False

    def pause_writing(self) -> None:
        if self.upstream is not None:
            self.upstream.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.upstream is not None:
            self.upstream.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        OPEN.dec()
        self.front.clients.discard(self)
        self._stop_timer()
        if self.joining is not None:
            self.joining.cancel()
        if self.upstream is not None:
            self.upstream.transport.close()

    def close(self) -> None:
        """Close both sides after what is already written, as long as the client takes it."""
        if self.is_over:
            return
        self.is_over = True
        self._stop_timer()
        self.transport.close()
        if self.upstream is not None:
            self.upstream.transport.close()
        self._watch_flush(None)

    def refuse(self, status: str, reason: str, text: str) -> None:
        """Answer with a small page of our own and close."""
        REFUSED.labels(reason).inc()
        body = PAGE.format(text=text).encode()
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {len(body)}\r\n"
            "cache-control: no-store\r\nretry-after: 2\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.close()

    def _watch_flush(self, owed_before: int | None) -> None:
        owed = owed_bytes(self.transport)
        if owed is None:
            return
        if owed_before is not None and owed >= owed_before:
            self.transport.abort()
        else:
            limit = self.front.config.flush_timeout_s
            self.timer = asyncio.get_running_loop().call_later(limit, self._watch_flush, owed)

    def _head_too_slow(self) -> None:
        self.refuse("408 Request Timeout", "head_too_slow", "The request did not arrive in time")

    def _stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    async def _join(self) -> None:
        """Find a process that answers, waiting for one that restarts, and tie the two sides together."""
        upstream = await self._connect()
        if self.is_over:
            if upstream is not None:
                upstream.transport.abort()
            return
        if upstream is None:
            self.refuse("503 Service Unavailable", f"{self.backend}_down", "Restarting. Try again in a moment")
            return
        if self.backend != "broker" and self.front.config.names_client:
            upstream.transport.write(proxy_line(self.transport))
        if self.backend == "push":
            narrow(self.transport, socket.SO_SNDBUF)
            narrow(upstream.transport, socket.SO_RCVBUF)
        upstream.transport.write(as_the_last(bytes(self.received), self.backend))
        self.received.clear()
        self.upstream = upstream
        self.heard_at = time.monotonic()
        self.transport.resume_reading()
        if self.backend == "api":
            self._watch_idle()

    async def _connect(self) -> Upstream | None:
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self.front.config.backend_wait_s
        while True:
            for address in self.front.addresses(self.backend):
                try:
                    _, upstream = await loop.create_connection(partial(Upstream, self, address), *address)
                except OSError:
                    continue
                return upstream
            if loop.time() > give_up_at:
                return None
            await asyncio.sleep(BACKEND_RETRY_S)

    def _watch_idle(self) -> None:
        """Close a plain connection on which neither side said anything for long."""
        limit = self.front.config.idle_timeout_s
        left = self.heard_at + limit - time.monotonic()
        if left <= 0:
            self.close()
        else:
            self.timer = asyncio.get_running_loop().call_later(left, self._watch_idle)


class Upstream(asyncio.Protocol):
    """The process's side of one connection."""

    def __init__(self, client: Client, address: Address) -> None:
        self.client = client
        self.address = address

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        counts = self.client.front.open_to
        counts[self.address] = counts.get(self.address, 0) + 1

    def data_received(self, data: bytes) -> None:
        self.client.heard_at = time.monotonic()
        self.client.transport.write(data)

    def pause_writing(self) -> None:
        self.client.transport.pause_reading()

    def resume_writing(self) -> None:
        self.client.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self.client.front.open_to[self.address] -= 1
        self.client.close()


def route(head: bytes) -> Backend:
    """Which process a request head is for, by its path alone; what is no request goes to api, which refuses it."""
    parts = head.split(b"\r\n", 1)[0].split(b" ")
    path = parts[1].partition(b"?")[0] if len(parts) > 1 else b""
    if path == b"/ws" or path.startswith(b"/ws/"):
        return "push"
    if path == b"/mqtt" or path.startswith(b"/mqtt/"):
        return "broker"
    return "api"


def as_the_last(received: bytes, backend: Backend) -> bytes:
    """What came so far, asking of a proxied request's answer that it be the connection's last.

    A socket's connection carries nothing else anyway, unless its address is no socket's.
    """
    head, end, rest = received.partition(b"\r\n\r\n")
    if not BY_A_PROXY.search(head) or (backend != "api" and FOR_A_SOCKET.search(head)):
        return received
    return head + LAST_REQUEST + end + rest


def proxy_line(transport: asyncio.Transport) -> bytes:
    """The PROXY protocol's first line for a client's connection."""
    client, local = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
    if not client or not local:
        return b"PROXY UNKNOWN\r\n"
    family = "TCP6" if ":" in client[0] else "TCP4"
    return f"PROXY {family} {client[0]} {local[0]} {client[1]} {local[1]}\r\n".encode()


def owed_bytes(transport: asyncio.Transport) -> int | None:
    """What the other side has not yet confirmed to have: in our buffer, and in the kernel's. None once it is closed."""
    own = transport.get_extra_info("socket")
    if own is None:
        return None
    try:
        waiting = fcntl.ioctl(own.fileno(), termios.TIOCOUTQ, bytes(4))
    except (OSError, ValueError):
        # Closed by now.
        return transport.get_write_buffer_size()
    return transport.get_write_buffer_size() + int(struct.unpack("i", waiting)[0])


def narrow(transport: asyncio.Transport, direction: int) -> None:
    """Keep the kernel from taking in megabytes for a client that reads nothing: push must notice within seconds."""
    own = transport.get_extra_info("socket")
    if own is not None:
        own.setsockopt(socket.SOL_SOCKET, direction, SOCKET_BUFFER_BYTES)


PAGE = """<!doctype html><html lang="ru"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{text}</title><p>{text}.</p></html>
"""


async def run(config: FrontConfig, stop: asyncio.Event) -> None:
    """Serve until `stop` is set."""
    front = Front(config)
    await front.start()
    await stop.wait()
    await front.stop()
