"""The customer's page: one trip and nothing else, for as long as the link holds."""

import asyncio
import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from freight.shares.actions import change_share, revoke_share
from freight.shares.views import ChangeShare
from push import messages
from push.limits import PushLimits
from tests.push.conftest import CONFIG, Browser, Firm, Live
from tests.waiting import until


async def ended(page: Browser) -> int | None:
    await until(lambda: page.closed_with is not None, timeout_s=5.0)
    return page.closed_with


async def test_a_link_shows_its_trip_and_every_move(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    _, token = await firm.share(trip.id)
    page = await live.watch(token)
    await until(lambda: page.frames)
    assert page.frames[0]["type"] == "share_snapshot"
    assert page.frames[0]["trip"]["order_id"] == trip.order_id
    await firm.move(trip.id, 1)
    await until(lambda: trip.id in page.positions)
    await firm.pool.execute("update orders set state = 'delivered' where id = $1", trip.order_id)
    await firm.change(trip.id, "Cargo")
    await until(lambda: page.of_type("share_trip"))
    assert page.of_type("share_trip")[-1]["trip"]["stage"] == "delivered"


async def test_a_link_shows_no_other_trip_of_the_organisation(live: Live, firm: Firm) -> None:
    shared, other = await firm.trip(), await firm.trip()
    _, token = await firm.share(shared.id)
    page = await live.watch(token)
    await until(lambda: page.frames)
    await firm.move(other.id, 1)
    await firm.change(other.id, "Secret")
    await firm.move(shared.id, 1)
    await until(lambda: shared.id in page.positions)
    said = json.dumps(page.frames, ensure_ascii=False)
    assert other.id not in page.positions
    assert "Secret" not in said
    assert "Driver 2" not in said


async def test_a_link_says_neither_phone_nor_customer_nor_note(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    await firm.pool.execute("update orders set note = 'Inner note', customer_name = 'Buyer', price_minor = 987654")
    _, token = await firm.share(trip.id)
    page = await live.watch(token)
    await until(lambda: page.frames)
    said = json.dumps(page.frames)
    for secret in ("+996", "Inner note", "Buyer", "987654"):
        assert secret not in said


@pytest.mark.parametrize("guess", ["", "x", "A" * 43, "../../etc", "\u0000" * 43, "я" * 43])
async def test_a_guess_is_told_what_an_ended_link_is_told(live: Live, firm: Firm, guess: str) -> None:
    trip = await firm.trip()
    share_id, token = await firm.share(trip.id)
    async with firm.at_work() as work:
        await revoke_share(work, CONFIG, share_id)
    wrong, revoked = await live.watch(guess), await live.watch(token)
    assert await ended(wrong) == await ended(revoked) == messages.NO_SUCH_SHARE
    assert wrong.frames == revoked.frames


async def test_revoking_closes_the_open_pages_of_that_link_alone(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    (share_id, token), (_, other_token) = await firm.share(trip.id), await firm.share(trip.id)
    page, other = await live.watch(token), await live.watch(other_token)
    await until(lambda: page.frames and other.frames)
    async with firm.at_work() as work:
        await revoke_share(work, CONFIG, share_id)
    assert await ended(page) == messages.ENDED
    assert other.closed_with is None


async def test_a_link_that_expires_closes_by_itself(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    share_id, token = await firm.share(trip.id)
    page = await live.watch(token)
    await until(lambda: page.frames)
    await firm.pool.execute("update shares set expires_at = now() where id = $1", share_id)
    assert await ended(page) == messages.ENDED


async def test_an_extended_link_tells_its_new_end(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    share_id, token = await firm.share(trip.id)
    page = await live.watch(token)
    await until(lambda: page.frames)
    ends_at = dt.datetime.now(dt.UTC) + dt.timedelta(days=5)
    async with firm.at_work() as work:
        await change_share(work, CONFIG, share_id, ChangeShare(expires_at=ends_at))
    await until(lambda: page.of_type("share_trip"))
    assert page.of_type("share_trip")[-1]["trip"]["ends_at"].startswith(ends_at.isoformat()[:19])


async def test_the_token_of_a_link_opens_no_organisations_map(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    _, token = await firm.share(trip.id)
    page = await live.open("/ws", token, {"type": "join"})
    assert await ended(page) == messages.NOT_SIGNED_IN
    signed_in = await live.open("/ws/share", firm.cookie, {"type": "join"})
    assert await ended(signed_in) == messages.BAD_MESSAGE
    assert await ended(await live.watch(firm.cookie)) == messages.NO_SUCH_SHARE


async def test_whoever_opens_a_link_later_sees_the_truck_where_it_is_now(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    _, token = await firm.share(trip.id)
    first = await live.watch(token)
    await until(lambda: first.frames)
    await firm.move(trip.id, 4)
    await until(lambda: trip.id in first.positions)
    await asyncio.sleep(0)
    second = await live.watch(token)
    await until(lambda: second.frames)
    assert second.frames[0]["trip"]["position"]["sequence"] == 4


async def test_points_that_came_late_reach_an_open_page(serve: Callable[..., Any], firm: Firm) -> None:
    trip = await firm.trip()
    await firm.pool.execute("update trips set window_from = now() - interval '2 hours'")
    _, token = await firm.share(trip.id)
    async with serve(PushLimits(share_path_every_s=0.5, share_path_settles_s=0.1)) as live:
        page = await live.watch(token)
        await until(lambda: page.frames)
        assert page.frames[0]["trip"]["track"]["stored_count"] == 0
        # Points older than the newest have the track folded anew, which is told like any change of a trip.
        await firm.add_late(trip.id, 20)
        await firm.change(trip.id, "Текстиль")
        await until(lambda: paths_of(page) == [20])
        # After a tunnel the newest position alone is told; the rest is looked for.
        await firm.move(trip.id, 1, minutes_ago=30)
        await firm.add_late(trip.id, 25)
        await firm.move(trip.id, 2)
        await until(lambda: paths_of(page)[-1] == 45)


def paths_of(page: Browser) -> list[int]:
    """How many points each whole path had that the page was sent."""
    trips = [frame["trip"] for frame in page.of_type("share_trip")]
    return [trip["track"]["stored_count"] for trip in trips if trip["track"]]
