"""What a socket may not do, and how it ends: always with a code, never at the others' cost."""

import asyncio
import itertools
import json
import socket
from contextlib import suppress
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from freight.accounts.actions import Client, create_user, open_session
from freight.permissions import ROLES, ROOMS, room_of
from push import messages
from push.limits import PushLimits
from push.protocol import LiveProtocol
from tests.push.conftest import PUBLIC_URL, Browser, Firm, Live
from tests.waiting import until


async def ended(page: Browser) -> int | None:
    """The code with which the hub closes a page's socket."""
    await until(lambda: page.closed_with is not None)
    return page.closed_with


# What cannot even be taken apart.
MALFORMED = ("http://[", "https://a]b")


async def test_a_foreign_page_does_not_get_in(live: Live, firm: Firm) -> None:
    for origin in (
        "https://evil.example",
        "null",
        "https://reis.example.evil.example",
        "http://reis.example",
        *MALFORMED,
    ):
        for path in ("/ws", "/ws/share"):
            with pytest.raises(InvalidStatus) as refused:
                await live.dial(path, firm.cookie, origin=origin)
            assert refused.value.response.status_code == 403


@pytest.mark.parametrize("cookie", [None, "", "x" * 43, "короткий".encode().hex()])
async def test_a_stranger_is_turned_away(live: Live, cookie: str | None) -> None:
    page = await live.open("/ws", cookie, {"type": "join"})
    assert await ended(page) == messages.NOT_SIGNED_IN
    assert page.frames[-1]["type"] == "refused"


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_each_role_is_let_into_the_room_its_permission_names_or_none(live: Live, firm: Firm, role: str) -> None:
    async with firm.pool.acquire() as connection:
        # Even one of the same company.
        user_id = await create_user(
            connection, organisation_id=firm.id, role=role, name="Someone", email="someone@reis.example"
        )
        cookie, _ = await open_session(connection, user_id, Client(), 1)
    page = await live.open("/ws", cookie, {"type": "join"})
    if ROOMS["organisation"].admits(role):
        await until(lambda: page.of_type("snapshot"))
    else:
        assert room_of(role) is None
        assert await ended(page) == messages.NOT_SIGNED_IN
        assert [frame["type"] for frame in page.frames] == ["refused"]


async def test_who_says_nothing_in_time_is_closed(serve: Any, firm: Firm) -> None:
    async with serve(PushLimits(sign_in_s=0.2)) as live:
        for path in ("/ws", "/ws/share"):
            silent = await live.dial(path, firm.cookie)
            with pytest.raises(ConnectionClosed):
                while True:
                    await silent.recv()
            assert silent.close_code == messages.NOT_SIGNED_IN


async def test_text_that_is_none_ends_the_socket_and_is_no_fault_of_ours(
    live: Live, firm: Firm, caplog: pytest.LogCaptureFixture
) -> None:
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    await page.socket.send(b"\xff\xfe", text=True)
    assert await ended(page) == 1007
    assert not [record.message for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '{"type":"leave"}',
        '{"type":"open","token":"x"}',
        '{"type":"join","more":1}',
        "[" * 30_000,
        '{"type":"join"',
        b'{"type":"join"}',
        '{"type":"open","token":NaN}',
        '{"type":"join\x00"}',
    ],
)
async def test_nonsense_is_refused(live: Live, firm: Firm, text: str | bytes) -> None:
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    await page.socket.send(text)
    assert await ended(page) == messages.BAD_MESSAGE


async def test_text_that_is_no_utf8_is_refused(live: Live, firm: Firm) -> None:
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    await page.socket.send(b'{"type":"\xff"}', text=True)
    assert await ended(page) == 1007


async def test_an_oversized_message_is_refused(live: Live, firm: Firm) -> None:
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    with suppress(ConnectionClosed):
        await page.socket.send("x" * 65_537)
    assert await ended(page) == 1009


async def test_a_flood_is_refused(live: Live, firm: Firm) -> None:
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    with suppress(ConnectionClosed):
        for _ in range(100):
            await page.socket.send('{"type":"resync"}')
    assert await ended(page) == messages.TOO_MANY


async def test_a_flood_of_pings_is_refused(live: Live, firm: Firm) -> None:
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    with suppress(ConnectionClosed):
        for _ in range(1000):
            await page.socket.ping()
    assert await ended(page) == messages.TOO_MANY


async def test_a_message_in_endless_pieces_is_refused(live: Live, firm: Firm) -> None:
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    with suppress(ConnectionClosed):
        await page.socket.send([""] * 1000)
    assert await ended(page) == messages.TOO_MANY


async def test_a_client_that_pings_and_speaks_in_pieces_stays(live: Live, firm: Firm) -> None:
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    for _ in range(50):
        await (await page.socket.ping())
    await page.socket.send([*'{"type":"resync"}'])
    await until(lambda: len(page.of_type("snapshot")) == 2)
    assert page.closed_with is None


async def test_a_person_may_open_so_many_windows_and_no_more(serve: Any, firm: Firm) -> None:
    async with serve(PushLimits(sockets_per_user=3)) as live:
        pages = [await live.join(firm.cookie) for _ in range(3)]
        await until(lambda: all(page.frames for page in pages))
        assert await ended(await live.join(firm.cookie)) == messages.TOO_MANY
        await pages[0].socket.close()
        page = pages[0]

        async def lets_another_in() -> bool:
            nonlocal page
            page = await live.join(firm.cookie)
            await until(lambda: page.frames)
            return page.frames[0]["type"] == "snapshot"

        await until(lets_another_in)


