"""One WebSocket as the server holds it: uvicorn's protocol with a bounded way out and an end that always comes.

ASGI's `send` waits for a full connection for ever and cannot break one off. A live room must do neither: frames go
out by `offer`, which never waits, and a client that is gone or reads nothing is cut off.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import deque
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from push import metrics
from push.messages import TOO_MANY, TOO_SLOW
from push.pace import Pace

# The name under which `LiveProtocol` stands in an ASGI scope's extensions.
EXTENSION = "reis.pipe"
# How long a client may take to read why it was closed.
LAST_WORDS_S = 2.0
# RFC 6455's code for data that is not what its frame says.
NOT_UTF8 = 1007
# The kernel would let a sleeping client run megabytes behind before anyone noticed.
SEND_BUFFER_BYTES = 128 * 1024


def text_frame(text: bytes) -> bytes:
    """UTF-8 text as a WebSocket frame of a server: the same for every listener, so made once for all of them."""
    return Frame(Opcode.TEXT, text).serialize(mask=False)


class LiveProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, plus: frames without waiting, own pings, and cutting off.

    Pass it to uvicorn as `ws=LiveProtocol`.
    """

    ping_every_s = 20.0
    pong_within_s = 20.0
    # Whole messages are counted by their session. Pings, pongs and the pieces of a message that never ends are none:
    # unbounded, one client's would keep the process from everyone else's.
    frames_per_s = 20.0
    frames_burst = 200

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.ping_interval = self.ping_every_s
        self.ping_timeout = self.pong_within_s
        self.waiting: deque[bytes] = deque()
        self.waiting_bytes = 0
        # What the stuck check saw last: bytes on their way, and since when none of them moved.
        self.unsent_bytes = 0
        self.taken_bytes = 0
        self.seen_taken_bytes = 0
        self.stuck_since_s: float | None = None
        self.behind_since_s: float | None = None
        self.incoming = Pace(1 / self.frames_per_s, self.frames_burst / self.frames_per_s)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        own = transport.get_extra_info("socket")
        if own is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def connection_lost(self, exc: Exception | None) -> None:
        self.waiting.clear()
        self.waiting_bytes = 0
        super().connection_lost(exc)

    def handle_events(self) -> None:
        now_s = time.monotonic()
        if all(self.incoming.allow(now_s) for _ in self.conn.events):
            super().handle_events()
            return
        self.conn.events.clear()
        self.fail(TOO_MANY, "Too many frames")
        # What more may come is not even taken apart.
        self.transport.pause_reading()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][EXTENSION] = {"pipe": self}

    def resume_writing(self) -> None:
        super().resume_writing()
        while self.waiting and self.writable.is_set():
            frame = self.waiting.popleft()
            self.waiting_bytes -= len(frame)
            self._write(frame)

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                # uvicorn would log it as a fault of ours, with a traceback for every frame anyone cares to send.
                self.frames = []
                self.fail(NOT_UTF8, "Text frames are UTF-8")
                return
        super().send_receive_event_to_app()

    def keepalive_timeout(self) -> None:
        """The ping was not answered: the client is gone, or does not read."""
        self.fail(TOO_SLOW, "No answer to a ping")

    def shutdown(self) -> None:
        super().shutdown()
        self.loop.call_later(LAST_WORDS_S, self.transport.abort)

    def offer(self, frame: bytes) -> None:
        """Send a whole frame as `text_frame` made it, or keep it until the client has taken what is before it.

        Nothing goes out after the end.
        """
        if self.waiting or not self.writable.is_set():
            self.waiting.append(frame)
            self.waiting_bytes += len(frame)
        else:
            self._write(frame)

    def _write(self, frame: bytes) -> None:
        if self.conn.state is State.OPEN and not self.transport.is_closing():
            self.transport.write(frame)
            self.taken_bytes += len(frame)

    def stuck_s(self, now_s: float) -> float:
        """How long the client has taken nothing of what is on its way; 0 while it takes something or all is out.

        Call it regularly: it compares with what it saw the time before.
        """
        unsent = self.transport.get_write_buffer_size()
        moved = unsent < self.unsent_bytes or self.taken_bytes != self.seen_taken_bytes
        self.unsent_bytes, self.seen_taken_bytes = unsent, self.taken_bytes
        if unsent == 0 or moved or self.stuck_since_s is None:
            self.stuck_since_s = now_s
        return now_s - self.stuck_since_s

    def behind_s(self, now_s: float) -> float:
        """How long frames have been waiting here for the client without a pause; 0 when none waits."""
        if not self.waiting:
            self.behind_since_s = None
        elif self.behind_since_s is None:
            self.behind_since_s = now_s
        return 0.0 if self.behind_since_s is None else now_s - self.behind_since_s

    def fail(self, code: int, reason: str, last_words: bytes | None = None) -> None:
        """End the socket: last words (a whole frame) and a close frame, then cut it off within two seconds."""
        if self.close_sent or self.disconnected:
            return
        self.stop_keepalive()
        self.waiting.clear()
        self.waiting_bytes = 0
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if self.conn.state is State.OPEN and not self.transport.is_closing():
            if last_words is not None:
                self.transport.write(last_words)
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            # The client's own close frame is what ends the connection early.
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LAST_WORDS_S, self.transport.abort)
        metrics.CLOSES.labels(str(code)).inc()
