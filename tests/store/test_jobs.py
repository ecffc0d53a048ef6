"""Jobs live and die with the transaction of the change they follow."""

import asyncio
import datetime as dt
import uuid
from contextlib import asynccontextmanager

import asyncpg
import pytest
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from redis.exceptions import RedisError

from store import jobs
from store.pool import Pool
from tests.services import RealServices
from tests.waiting import until


@asynccontextmanager
async def running(runner: jobs.JobRunner):  # type: ignore[no-untyped-def]
    stop = asyncio.Event()
    task = asyncio.create_task(runner.run(stop))
    yield
    stop.set()
    await asyncio.wait_for(task, 20)


async def test_a_committed_job_is_run_with_its_payload(database: Pool) -> None:
    seen: asyncio.Queue[bytes] = asyncio.Queue()
    runner = jobs.JobRunner(database)
    runner.register("notify", seen.put)
    async with running(runner):
        async with database.acquire() as connection, connection.transaction():
            await jobs.enqueue(connection, "notify", [b"1", b"2"])
        assert {await asyncio.wait_for(seen.get(), 10) for _ in range(2)} == {b"1", b"2"}


async def test_a_job_of_a_transaction_that_failed_never_was(database: Pool) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.acquire() as connection, connection.transaction():
            await jobs.enqueue(connection, "notify", [b"1"])
            raise ZeroDivisionError
    assert await database.fetchval("select count(*) from pgqueuer") == 0


async def fails(database: Pool, error: Exception, **more: dt.timedelta) -> jobs.JobRunner:
    """A runner whose one job, already in the queue, ends so each time."""

    async def handler(payload: bytes) -> None:
        raise error

    runner = jobs.JobRunner(database)
    runner.register("notify", handler, **more)
    if not await database.fetchval("select count(*) from pgqueuer"):
        async with database.acquire() as connection:
            await jobs.enqueue(connection, "notify", [b"7"])
    return runner


async def is_held(database: Pool) -> bool:
    return bool(await database.fetch(jobs.HELD_JOBS))


async def retried(database: Pool) -> float | None:
    """Seconds the job has to wait before it is tried again, which it then has not to; None while it is in hand."""
    wait = await database.fetchval(
        "with waiting as (select id, execute_after - updated as pause from pgqueuer"
        "  where status = 'queued' and attempts > 0 and execute_after > now())"
        " update pgqueuer q set execute_after = now() - interval '1 second' from waiting w where q.id = w.id"
        " returning w.pause"
    )
    return wait.total_seconds() if wait is not None else None


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        RedisError("away"),
        jobs.Temporary("the post office is closed"),
        asyncpg.exceptions.DataCorruptedError("page"),
    ],
)
async def test_a_job_whose_trouble_passes_is_tried_again_after_growing_pauses(database: Pool, error: Exception) -> None:
    async with running(await fails(database, error)):
        pauses = [await until(lambda: retried(database), what="another try") for _ in range(4)]
    assert pauses == [2, 4, 8, 16]
    assert not await is_held(database)


async def test_a_job_that_is_tried_for_a_day_waits_a_quarter_of_an_hour_at_most() -> None:
    attempts = next(n for n in range(1, 10_000) if jobs.waited_before(n) >= jobs.TRIED_FOR)
    assert [jobs.pause_after(n) for n in (1, 2, attempts)] == [dt.timedelta(seconds=s) for s in (2, 4, 900)]
    assert attempts < 120


async def test_a_job_is_held_when_it_was_tried_for_as_long_as_its_kind_is(database: Pool) -> None:
    async with running(await fails(database, ConnectionRefusedError(), tried_for=dt.timedelta(seconds=6))):
        assert [await until(lambda: retried(database)) for _ in range(2)] == [2, 4]
        await until(lambda: is_held(database), what="the job to be held")


async def test_a_job_no_trying_could_better_is_held_at_once(database: Pool) -> None:
    async with running(await fails(database, jobs.Permanent("no such address"))):
        await until(lambda: is_held(database), what="the job to be held")
    assert await database.fetchval("select attempts from pgqueuer") == 0


async def test_what_the_operator_lets_try_again_has_its_whole_time_again(database: Pool) -> None:
    async with running(await fails(database, ConnectionRefusedError(), tried_for=dt.timedelta(seconds=2))):
        assert await until(lambda: retried(database)) == 2
        await until(lambda: is_held(database))
        async with database.acquire() as connection:
            assert await jobs.retry_held_jobs(connection) == 1
        assert await until(lambda: retried(database)) == 2