async def test_a_reader_that_never_reads_is_cut_off_and_costs_the_others_nothing(serve: Any, firm: Firm) -> None:
    trip = await firm.trip()
    limits = PushLimits(stuck_s=1.0, positions_every_s=0.01, recheck_every_s=60)
    async with serve(limits) as live:
        page = await live.join(firm.cookie)
        sleeper = await sleeping(live, firm)
        await until(lambda: page.frames)
        # A long name makes heavy frames: the sleeper's pipe is full soon.
        await firm.pool.execute("update orders set note = repeat('x', 400000)")
        sequence = 0

        async def is_cut_off() -> bool:
            nonlocal sequence
            sequence += 1
            await firm.change(trip.id, f"Cargo {sequence}")
            await until(lambda: page.trips[trip.id]["cargo_name"] == f"Cargo {sequence}", timeout_s=3.0)
            return len(live.server.server_state.connections) == 1

        await until(is_cut_off, timeout_s=60.0)
        sleeper.close()


async def test_a_reader_that_takes_a_little_now_and_then_and_never_catches_up_is_cut_off_too(
    serve: Any, firm: Firm
) -> None:
    trip = await firm.trip()
    # It is never stuck, and what waits for it is not too much yet: it is only ever further behind.
    limits = PushLimits(stuck_s=60, behind_s=0.5, outgoing_bytes=2**30, recheck_every_s=60)
    async with serve(limits) as live:
        page = await live.join(firm.cookie)
        dawdler = await sleeping(live, firm)
        dawdler.setblocking(False)
        await until(lambda: page.frames)
        await firm.pool.execute("update orders set note = repeat('x', 400000)")
        for cargo in ("Лук", "Картофель", "Яблоки", "Хлопок", "Рис"):
            await firm.change(trip.id, cargo)
            await until(lambda cargo=cargo: page.trips[trip.id]["cargo_name"] == cargo)

        def is_cut_off() -> bool:
            with suppress(BlockingIOError, ConnectionError):
                dawdler.recv(64)
            return len(live.server.server_state.connections) == 1

        await until(is_cut_off)
        assert page.closed_with is None
        dawdler.close()


async def sleeping(live: Live, firm: Firm) -> socket.socket:
    """A socket in the room that reads nothing after the handshake."""
    host, port = live.url.removeprefix("ws://").split(":")
    own = socket.socket()
    own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    own.connect((host, int(port)))
    request = (
        f"GET /ws HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        f"Origin: {PUBLIC_URL}\r\nCookie: reis_session={firm.cookie}\r\n\r\n"
    )
    join = b'{"type":"join"}'
    # One masked text frame; a mask of zeros leaves the text as it is.
    frame = bytes([0x81, 0x80 | len(join), 0, 0, 0, 0]) + join

    def greet() -> None:
        own.sendall(request.encode())
        assert own.recv(12) == b"HTTP/1.1 101"
        own.sendall(frame)

    await asyncio.to_thread(greet)
    await until(lambda: len(live.switchboard.sessions) == 2)
    return own


async def test_a_half_open_connection_is_noticed(serve: Any, firm: Firm) -> None:
    class Impatient(LiveProtocol):
        ping_every_s = 0.2
        pong_within_s = 0.2

    async with serve(ws=Impatient) as live:
        page = await live.join(firm.cookie)
        await until(lambda: page.frames)
        sleeper = await sleeping(live, firm)
        await until(lambda: len(live.server.server_state.connections) == 1)
        # Who answers pings stays.
        assert page.closed_with is None
        sleeper.close()


async def test_signing_out_closes_open_maps(live: Live, firm: Firm) -> None:
    from freight.accounts.actions import sign_out

    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    async with firm.at_work() as work:
        await sign_out(work, firm.cookie)
    await until(lambda: page.closed_with is not None, timeout_s=5.0)
    assert page.closed_with == messages.ENDED
    assert json.loads(json.dumps(page.frames[-1]))["code"] == messages.ENDED


async def test_disabling_a_person_closes_his_maps_and_nobody_elses(live: Live, firm: Firm, rival: Firm) -> None:
    page, other = await live.join(firm.cookie), await live.join(rival.cookie)
    await until(lambda: page.frames and other.frames)
    await firm.pool.execute("update users set disabled_at = now() where id = $1", firm.user_id)
    await until(lambda: page.closed_with is not None, timeout_s=5.0)
    assert page.closed_with == messages.ENDED
    assert other.closed_with is None


async def test_the_process_stops_with_pages_open(serve: Any, firm: Firm) -> None:
    async with serve() as live:
        page = await live.join(firm.cookie)
        await until(lambda: page.frames)
        live.server.should_exit = True
        await until(lambda: page.closed_with is not None)
        assert page.closed_with in (1001, 1012)


async def test_one_network_may_watch_by_so_many_links_and_no_more(serve: Any, firm: Firm) -> None:
    addresses = itertools.chain((f"2001:db8:1:2::{n}" for n in range(1, 4)), ["2001:db8:1:3::1"])

    class FromFarAway(LiveProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.client = (next(addresses), 50_000)

    _, token = await firm.share((await firm.trip()).id)
    async with serve(PushLimits(sockets_per_network=2), FromFarAway) as live:
        for _ in range(2):
            page = await live.watch(token)
            await until(lambda page=page: page.frames)
        # A home's or a rented server's network has more addresses than anyone could count.
        assert await ended(await live.watch(token)) == messages.TOO_MANY
        neighbour = await live.watch(token)
        await until(lambda: neighbour.frames)
        assert neighbour.frames[0]["type"] == "share_snapshot"
