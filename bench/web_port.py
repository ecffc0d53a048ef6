"""Leg: what the one web port adds: the proxy before a bare server, beside the same server without it."""

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.machine import PAGE_BYTES, children, processor_seconds
from bench.report import Figure
from bench.world import World
from hub.services.haproxy import HaproxyConfig, HaproxyService
from hub.services.ports import free_ports

LEG = "web port"
SOCKETS = 1_000
AT_ONCE = 16
GET = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 500\r\n\r\n" + b"x" * 500
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
AGREED = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
FRAME = b"\x82\x7e\x01\x2c" + b"x" * 300


class Bare(asyncio.Protocol):
    """Answers every head the same way; after a handshake it sends back what it gets."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = b""
        self.echoes = False

    def data_received(self, data: bytes) -> None:
        if self.echoes:
            self.transport.write(data)
            return
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, _, self.received = self.received.partition(b"\r\n\r\n")
            self.echoes = b"pgrade: websocket" in head
            self.transport.write(AGREED if self.echoes else ANSWER)


@dataclass(frozen=True)
class Seen:
    """What one way to the server costs: memory of an idle socket, waiting for a small page, processor seconds."""

    socket_kib: float
    p50_ms: float
    p99_ms: float
    requests_cpu_s: float
    frames_cpu_s: float


def memory_kib(pid: int) -> float:
    """Resident memory of a process and all below it that is its own."""
    pages = 0
    for one in children(pid):
        resident, shared = Path(f"/proc/{one}/statm").read_text().split()[1:3]
        pages += int(resident) - int(shared)
    return pages * PAGE_BYTES / 1024


async def opened(port: int, request: bytes, answer: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection whose first request was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asked(reader, writer, request, answer)
    return reader, writer


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, answer: bytes) -> None:
    """One request and its whole answer, headers of whatever length."""
    writer.write(request)
    if answer is FRAME:
        await reader.readexactly(len(FRAME))
        return
    await reader.readuntil(b"\r\n\r\n")
    if answer is ANSWER:
        await reader.readexactly(500)


async def rush(port: int, pid: int, first: tuple[bytes, bytes], then: tuple[bytes, bytes], seconds: float) -> float:
    """Processor seconds of `pid` for a hundred thousand of `then`, asked over connections that began with `first`."""
    connections = [await opened(port, *first) for _ in range(AT_ONCE)]
    ends_at = time.monotonic() + seconds
    before = processor_seconds(pid)

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        count = 0
        while time.monotonic() < ends_at:
            await asked(reader, writer, *then)
            count += 1
        writer.close()
        return count

    count = sum(await asyncio.gather(*(ask(*connection) for connection in connections)))
    return (processor_seconds(pid) - before) / count * 100_000


async def look(port: int, pid: int, seconds: float) -> Seen:
    """Measure the way that begins at `port`; `pid` is who pays for it."""
    await rush(port, pid, (GET, ANSWER), (GET, ANSWER), min(1.0, seconds))
    empty_kib = memory_kib(pid)
    sockets = [await opened(port, UPGRADE, AGREED) for _ in range(SOCKETS)]
    socket_kib = (memory_kib(pid) - empty_kib) / SOCKETS
    for _, writer in sockets:
        writer.close()
    reader, writer = await opened(port, GET, ANSWER)
    waits: list[float] = []
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        began = time.perf_counter()
        await asked(reader, writer, GET, ANSWER)
        waits.append((time.perf_counter() - began) * 1000)
    writer.close()
    return Seen(
        socket_kib,
        statistics.median(waits),
        statistics.quantiles(waits, n=100)[98],
        await rush(port, pid, (GET, ANSWER), (GET, ANSWER), seconds),
        await rush(port, pid, (UPGRADE, AGREED), (FRAME, FRAME), seconds),
    )


@asynccontextmanager
async def bare_server(world: World) -> AsyncIterator[tuple[int, int]]:
    """The server without anything before it: port and process id."""
    (port,) = free_ports(1)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.web_port", str(port))
    try:
        await world.answering(port)
        yield port, process.pid
    finally:
        process.terminate()
        await process.wait()


async def leg(world: World, logins: list[str], runs: int, seconds: float) -> list[Figure]:
    """The proxy beside nothing."""
    through: list[Seen] = []
    directly: list[Seen] = []
    async with bare_server(world) as (server, pid):
        port, figures = free_ports(2)
        there = ("127.0.0.1", server)
        config = HaproxyConfig(world.directory / "haproxy", "127.0.0.1", port, [there], [there], there, figures)
        for _ in range(runs):
            directly.append(await look(server, pid, seconds / 4))
            # A fresh one each time: it keeps the memory of sockets that are gone.
            service = HaproxyService(config)
            await service.start()
            try:
                through.append(await look(port, service.process.pid, seconds / 4))
            finally:
                await service.stop()
    return [
        Figure(LEG, "memory of an idle socket", "KiB", [one.socket_kib for one in through]),
        Figure(LEG, "a small page, median", "ms", [one.p50_ms for one in through]),
        Figure(LEG, "a small page, p99", "ms", [one.p99_ms for one in through]),
        Figure(LEG, "without the proxy, median", "ms", [one.p50_ms for one in directly]),
        Figure(LEG, "without the proxy, p99", "ms", [one.p99_ms for one in directly]),
        Figure(LEG, "processor for 100k requests", "s", [one.requests_cpu_s for one in through]),
        Figure(LEG, "processor for 100k frames each way", "s", [one.frames_cpu_s for one in through]),
    ]


async def serve(port: int) -> None:
    """The bare server's process."""
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
