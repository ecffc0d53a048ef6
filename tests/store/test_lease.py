"""One turn among many: who has it, who gets it next, and how fast."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from store.lease import Lease
from tests.waiting import until

KEY = 4711
HOLDER = """
import asyncio, sys
from store.lease import Lease

async def hold():
    lease, stop = Lease(sys.argv[1], int(sys.argv[2]), 1.0), asyncio.Event()
    running = asyncio.create_task(lease.run(stop))
    await lease.held.wait()
    print("held", flush=True)
    while lease.held.is_set():
        await asyncio.sleep(0.05)
    print("lost\\nlost", flush=True)
    running.cancel()

asyncio.run(hold())
"""


@asynccontextmanager
async def wishing(url: str) -> AsyncIterator[Lease]:
    """A process's wish for the turn, given up in the end."""
    lease, stop = Lease(url, KEY, 1.0), asyncio.Event()
    running = asyncio.create_task(lease.run(stop))
    yield lease
    stop.set()
    await running
    await lease.give_back()


async def test_one_has_the_turn_until_it_gives_it_back(database_url: str) -> None:
    async with wishing(database_url) as second:
        async with wishing(database_url) as first:
            await until(lambda: first.held.is_set() or second.held.is_set())
            has_it, wants_it = (first, second) if first.held.is_set() else (second, first)
            # Longer than the silence the server bears: the holder keeps its turn by speaking.
            await asyncio.sleep(1.5)
            assert has_it.held.is_set()
            assert not wants_it.held.is_set()
        await until(second.held.is_set)
        assert not first.held.is_set()


async def test_a_connection_the_server_ends_is_a_turn_lost_and_asked_for_anew(database_url: str) -> None:
    async with wishing(database_url) as lease:
        await until(lease.held.is_set)
        connection = await asyncpg.connect(database_url)
        query = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'reis lease'"
        await connection.execute(f"{query} and datname = current_database()")
        await connection.close()
        await until(lambda: not lease.held.is_set())
        await until(lease.held.is_set)


async def test_a_frozen_holder_loses_its_turn_and_knows_when_it_wakes(database_url: str) -> None:
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, database_url, str(KEY), stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout is not None
    try:
        assert await holder.stdout.readline() == b"held\n"
        async with wishing(database_url) as next_one:
            holder.send_signal(signal.SIGSTOP)
            await until(next_one.held.is_set)
            holder.send_signal(signal.SIGCONT)
            # A line of its log may come before.
            assert b"lost\n" in [await holder.stdout.readline() for _ in range(2)]
    finally:
        holder.kill()
        await holder.wait()
