"""Jobs live and die with the transaction of the change they follow."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries

from store import jobs
from store.pool import Pool
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


async def test_a_job_that_fails_for_want_of_a_server_is_tried_again(
    database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "FIRST_RETRY_S", 0)
    attempts: list[bytes] = []
    done = asyncio.Event()

    async def handler(payload: bytes) -> None:
        attempts.append(payload)
        if len(attempts) < 3:
            raise ConnectionRefusedError
        done.set()

    runner = jobs.JobRunner(database)
    runner.register("notify", handler)
    async with database.acquire() as connection:
        await jobs.enqueue(connection, "notify", [b"7"])
    async with running(runner):
        await asyncio.wait_for(done.wait(), 20)
    assert attempts == [b"7"] * 3


async def test_a_job_that_never_succeeds_is_held_for_the_operator(
    database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "FIRST_RETRY_S", 0)
    monkeypatch.setattr(jobs, "MOST_ATTEMPTS", 2)

    async def handler(payload: bytes) -> None:
        raise ConnectionRefusedError

    runner = jobs.JobRunner(database)
    runner.register("notify", handler)
    async with database.acquire() as connection:
        await jobs.enqueue(connection, "notify", [b"7"])
    async with running(runner):
        await until(lambda: database.fetchval(jobs.HELD_JOBS))


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
