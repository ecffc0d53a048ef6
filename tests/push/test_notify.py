"""A fact becomes a row for everyone it concerns, and the bell of an open page counts it."""

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from freight.events.actions import NOTIFY, record
from freight.events.facts import Fact, Subject
from hub.services.redis import RedisConfig, RedisService
from push.limits import PushLimits
from push.notify import BusAway, notify
from store.bus import Bus, BusConfig
from store.jobs import HELD_JOBS, JobRunner
from tests.ports import free_ports
from tests.push.conftest import Firm, Live, fact
from tests.waiting import until


async def test_the_bell_counts_what_is_not_read(live: Live, firm: Firm, rival: Firm) -> None:
    trip = await firm.trip()
    page, other = await live.join(firm.cookie), await live.join(rival.cookie)
    await until(lambda: page.frames and other.frames)
    assert page.frames[0]["unread_count"] == 0
    event_id = await fact(firm, trip)
    await notify(firm.pool, firm.bus, event_id)
    await until(lambda: page.of_type("unread"))
    assert page.of_type("unread")[-1]["unread_count"] == 1
    # The job also tells of the fact itself, in case its writer died before he could.
    await until(lambda: page.of_type("event"))
    assert other.of_type("unread") == other.of_type("event") == []
    late = await live.join(firm.cookie)
    await until(lambda: late.frames)
    assert late.frames[0]["unread_count"] == 1


async def test_a_bell_nobody_rang_is_right_when_the_room_is_looked_at_again(firm: Firm, serve) -> None:  # type: ignore[no-untyped-def]
    trip = await firm.trip()
    away = Bus(BusConfig("redis://127.0.0.1:1/0"))
    async with serve(PushLimits(refresh_every_s=0.3)) as live:
        page = await live.join(firm.cookie)
        await until(lambda: page.frames)
        with pytest.raises(BusAway):
            await notify(firm.pool, away, await fact(firm, trip))
        await until(lambda: page.of_type("unread"))
        assert page.of_type("unread")[-1]["unread_count"] == 1
        # The number stands: nothing is said again.
        await firm.change(trip.id, "Later", told=False)
        await until(lambda: page.trips[trip.id]["cargo_name"] == "Later")
        assert len(page.of_type("unread")) == 1
    await away.close()


async def test_a_repeated_job_notifies_once(firm: Firm) -> None:
    trip = await firm.trip()
    event_id = await fact(firm, trip)
    for _ in range(3):
        await notify(firm.pool, firm.bus, event_id)
    assert await firm.pool.fetchval("select count(*) from notifications") == 1


async def test_a_fact_of_no_organisation_is_told_on_no_page(live: Live, firm: Firm) -> None:
    trip = await firm.trip()
    page = await live.join(firm.cookie)
    await until(lambda: page.frames)
    happened = Fact(Subject("driver", trip.driver.id), "resumed", trip.window_from, "driver")
    async with firm.pool.acquire() as connection, connection.transaction():
        (recorded,) = await record(connection, [happened])
    await notify(firm.pool, firm.bus, recorded.event_id)
    # What is told after it is heard, so it would have been heard as well.
    await notify(firm.pool, firm.bus, await fact(firm, trip))
    await until(lambda: page.of_type("event"))
    assert [frame["event"]["kind"] for frame in page.of_type("event")] == ["arrived"]
    assert await firm.pool.fetchval("select count(*) from notifications") == 1


async def test_a_fact_that_is_gone_is_no_error(firm: Firm) -> None:
    await notify(firm.pool, firm.bus, 999_999)
    assert await firm.pool.fetchval("select count(*) from notifications") == 0


async def test_with_the_bus_away_the_rows_are_written_and_the_job_comes_again(firm: Firm) -> None:
    trip = await firm.trip()
    event_id = await fact(firm, trip)
    away = Bus(BusConfig("redis://127.0.0.1:1/0"))
    with pytest.raises(BusAway):
        await notify(firm.pool, away, event_id)
    await away.close()
    assert await firm.pool.fetchval("select count(*) from notifications") == 1


RETRIED = """
with waiting as (
  select id, execute_after - updated as pause from pgqueuer
  where status = 'queued' and attempts > 0 and execute_after > now()
)
update pgqueuer q set execute_after = now() - interval '1 second' from waiting w where q.id = w.id returning w.pause
"""


async def test_a_redis_away_for_an_hour_loses_no_notification_and_needs_no_operator(firm: Firm, tmp_path: Path) -> None:
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    redis = RedisService(RedisConfig(tmp_path / "redis", free_ports(1)[0], "password-of-the-test"))
    bus, stop = Bus(BusConfig(redis.url)), asyncio.Event()
    runner = JobRunner(firm.pool)
    runner.register(NOTIFY, lambda payload: notify(firm.pool, bus, int(payload)))
    trip = await firm.trip()
    running = asyncio.create_task(runner.run(stop))
    # The fact's own job, and what the trip's making left.
    await fact(firm, trip)
    away = dt.timedelta()
    while away < dt.timedelta(hours=1):
        # Nobody waits an hour: each pause the queue was given is counted and then over at once.
        away += await until(lambda: firm.pool.fetchval(RETRIED), what="another try")
    assert await firm.pool.fetch(HELD_JOBS) == []
    await redis.start()
    await until(lambda: all_told(firm), what="the notifications")
    stop.set()
    await running
    assert await firm.pool.fetchval("select count(*) from notifications") == 1
    await bus.close()
    await redis.stop()


async def all_told(firm: Firm) -> bool:
    await firm.pool.fetchval(RETRIED)
    return bool(await firm.pool.fetchval("select count(*) = 0 from pgqueuer where entrypoint = $1", NOTIFY))
