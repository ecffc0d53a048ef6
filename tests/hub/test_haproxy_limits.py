"""What bad clients cost at the web port: slow ones, silent ones, greedy ones, and what is left for all others."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from push.protocol import LiveProtocol
from tests.hub.proxied import (
    Connection,
    Proxied,
    closed,
    get,
    post,
    proxied,
    slow_reader,
    whole,
)
from tests.waiting import until

HASTY_HEADS = {"timeout http-request 10s": "timeout http-request 300ms"}
HASTY_CLIENTS = {
    "timeout client 60s": "timeout client 300ms",
    "timeout client-fin 10s": "timeout client-fin 300ms",
}
HASTY_SOCKETS = {"timeout tunnel 75s": "timeout tunnel 300ms"}


@asynccontextmanager
async def second_request(proxy: Proxied) -> AsyncIterator[Connection]:
    """A connection whose first request was answered."""
    reader, writer = await proxy.connected()
    writer.write(get("/who", connection="keep-alive"))
    await reader.readuntil(b"}")
    async with asyncio.timeout(10):
        yield reader, writer
    await closed(writer)


async def test_an_endless_head_is_refused(tmp_path: Path) -> None:
    endless = b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"a" * 17_000
    async with whole(tmp_path) as proxy:
        assert (await proxy.exchange(endless)).startswith(b"HTTP/1.1 400 ")
        async with second_request(proxy) as (reader, writer):
            writer.write(endless)
            assert (await reader.read(-1)).startswith(b"HTTP/1.1 400 ")


async def test_endless_headers_behind_a_body_end_the_connection(tmp_path: Path) -> None:
    async with whole(tmp_path) as proxy, second_request(proxy) as (reader, writer):
        head = b"POST /who HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(head + b"1\r\nx\r\n0\r\n" + b"X: a\r\n" * 5000)
        with suppress(ConnectionResetError):
            assert b"200 OK" not in await reader.read(-1)


async def test_a_head_that_never_ends_is_given_up_on(tmp_path: Path) -> None:
    async with whole(tmp_path, HASTY_HEADS) as proxy:
        assert (await proxy.exchange(b"GET / HTTP/1.1\r\n", timeout_s=5)).startswith(b"HTTP/1.1 408 ")
        async with second_request(proxy) as (reader, writer):
            writer.write(b"GET /who HTTP/1.1\r\nHost: h\r\n")
            assert (await reader.read(-1)).startswith(b"HTTP/1.1 408 ")
        # Who says nothing at all, as a browser that opens a connection in advance, is not answered either.
        assert await proxy.exchange(b"", timeout_s=5) == b""


async def test_a_head_that_comes_byte_by_byte_is_given_up_on_in_the_same_time(tmp_path: Path) -> None:
    async with whole(tmp_path, HASTY_HEADS) as proxy:
        reader, writer = await proxy.connected()

        async def drip() -> None:
            for byte in get("/who"):
                writer.write(bytes([byte]))
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        async with asyncio.timeout(2):
            assert (await reader.read(-1)).startswith(b"HTTP/1.1 408 ")
        dripping.cancel()
        await closed(writer)


async def test_a_connection_nobody_uses_is_closed(tmp_path: Path) -> None:
    async with (
        whole(tmp_path, {"timeout http-keep-alive 20s": "timeout http-keep-alive 200ms"}) as proxy,
        second_request(proxy) as (reader, _),
    ):
        assert await reader.read(-1) == b""


@pytest.mark.parametrize("pause_s", [0.05, 60])
async def test_a_body_that_comes_too_slowly_or_stops_is_given_up_on(tmp_path: Path, pause_s: float) -> None:
    async with proxied(tmp_path, {"timeout client 60s": "timeout client 1s"}) as proxy, proxy.api.served("none", 0.5):
        reader, writer = await proxy.connected()
        writer.write(post("/who", 1000))

        async def drip() -> None:
            while True:
                writer.write(b"x")
                await asyncio.sleep(pause_s)

        dripping = asyncio.create_task(drip())
        async with asyncio.timeout(5):
            assert (await reader.readuntil(b"\r\n")).startswith(b"HTTP/1.1 408 ")
            with suppress(ConnectionResetError):
                await reader.read(-1)
        dripping.cancel()
        await closed(writer)


async def test_a_reader_that_stops_for_good_is_let_go(tmp_path: Path) -> None:
    async with whole(tmp_path, HASTY_CLIENTS) as proxy:
        reader, writer = await slow_reader(proxy.port)
        writer.write(get("/large"))
        await reader.readuntil(b"\r\n\r\n")
        await until(lambda: is_empty(proxy), what="the client to be let go")
        await closed(writer)


async def is_empty(proxy: Proxied) -> bool:
    return await proxy.figure("haproxy_frontend_current_sessions") == 0


async def test_a_live_socket_that_is_not_read_holds_its_process_back_within_a_second(tmp_path: Path) -> None:
    # What kernel and proxy take in for a sleeping phone, push does not see: it closes one that is behind for seconds.
    async with proxied(tmp_path) as proxy, proxy.push.served(LiveProtocol):
        reader, writer = await slow_reader(proxy.port, 65536)
        writer.write(HANDSHAKE % b"/ws/flood")
        async with asyncio.timeout(10):
            await reader.readuntil(b"\r\n\r\n")
            await until(lambda: is_held_back(proxy), what="push to be held back")
        assert proxy.push.written < 1_500_000
        writer.transport.abort()


async def is_held_back(proxy: Proxied) -> bool:
    before = proxy.push.written
    await asyncio.sleep(0.3)
    return 0 < before == proxy.push.written


HANDSHAKE = (
    b"GET %b HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: aHViIGNoZWNrIGFza3MgeQ==\r\n\r\n"
)


@pytest.mark.parametrize("path", ["/ws", "/mqtt"])
async def test_a_socket_that_says_nothing_is_ended_and_one_that_speaks_lasts(tmp_path: Path, path: str) -> None:
    async with whole(tmp_path, HASTY_SOCKETS) as proxy:
        url = f"ws://127.0.0.1:{proxy.port}"
        async with connect(f"{url}/ws") as speaking, connect(f"{url}{path}", ping_interval=None) as silent:
            await speaking.recv()
            if path == "/ws":
                await silent.recv()
            ending = asyncio.create_task(silent.recv())
            while not ending.done():
                await speaking.send("here")
                assert await speaking.recv() == "here"
                await asyncio.sleep(0.05)
            with pytest.raises(ConnectionClosed):
                await ending
        await until(lambda: proxy.push.sockets + proxy.broker.sockets == 0, what="the processes to be told")


@asynccontextmanager
async def flood(proxy: Proxied, count: int, sources: list[str]) -> AsyncIterator[None]:
    """Connections from each of some addresses, so many each, that say nothing."""
    with ExitStack() as stack:
        for source in sources:
            for _ in range(count):
                address = ("127.0.0.1", proxy.port)
                with suppress(ConnectionResetError):
                    stack.enter_context(socket.create_connection(address, source_address=(source, 0)))
        await until(lambda: has_seen(proxy, count * len(sources)), what="the proxy to have seen all")
        yield


async def has_seen(proxy: Proxied, count: int) -> bool:
    return await proxy.figure("haproxy_frontend_connections_total") >= count


async def test_one_flooder_takes_less_than_half_and_stops_nobody_else(tmp_path: Path) -> None:
    async with whole(tmp_path, connections=100) as proxy, flood(proxy, 150, ["127.0.0.2"]):
        held = await proxy.figure("haproxy_frontend_current_sessions")
        # In a rush those still to be looked at count as well.
        assert 20 <= held <= 46
        for number in range(3, 10):
            assert (await proxy.asked(get("/who"), f"127.0.0.{number}"))["by"] == "api"


async def test_several_flooders_leave_something_between_them(tmp_path: Path) -> None:
    flooders = [f"127.0.1.{number}" for number in range(1, 7)]
    async with whole(tmp_path, connections=200) as proxy, flood(proxy, 100, flooders):
        assert await proxy.figure("haproxy_frontend_current_sessions") < 190
        async with connect(f"ws://127.0.0.1:{proxy.port}/ws") as live:
            assert '"push"' in str(await live.recv())
        assert (await proxy.asked(get("/who")))["by"] == "api"


async def test_many_phones_behind_one_address_are_let_in(tmp_path: Path) -> None:
    async with whole(tmp_path, connections=400) as proxy:
        url = f"ws://127.0.0.1:{proxy.port}/ws"
        sockets = [await connect(url, local_addr=("127.0.0.2", 0)) for _ in range(150)]
        await until(lambda: proxy.push.sockets == 150, what="all of them to be let in")
        await asyncio.gather(*(live.close() for live in sockets))


async def test_who_finds_no_room_is_told_so(tmp_path: Path) -> None:
    everyone = [f"127.0.2.{number}" for number in range(1, 101)]
    async with whole(tmp_path, connections=100) as proxy, flood(proxy, 1, everyone):
        answer = await proxy.exchange(get("/"), "127.0.3.1")
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 2" in answer


async def test_behind_an_operators_proxy_one_client_who_holds_too_much_is_told_so(tmp_path: Path) -> None:
    async with whole(tmp_path, connections=100, outer_proxy=True) as proxy:
        url = f"ws://127.0.0.1:{proxy.port}/ws"
        greedy, other = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}
        sockets = [await connect(url, additional_headers=greedy) for _ in range(40)]
        for _ in range(10):
            with suppress(Exception):
                sockets.append(await connect(url, additional_headers=greedy))
        assert len(sockets) < 50
        answer = await proxy.exchange(get("/who", "X-Forwarded-For: 203.0.113.7"))
        assert answer.startswith(b"HTTP/1.1 429 ")
        async with connect(url, additional_headers=other) as live:
            assert '"203.0.113.8"' in str(await live.recv())
        await asyncio.gather(*(live.close() for live in sockets))
