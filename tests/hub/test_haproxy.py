"""The one web port: who is joined to whom, what the processes learn of the client, and what comes through whole."""

import asyncio
import json
import os
import resource
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from hub.services.haproxy import address_of, bounded
from hub.services.process import started_at
from tests.hub.proxied import (
    LARGE,
    MEDIUM,
    PACKED,
    Process,
    Proxied,
    closed,
    get,
    is_open,
    post,
    proxied,
    slow_reader,
    whole,
)
from tests.ports import free_ports
from tests.waiting import until


@pytest_asyncio.fixture(scope="module")
async def proxy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Proxied]:
    async with whole(tmp_path_factory.mktemp("proxy")) as proxy:
        yield proxy


@pytest.mark.parametrize(
    ("target", "process"),
    [
        ("/", "api"),
        ("/ws/share", "push"),
        ("/ws/?x=/mqtt", "push"),
        ("/wsx", "api"),
        ("/mqtt/", "broker"),
        ("/mqtt/x?y=/ws", "broker"),
        ("/api/ws", "api"),
        ("/%77s/", "api"),
    ],
)
async def test_the_path_alone_decides_the_process(proxy: Proxied, target: str, process: str) -> None:
    assert (await proxy.asked(get(target)))["by"] == process


async def test_what_is_no_request_is_refused(proxy: Proxied) -> None:
    for words in (b"\x16\x03\x01\r\n\r\n", b"PROXY TCP4 203.0.113.9 10.0.0.1 51000 8080\r\n" + get("/who")):
        assert (await proxy.exchange(words)).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("hosts", [(), ("a.example", "b.example"), ("a.example, b.example",)])
