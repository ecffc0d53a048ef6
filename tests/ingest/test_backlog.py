"""The backlog is bounded, keeps order, and no phone's burst shuts the others out."""

import asyncio
import datetime as dt

import mqtt5

from ingest.backlog import Backlog
from ingest.message import Message
from tests.ingest.world import message


def backlog(**limits: int) -> Backlog:
    return Backlog(**{"most_messages": 100, "most_bytes": 10**6, "batch_messages": 10, "batch_bytes": 40_000, **limits})


def short(login: str, count: int) -> list[Message]:
    return [message(login, {"n": number}) for number in range(count)]


def burst(login: str, count: int) -> list[Message]:
    return [message(login, b"%04d" % number + b" " * 4_000) for number in range(count)]


async def test_a_batch_is_never_larger_than_asked() -> None:
    held = backlog()
    held.add(short("a", 25))
    sizes = [len(await held.next_batch(0)) for _ in range(3)]
    assert sizes == [10, 10, 5]


async def test_a_full_batch_is_not_lingered_for() -> None:
    held = backlog()
    held.add(short("a", 10))
    assert len(await held.next_batch(3600)) == 10


async def test_what_waited_while_the_last_batch_was_stored_waits_no_longer() -> None:
    held = backlog()
    held.add([message("a", {}, at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2))])
    assert len(await held.next_batch(3600)) == 1


async def test_a_clock_that_was_set_back_holds_nothing_up() -> None:
    held = backlog()
    held.add([message("a", {}, at=dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))])
    async with asyncio.timeout(2):
        assert len(await held.next_batch(0.01)) == 1


async def test_an_empty_backlog_gives_an_empty_batch_after_a_moment() -> None:
    assert await backlog().next_batch(0) == []


async def test_it_is_full_until_what_was_taken_is_released() -> None:
    held = backlog(most_messages=10)
    held.add(short("a", 10))
    batch = await held.next_batch(0)
    assert held.is_full
    held.release(batch)
    assert not held.is_full


async def test_bytes_count_as_well_as_messages() -> None:
    held = backlog(most_bytes=8_000)
    held.add(burst("a", 2))
    assert held.is_full


async def test_a_burst_leaves_room_for_everyone_else() -> None:
    held = backlog()
    held.add([*burst("a", 50), *short("b", 5)])
    batch = await held.next_batch(0)
    assert [m.packet.topic for m in batch].count("owntracks/b/phone") == 5


async def test_a_burst_keeps_its_own_order() -> None:
    held = backlog()
    held.add([*burst("a", 20), *short("b", 5)])
    payloads: list[bytes] = []
    while len(held):
        payloads += [m.packet.payload[:4] for m in await held.next_batch(0) if "/a/" in m.packet.topic]
    assert payloads == [b"%04d" % number for number in range(20)]


async def test_what_a_lost_connection_brought_is_forgotten_unless_nobody_will_repeat_it() -> None:
    held = backlog()
    never = Message(mqtt5.PublishPacket("owntracks/a/phone", b""), 0, 1)
    held.add([*short("a", 1), never])
    held.forget(1)
    assert await held.next_batch(0) == [never]
    held.add(short("a", 1))
    held.forget(1)
    assert await held.next_batch(0) == []
