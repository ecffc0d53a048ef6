"""Browsers, as the push process sees them: a thousand sockets that read frames and note how old they are.

`python -m bench.listeners --port P --path /ws --sockets N --counters FILE --out FILE [--cookie C] [--origin O]`

Every socket joins the room. The age of a `positions` frame is the time since the hub received the oldest position in
it; each socket looks into one frame of sixteen. Ages go to the out file as JSON when told to stop: one list a socket
would be too much, so the worst age of each socket and the spread of all.
"""

import argparse
import asyncio
import base64
import os
import time
from pathlib import Path
from typing import cast

import msgspec
import uvloop

from bench.counters import Counters

HEAD_BYTES = 32
LOOKED_INTO = 16


class Seen(msgspec.Struct):
    """What matters here of a position."""

    received_at_ms: int


class Frame(msgspec.Struct):
    """What matters here of a frame of positions."""

    positions: list[Seen]


class Published(msgspec.Struct):
    """A frame as another message server passes it on."""

    data: Frame


class Envelope(msgspec.Struct):
    """What that server puts around it."""

    pub: Published


decode_frame = msgspec.json.Decoder(Frame).decode
decode_envelope = msgspec.json.Decoder(Envelope).decode


def positions_of(frame: memoryview) -> list[Seen] | None:
    """The positions of a frame of ours; None of another frame."""
    return decode_frame(frame).positions if bytes(frame[:HEAD_BYTES]).startswith(b'{"type":"positions"') else None


def enveloped_positions_of(frame: memoryview) -> list[Seen] | None:
    """The same where they come in an envelope."""
    return decode_envelope(frame).pub.data.positions if b'"pub"' in bytes(frame[:HEAD_BYTES]) else None


def masked_text(text: bytes) -> bytes:
    """A client's text frame below 126 bytes; the mask is zero, which is as valid as any."""
    return bytes([0x81, 0x80 | len(text)]) + bytes(4) + text


class Listener(asyncio.Protocol):
    """One socket: a hand-made handshake, then frame headers only."""

    def __init__(self, number: int, handshake: bytes, crowd: "Crowd") -> None:
        self.number, self.handshake, self.crowd = number, handshake, crowd
        self.buffer = bytearray()
        self.open = False
        self.frames = self.bytes = 0
        self.worst_ms = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(self.handshake)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.open:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            if b" 101 " not in self.buffer[:20]:
                raise ConnectionRefusedError(self.buffer[:200])
            del self.buffer[: end + 4]
            self.open = True
            self.crowd.open += 1
            self.transport.write(masked_text(self.crowd.greeting))
        self.read_frames()

    def read_frames(self) -> None:
        while len(self.buffer) >= 2:
            size, head = self.buffer[1] & 0x7F, 2
            if size == 126:
                size, head = int.from_bytes(self.buffer[2:4]), 4
            elif size == 127:
                size, head = int.from_bytes(self.buffer[2:10]), 10
            if len(self.buffer) < head + size:
                return
            if self.buffer[0] & 0x0F == 9:
                self.transport.write(bytes([0x8A, 0x80 | size]) + bytes(4) + bytes(self.buffer[head : head + size]))
            else:
                self.note(memoryview(self.buffer)[head : head + size])
            del self.buffer[: head + size]

    def note(self, frame: memoryview) -> None:
        self.frames += 1
        self.bytes += len(frame)
        if bytes(frame[:HEAD_BYTES]).startswith(b'{"type":"snapshot"'):
            self.crowd.snapshots += 1
        elif (self.frames + self.number) % LOOKED_INTO == 0 and (seen := self.crowd.positions_of(frame)):
            oldest_ms = min(position.received_at_ms for position in seen)
            age_ms = time.time() * 1000 - oldest_ms
            self.worst_ms = max(self.worst_ms, age_ms)
            self.crowd.ages_ms.append(age_ms)
        frame.release()

    def connection_lost(self, error: Exception | None) -> None:
        self.crowd.closed += 1


class Crowd:
    """All sockets of this process."""

    def __init__(self, greeting: bytes, enveloped: bool) -> None:
        self.greeting = greeting
        self.positions_of = enveloped_positions_of if enveloped else positions_of
        self.open = self.snapshots = self.closed = 0
        self.ages_ms: list[float] = []
        self.listeners: list[Listener] = []

    def forget(self) -> None:
        """Start measuring now."""
        self.ages_ms.clear()
        for listener in self.listeners:
            listener.worst_ms, listener.frames, listener.bytes = 0.0, 0, 0


class Ages(msgspec.Struct):
    """What the listeners saw; milliseconds."""

    sockets: int
    closed: int
    frames: int
    bytes: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    fewest_frames: int


def summary(crowd: Crowd) -> Ages:
    ages = sorted(crowd.ages_ms) or [0.0]
    return Ages(
        sockets=len(crowd.listeners),
        closed=crowd.closed,
        frames=sum(listener.frames for listener in crowd.listeners),
        bytes=sum(listener.bytes for listener in crowd.listeners),
        p50_ms=ages[len(ages) // 2],
        p99_ms=ages[int(len(ages) * 0.99)],
        worst_ms=max(listener.worst_ms for listener in crowd.listeners),
        fewest_frames=min(listener.frames for listener in crowd.listeners),
    )


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", default="/ws")
    parser.add_argument("--sockets", type=int, required=True)
    parser.add_argument("--counters", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cookies", type=Path, help="a Cookie header a line, taken in turn")
    parser.add_argument("--origin", default="")
    parser.add_argument("--greeting", default='{"type":"join"}')
    parser.add_argument("--enveloped", action="store_true", help="frames come in another server's envelope")
    arguments = parser.parse_args()
    counters = Counters(arguments.counters)
    crowd = Crowd(arguments.greeting.encode(), arguments.enveloped)
    cookies = arguments.cookies.read_text().splitlines() if arguments.cookies else [""]
    loop = asyncio.get_running_loop()
    for number in range(arguments.sockets):
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {arguments.path} HTTP/1.1",
            f"Host: 127.0.0.1:{arguments.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
        ]
        cookie = cookies[number % len(cookies)]
        lines += [f"Cookie: {cookie}"] if cookie else []
        lines += [f"Origin: {arguments.origin}"] if arguments.origin else []
        listener = Listener(number, "\r\n".join([*lines, "", ""]).encode(), crowd)
        await loop.create_connection(lambda listener=listener: listener, "127.0.0.1", arguments.port)  # type: ignore[misc]
        crowd.listeners.append(listener)
    while not counters["ready"]:
        counters["received"], counters["open"] = crowd.snapshots, crowd.open
        await asyncio.sleep(0.02)
    crowd.forget()
    await counters.until("stop")
    arguments.out.write_bytes(msgspec.json.encode(summary(crowd)))


if __name__ == "__main__":
    uvloop.run(main())
