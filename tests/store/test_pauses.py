"""Pauses grow, are spread by chance, and begin anew when all was well."""

import asyncio

import pytest

from store import pauses
from store.pauses import Backoff, doubled_s, happens_within


def test_pauses_double_up_to_their_bound() -> None:
    backoff = Backoff(1, 5, spread=0)
    assert [backoff.pause_s() for _ in range(5)] == [1, 2, 4, 5, 5]
    backoff.reset()
    assert backoff.pause_s() == 1


def test_the_longest_outage_overflows_nothing() -> None:
    assert doubled_s(2, 900, 10**6) == 900


def test_no_two_come_back_at_the_same_moment() -> None:
    backoffs = [Backoff(1, 1) for _ in range(20)]
    found = {backoff.pause_s() for backoff in backoffs}
    assert len(found) > 1
    assert all(0.5 <= pause_s <= 1 for pause_s in found)


def test_after_an_attempt_that_lasted_the_pauses_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 0.0
    monkeypatch.setattr(pauses.time, "monotonic", lambda: now_s)
    backoff = Backoff(1, 8, steady_s=10, spread=0)
    for lasted_s, pause_s in ((9.0, 1), (9.0, 2), (11.0, 1), (1.0, 2)):
        backoff.begin()
        now_s += lasted_s
        assert backoff.pause_s() == pause_s


async def test_an_event_is_waited_for_no_longer_than_so() -> None:
    event = asyncio.Event()
    assert not await happens_within(event, 0.01)
    assert not await happens_within(event, -1)
    asyncio.get_running_loop().call_soon(event.set)
    assert await happens_within(event, 10)
    assert await happens_within(event, 0)
