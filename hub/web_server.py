"""uvicorn as we run it: on asyncio stop events, with the client's address as our front tells it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import sys
from collections.abc import Iterator
from typing import Any, Literal, cast

import httptools
import uvicorn
from prometheus_client import Counter
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from hub.settings import ClientAddress

# haproxy's document sets 107 bytes as the longest possible line.
PROXY_LINE_LIMIT = 107
HEAD_LIMIT_BYTES = 16 * 1024
HEAD_TIMEOUT_S = 10.0
# The longest body that is read, 64 KiB, over the worst of mobile networks.
BODY_TIMEOUT_S = 60.0
# Bytes are counted by pieces of this size: what is a head may be found longer than it is by no more.
PIECE_BYTES = 4096
MAX_FRAME_BYTES = 64 * 1024
SHUTDOWN_S = 10


REFUSED = Counter("web_heads_refused", "Requests whose head was too long or too slow, or whose body was", ["reason"])


class ForwardedSocket:
    """A socket that names the real client; everything else is the socket's own."""

    def __init__(self, own: Any, client: tuple[str, int]) -> None:
        self._own = own
        self._client = client

    def getpeername(self) -> tuple[str, int]:
        """The client our front speaks for."""
        return self._client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)


class ForwardedTransport:
    """A transport that names the real client instead of our front; everything else is the transport's own."""

    def __init__(self, transport: asyncio.Transport, client: tuple[str, int]) -> None:
        self._transport = transport
        self._client = client

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As asyncio's."""
        if name == "peername":
            return self._client
        value = self._transport.get_extra_info(name, default)
        return ForwardedSocket(value, self._client) if name == "socket" and value is not None else value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class BoundedHeadsProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol with bounds for heads, of which its parser knows none, and for a body's time.

    Counted is whatever is no body: heads, but also what may stand between and behind the chunks of one. The front
    looks at a connection's first head alone. A byte now and then would hold a connection, a task and what came of the
    body for ever: few clients could hold all that the front lets in.
    """

    head_timeout_s = HEAD_TIMEOUT_S
    body_timeout_s = BODY_TIMEOUT_S
    _head_bytes = 0
    # One at a time: for the head, then for the body.
    _timer: asyncio.TimerHandle | None = None
    _piece = b""
    _in_hand: RequestResponseCycle | None = None

    def data_received(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE_BYTES):
            piece = self._piece = data[start : start + PIECE_BYTES]
            self._head_bytes += len(piece)
            super().data_received(piece)
            if self.transport.is_closing() or self.transport.get_protocol() is not self:
                return
            if self._head_bytes > HEAD_LIMIT_BYTES:
                self._refuse(431, "head_too_large", "The request head is too large")
                return

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        if self._in_hand is not None and not self._in_hand.response_complete:
            # uvicorn tells only the newest request of several. One before it would go on, and its answer would be
            # written to nobody and into the log as a fault of ours.
            self._in_hand.disconnected = True
            self._in_hand.message_event.set()
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._in_hand = cycle
        super()._start_asgi_task(cycle, app)

    def on_message_begin(self) -> None:
        # What came before in the same piece belongs to an earlier request.
        self._head_bytes = 0
        self._stop_timer()
        self._timer = self.loop.call_later(self.head_timeout_s, self._head_too_slow)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_bytes = 0
        self._stop_timer()
        self._timer = self.loop.call_later(self.body_timeout_s, self._body_too_slow)
        if not self._wishes_in_vain:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._head_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._head_bytes = 0
        self._stop_timer()
        if not self._wishes_in_vain:
            super().on_message_complete()

    @property
    def _wishes_in_vain(self) -> bool:
        """Whether the request asks to go on in a protocol that is not spoken here."""
        asks = bool(self.parser.should_upgrade()) and self.parser.get_method() != b"CONNECT"
        return asks and not self._should_upgrade()

    def _unsupported_upgrade_warning(self) -> None:
        """Go on in HTTP/1.1, as RFC 9110 has it, with the body: the parser takes what follows such a head for the
        other protocol's. Java's client wishes for HTTP/2 with its first request whatever it sends."""
        error = sys.exception()
        if not isinstance(error, httptools.HttpParserUpgrade) or self.parser.get_method() == b"CONNECT":
            return
        rest = self._piece[error.args[0] :]
        head = [self.parser.get_method(), b" ", self.url, b" HTTP/", self.parser.get_http_version().encode(), b"\r\n"]
        head += [part for name, value in self.headers if name != b"upgrade" for part in (name, b": ", value, b"\r\n")]
        self.parser = httptools.HttpRequestParser(self)
        # Behind it may come the next that wishes: its place is counted in these bytes, not in those that came.
        self._piece = b"".join([*head, b"\r\n", rest])
        super().data_received(self._piece)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _answers(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _head_too_slow(self) -> None:
        if self.flow.read_paused or self._answers:
            # Not while an earlier request is in hand: perhaps it is us who do not read.
            self._timer = self.loop.call_later(self.head_timeout_s, self._head_too_slow)
        else:
            self._refuse(408, "head_too_slow", "The request did not arrive in time")

    def _body_too_slow(self) -> None:
        if self.flow.read_paused:
            # It is us who do not read.
            self._timer = self.loop.call_later(self.body_timeout_s, self._body_too_slow)
        else:
            REFUSED.labels("body_too_slow").inc()
            self.transport.abort()

    def _refuse(self, status: int, reason: str, text: str) -> None:
        REFUSED.labels(reason).inc()
        if self._answers:
            # In the middle of an earlier answer there is no place for this one.
            self.transport.abort()
            return
        head = f"content-type: text/plain; charset=utf-8\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + head.encode() + text.encode())
        self.transport.close()


class ProxyLineProtocol(BoundedHeadsProtocol):
    """uvicorn's HTTP protocol after an optional PROXY line (version 1).

    Only listened with on an address our front alone reaches: whoever reaches it may name any client.
    """

    _beginning: bytes | None = b""

    def data_received(self, data: bytes) -> None:
        if self._beginning is None:
            super().data_received(data)
            return
        self._beginning += data
        if len(self._beginning) < 6 and b"PROXY ".startswith(self._beginning):
            return
        if not self._beginning.startswith(b"PROXY "):
            self._continue(self._beginning)
        elif b"\r\n" in self._beginning:
            line, _, rest = self._beginning.partition(b"\r\n")
            client = client_of(line)
            if client is not None:
                self.transport = cast(asyncio.Transport, ForwardedTransport(self.transport, client))
                self.client = client
            self._continue(rest)
        elif len(self._beginning) > PROXY_LINE_LIMIT:
            self.transport.abort()

    def _continue(self, data: bytes) -> None:
        self._beginning = None
        if data:
            super().data_received(data)


def client_of(line: bytes) -> tuple[str, int] | None:
    """Client address and port of a PROXY line; None for UNKNOWN and for anything malformed."""
    parts = line.decode("ascii", "replace").split(" ")
    if len(parts) != 6 or parts[1] not in ("TCP4", "TCP6"):
        return None
    try:
        return str(ipaddress.ip_address(parts[2])), int(parts[4])
    except ValueError:
        return None


class ProxiedClient:
    """ASGI middleware behind an operator's proxy: the client is whom it names last in X-Forwarded-For.

    Most proxies write what they see behind whatever the client says of itself, and only that is worth anything: with
    the first address, which uvicorn would take, everyone chooses by whom his guesses are counted.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            named = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
            if named:
                address = last_address(named[-1].decode("latin-1"))
                scope["client"] = None if address is None else (address, 0)
        await self.app(scope, receive, send)


def last_address(hops: str) -> str | None:
    """The last of an X-Forwarded-For header's addresses, without the port some proxies add; None for no address."""
    last = hops.rpartition(",")[2].strip()
    for text in (last, last.rpartition(":")[0]):
        with contextlib.suppress(ValueError):
            return str(ipaddress.ip_address(text.removeprefix("[").removesuffix("]")))
    return None


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
    client_address: ClientAddress,
    sockets: type[asyncio.Protocol] | Literal["websockets-sansio", "none"] = "none",
) -> None:
    """Serve `app` until `stop` is set, then finish the requests in hand (10 s at most).

    `sockets` is uvicorn's WebSocket protocol, for what serves any.

    Raises OSError if the port is taken.
    """
    config = uvicorn.Config(
        ProxiedClient(app) if client_address == "headers" else app,
        host=host,
        port=port,
        http=ProxyLineProtocol if client_address == "front" else BoundedHeadsProtocol,
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
        proxy_headers=False,
        timeout_keep_alive=20,
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