async def test_a_request_is_for_one_host(proxy: Proxied, hosts: tuple[str, ...]) -> None:
    head = "".join(f"Host: {host}\r\n" for host in hosts)
    answer = await proxy.exchange(f"GET /who HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_a_client_cannot_choose_its_address(proxy: Proxied) -> None:
    forged = ("X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 10.0.0.1", "Forwarded: for=203.0.113.9")
    answer = await proxy.asked(get("/who", *forged, "X-Forwarded-Host: evil.example"), "127.0.0.7")
    assert answer["client"] == "127.0.0.7"
    assert sorted(answer["heads"]) == ["x-forwarded-for", "x-forwarded-proto"]
    headers = {"X-Forwarded-For": "203.0.113.9"}
    async with connect(f"ws://127.0.0.1:{proxy.port}/ws", additional_headers=headers) as socket:
        assert json.loads(await socket.recv()) == {"by": "push", "client": "127.0.0.1"}


async def test_a_socket_reaches_push_with_the_real_client(proxy: Proxied) -> None:
    async with connect(f"ws://127.0.0.1:{proxy.port}/ws", local_addr=("127.0.0.8", 0)) as socket:
        assert json.loads(await socket.recv()) == {"by": "push", "client": "127.0.0.8"}
        await socket.send("привет")
        assert await socket.recv() == "привет"


async def test_each_request_of_a_kept_connection_goes_its_own_way(proxy: Proxied) -> None:
    # As an operator's proxy sends them: one client's after another's.
    reader, writer = await proxy.connected()
    async with asyncio.timeout(10):
        for path, process in (("/who", b"api"), ("/ws/share", b"push"), ("/mqtt/", b"broker"), ("/who", b"api")):
            writer.write(get(path, "Via: 1.1 Caddy", connection="keep-alive"))
            assert b'"by":"' + process in await reader.readuntil(b"}")
    await closed(writer)


async def test_behind_an_operators_proxy_the_client_is_whom_that_one_names_last(tmp_path: Path) -> None:
    async with whole(tmp_path, outer_proxy=True) as proxy:
        reader, writer = await proxy.connected("127.0.0.9")
        async with asyncio.timeout(10):
            for heads, client in (
                (
                    ("X-Forwarded-For: 10.0.0.1, 203.0.113.7", "X-Forwarded-For: 198.51.100.2, 203.0.113.9"),
                    "203.0.113.9",
                ),
                (("X-Forwarded-For: 2001:db8::1",), "2001:db8::1"),
                # Nobody inherits the address of the one before him.
                ((), "127.0.0.9"),
                (("X-Forwarded-For: 203.0.113.8, unknown",), "127.0.0.9"),
            ):
                writer.write(get("/who", *heads, connection="keep-alive"))
                assert json.loads((await reader.readuntil(b"}")).partition(b"\r\n\r\n")[2])["client"] == client
        await closed(writer)
        headers = {"X-Forwarded-For": "203.0.113.9"}
        async with connect(f"ws://127.0.0.1:{proxy.port}/ws", additional_headers=headers) as socket:
            assert json.loads(await socket.recv())["client"] == "203.0.113.9"


async def test_figures_are_shown_to_nobody_who_came_through_another_proxy(proxy: Proxied) -> None:
    assert (await proxy.asked(get("/metrics")))["by"] == "api"
    for path, head in (("/metrics", "X-Forwarded-For: 85.113.20.1"), ("/%6detrics", "Via: 1.1 Caddy")):
        assert (await proxy.exchange(get(path, head))).startswith(b"HTTP/1.1 404 ")


async def test_in_containers_where_everyone_looks_near_figures_are_shown_to_nobody(tmp_path: Path) -> None:
    in_a_container = {'.if !streq("$HUB_PROXY_FIGURES",near)': '.if !streq("",near)'}
    async with whole(tmp_path, in_a_container) as proxy:
        assert (await proxy.exchange(get("/metrics"))).startswith(b"HTTP/1.1 404 ")
        assert proxy.api.asked == []


async def test_a_half_closed_client_still_gets_its_answer(proxy: Proxied) -> None:
    reader, writer = await proxy.connected()
    writer.write(get("/large"))
    writer.write_eof()
    async with asyncio.timeout(20):
        assert (await reader.read(-1)).endswith(b"x" * 1000)
    await closed(writer)


async def test_an_upload_passes_whole(proxy: Proxied) -> None:
    assert b'"length":3000000' in await proxy.exchange(post("/who", 3_000_000, "Connection: close") + b"y" * 3_000_000)
    assert b'"length":8' in await proxy.exchange(post("/who", 8, "Via: x", "Connection: close") + b"a\r\n\r\nb\r\n")


async def test_what_was_packed_comes_as_it_was_packed(proxy: Proxied) -> None:
    answer = await proxy.exchange(get("/packed", "Accept-Encoding: gzip, br"))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-encoding: br\r\n" in head
    assert body == PACKED


async def test_a_reader_that_stops_holds_the_process_back_and_loses_nothing(proxy: Proxied) -> None:
    reader, writer = await slow_reader(proxy.port)
    writer.write(get("/large"))
    await reader.readuntil(b"\r\n\r\n")
    await until(lambda: is_held_back(proxy.api), what="the process to be held back")
    assert proxy.api.written < LARGE / 2
    total = 0
    async with asyncio.timeout(20):
        while chunk := await reader.read(65536):
            total += len(chunk)
    assert total == LARGE
    await closed(writer)


async def is_held_back(process: Process) -> bool:
    """Whether a process that has begun to write has got rid of nothing for a while."""
    before = process.written
    await asyncio.sleep(0.2)
    return 0 < before == process.written


async def test_a_slow_reader_gets_what_is_left_after_the_end(tmp_path: Path) -> None:
    hasty = {"timeout client 60s": "timeout client 1s", "timeout client-fin 10s": "timeout client-fin 1s"}
    async with whole(tmp_path, hasty) as proxy:
        reader, writer = await slow_reader(proxy.port, 32768)
        writer.write(get("/medium"))
        await reader.readuntil(b"\r\n\r\n")
        total = 0
        while chunk := await reader.read(32768):
            total += len(chunk)
            # A phone on a bad network takes some bytes a second.
            await asyncio.sleep(0.02)
        assert total == MEDIUM
        await closed(writer)


async def test_a_process_that_restarts_is_waited_for(tmp_path: Path) -> None:
    async with proxied(tmp_path) as proxy:
        for process, path in ((proxy.api, "/who"), (proxy.push, "/ws/share")):
            asking = asyncio.create_task(proxy.asked(get(path)))
            await until(lambda: proxy.figure("haproxy_frontend_current_sessions"), what="the request to wait")
            async with process.served():
                assert (await asking)["by"] == process.name


async def test_a_process_that_stays_away_is_a_plain_page(tmp_path: Path) -> None:
    async with proxied(tmp_path, {"retries 10": "retries 1"}) as proxy:
        answer = await proxy.exchange(get("/"))
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 2" in answer


async def test_a_request_is_answered_by_another_process_while_one_is_away(tmp_path: Path) -> None:
    (other,) = free_ports(1)
    async with proxied(tmp_path) as proxy:
        pass
    addresses = [("127.0.0.1", other), ("127.0.0.1", proxy.api.port)]
    async with proxied(tmp_path, api=addresses) as both:
        process = Process("second", addresses[1][1])
        async with process.served():
            for _ in range(4):
                assert (await both.asked(get("/who")))["by"] == "second"


async def test_sockets_go_to_the_least_busy_push_process(tmp_path: Path) -> None:
    one, two = (Process(name, port) for name, port in zip(("one", "two"), free_ports(2), strict=True))
    async with (
        proxied(tmp_path, push=[("127.0.0.1", one.port), ("127.0.0.1", two.port)]) as proxy,
        one.served(),
        two.served(),
    ):
        url = f"ws://127.0.0.1:{proxy.port}/ws"
        async with connect(url) as first, connect(url) as second:
            assert {json.loads(await socket.recv())["by"] for socket in (first, second)} == {"one", "two"}


async def test_a_reload_drops_no_socket_and_no_request(tmp_path: Path) -> None:
    async with whole(tmp_path) as proxy, connect(f"ws://127.0.0.1:{proxy.port}/ws") as socket:
        await socket.recv()
        reloaded = asyncio.Event()

        async def ask_on() -> int:
            count = 0
            while not reloaded.is_set() or count < 20:
                assert (await proxy.asked(get("/who")))["by"] == "api"
                count += 1
            return count

        asking = [asyncio.create_task(ask_on()) for _ in range(4)]
        await until(lambda: times_loaded(proxy) == 1, what="the master to listen to signals")
        before = workers(proxy)
        proxy.service.reload()
        await until(lambda: times_loaded(proxy) == 2, what="the reload")
        reloaded.set()
        # The one before stays for the socket's sake alone.
        assert len(workers(proxy)) == 2
        assert workers(proxy) > before
        assert min(await asyncio.gather(*asking)) >= 20
        await socket.send("still here")
        assert await socket.recv() == "still here"


def times_loaded(proxy: Proxied) -> int:
    return proxy.service.process.log_tail(200).count("Loading success")


def workers(proxy: Proxied) -> set[int]:
    """The processes under the one that was started."""
    pid = proxy.service.process.pid
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


async def test_killed_it_leaves_nothing_behind_and_comes_up_again(tmp_path: Path) -> None:
    async with whole(tmp_path) as proxy:
        (worker,) = workers(proxy)
        proxy.service.process.send(signal.SIGKILL)
        await proxy.service.process.wait()
        await until(lambda: not is_living(worker), what="the worker to end with its master")
        await proxy.service.start()
        assert (await proxy.asked(get("/who")))["by"] == "api"
        # As after a shortage of memory, where the larger of the two is shot.
        (worker,) = workers(proxy)
        os.kill(worker, signal.SIGKILL)
        assert await proxy.service.process.wait() != 0


def is_living(pid: int) -> bool:
    return started_at(pid) is not None


async def test_it_stops_within_seconds_though_sockets_are_open(tmp_path: Path) -> None:
    async with whole(tmp_path) as proxy, connect(f"ws://127.0.0.1:{proxy.port}/ws"):
        async with asyncio.timeout(3):
            await proxy.service.stop()
        assert not await is_open(proxy.port)


@pytest.mark.parametrize(
    ("open_files", "clients"),
    [(65_536, 10_000), (20_000, 9_475), (4_096, 1_901), (1_024, 439), (resource.RLIM_INFINITY, 10_000)],
)
def test_it_lets_in_no_more_clients_than_files_may_be_open(open_files: int, clients: int) -> None:
    assert bounded(10_000, open_files) == clients


def test_an_ipv6_address_is_told_apart_from_its_port() -> None:
    assert address_of(("::", 8080)) == "[::]:8080"
    assert address_of(("127.0.0.1", 8080)) == "127.0.0.1:8080"