async def test_a_bug_ends_the_runner_and_leaves_the_job_to_the_next(database: Pool) -> None:
    runner = await fails(database, KeyError("bug"))
    with pytest.raises(KeyError):
        await asyncio.wait_for(runner.run(asyncio.Event()), 20)
    assert not await is_held(database)
    assert await retried(database) == 2


async def test_a_job_that_ends_process_after_process_is_held_and_starves_no_other(database: Pool) -> None:
    seen: asyncio.Queue[bytes] = asyncio.Queue()
    for end in range(1, jobs.MOST_ENDS + 1):
        assert not await is_held(database)
        runner = await fails(database, KeyError("bug"))
        runner.register("other", seen.put)
        async with database.acquire() as connection:
            await jobs.enqueue(connection, "other", [b"%d" % end])
        await retried(database)
        with pytest.raises(KeyError):
            await asyncio.wait_for(runner.run(asyncio.Event()), 20)
        assert await asyncio.wait_for(seen.get(), 5) == b"%d" % end
    assert await is_held(database)


async def test_a_job_in_hand_at_every_kill_is_held_before_it_is_run_again(database: Pool) -> None:
    runner = await fails(database, AssertionError("run"))
    # As a process leaves it that is killed: begun, and nobody says any more that he is at it.
    await database.execute(
        "update pgqueuer set status = 'picked', heartbeat = now() - interval '1 hour', queue_manager_id = $1,"
        " headers = jsonb_build_object('begun', $2::int)",
        uuid.uuid4(),
        jobs.MOST_ENDS,
    )
    async with running(runner):
        await until(lambda: is_held(database), what="the job to be held")


async def test_a_job_whose_database_went_away_in_the_middle_is_not_held(
    database: Pool, database_url: str, services: RealServices
) -> None:
    name = database_url.rpartition("/")[2]
    begun, done = asyncio.Event(), asyncio.Event()

    async def handler(payload: bytes) -> None:
        if begun.is_set():
            done.set()
            return
        begun.set()
        await away(services, name)
        await database.fetchval("select 1")

    async def run_anew() -> None:
        runner = jobs.JobRunner(database)
        runner.register("notify", handler)
        await runner.run(stop)

    stop = asyncio.Event()
    async with database.acquire() as connection:
        await jobs.enqueue(connection, "notify", [b"7"])
    with pytest.raises(jobs_ended_by):
        await asyncio.wait_for(run_anew(), 20)
    await back(services, name)
    assert not await is_held(database)
    await database.execute("update pgqueuer set heartbeat = now() - interval '1 hour'")
    again = asyncio.create_task(run_anew())
    await asyncio.wait_for(done.wait(), 20)
    stop.set()
    await again


# What the driver says of a connection that was cut, of whatever kind.
jobs_ended_by = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


async def away(services: RealServices, name: str) -> None:
    """Nobody is let into the database, and who is in is put out."""
    owner = await asyncpg.connect(services.postgres.superuser_url)
    await owner.execute(f'alter database "{name}" allow_connections false')
    await owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
    await owner.close()


async def back(services: RealServices, name: str) -> None:
    owner = await asyncpg.connect(services.postgres.superuser_url)
    await owner.execute(f'alter database "{name}" allow_connections true')
    await owner.close()


async def test_what_the_queue_noted_of_a_job_is_kept_for_two_weeks(database: Pool) -> None:
    async with database.acquire() as connection:
        await jobs.enqueue(connection, "notify", [b"1", b"2"])
        await Queries(AsyncpgDriver(connection)).aggregate_logs()  # type: ignore[arg-type]
        for table in ("pgqueuer_log", "pgqueuer_statistics"):
            await connection.execute(f"update {table} set created = now() - interval '13 days'")
        await jobs.forget_old_notes(connection)
        assert await connection.fetchval("select count(*) from pgqueuer_log") == 2
        assert await connection.fetchval("select count(*) from pgqueuer_statistics") == 1
        for table in ("pgqueuer_log", "pgqueuer_statistics"):
            await connection.execute(f"update {table} set created = now() - interval '15 days'")
        await jobs.forget_old_notes(connection)
        for table in ("pgqueuer_log", "pgqueuer_statistics"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0
        assert await connection.fetchval("select count(*) from pgqueuer") == 2
