"""What one client's connection may carry: requests sent behind each other without waiting, wishes for other protocols,
bodies, a socket. Each is answered in its turn, and nobody is answered with what was meant for another."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.hub.proxied import Proxied, closed, get, whole


@pytest_asyncio.fixture(scope="module")
async def proxy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Proxied]:
    async with whole(tmp_path_factory.mktemp("proxy")) as proxy:
        yield proxy


def wish(protocol: bytes, body: bytes, path: bytes = b"/who") -> bytes:
    head = b"POST %b HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (path, protocol, len(body)) + body


PLAIN = b"POST /who HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%b"


@pytest.mark.parametrize("protocol", [b"", b"h2c", b"websocket", b"TLS/1.0"])
async def test_each_is_answered_also_when_all_wish_for_another_protocol(proxy: Proxied, protocol: bytes) -> None:
    reader, writer = await proxy.connected()
    # Without a body the wish for a WebSocket is a handshake, and one without its key is refused.
    bodies = (b"one", b"three", b"" if protocol != b"websocket" else b"-", b"thirteen", b"x" * 50_000)
    requests = [wish(protocol, body) if protocol else PLAIN % (len(body), body) for body in bodies]
    writer.write(b"".join(requests))
    async with asyncio.timeout(10):
        for body in bodies:
            assert b'"length":%d,' % len(body) in await reader.readuntil(b"}")
        # A body that comes behind its head, and another request behind that.
        writer.write(requests[0][:-3])
        await writer.drain()
        writer.write(b"one" + get("/who", connection="keep-alive"))
        assert b'"length":3,' in await reader.readuntil(b"}")
        assert b'"length":0,' in await reader.readuntil(b"}")
    await closed(writer)


@pytest.mark.parametrize("path", ["/who", "/ws/x", "/mqtt/x"])
async def test_a_wish_that_is_not_granted_reaches_no_process(proxy: Proxied, path: str) -> None:
    reader, writer = await proxy.connected()
    without_body = get(path, "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA", connection="Upgrade")
    for request in (without_body, wish(b"h2c", b"hello", path.encode())):
        writer.write(request)
        async with asyncio.timeout(10):
            answer = await reader.readuntil(b"}")
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b'"upgrade"' not in answer
    assert b'"length":5' in answer
    await closed(writer)


async def test_requests_with_large_heads_and_bodies_follow_each_other(proxy: Proxied) -> None:
    head = b"POST /who HTTP/1.1\r\nHost: h\r\nContent-Length: 30000\r\nX: " + b"a" * 14_000 + b"\r\n\r\n"
    reader, writer = await proxy.connected()
    async with asyncio.timeout(10):
        writer.write((head + b"y" * 30_000) * 3)
        for _ in range(3):
            assert b'"length":30000' in await reader.readuntil(b"}")
    await closed(writer)


async def test_what_is_no_request_ends_the_connection_behind_the_answers_before_it(proxy: Proxied) -> None:
    reader, writer = await proxy.connected()
    writer.write(get("/who", connection="keep-alive") * 2 + b"no request\r\n\r\n")
    async with asyncio.timeout(10):
        for _ in range(2):
            assert b"200 OK" in await reader.readuntil(b"}")
        assert (await reader.read(-1)).startswith(b"HTTP/1.1 400 ")
    await closed(writer)


async def test_a_head_that_can_be_read_in_two_ways_is_refused(proxy: Proxied) -> None:
    smuggled = b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n"
    for heads in (b"Content-Length: 5\r\nContent-Length: 6\r\n", b"Transfer-Encoding: x, chunked, chunked\r\n"):
        asked = len(proxy.api.asked)
        answer = await proxy.exchange(
            b"POST /who HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + heads + b"\r\n" + smuggled
        )
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert len(proxy.api.asked) == asked
