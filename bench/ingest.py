"""Leg: durable ingest beside a bare reader that only acknowledges, under the same closed-loop load."""

import asyncio
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from bench.counters import Counters
from bench.machine import processor_seconds, resident_mib
from bench.report import Figure
from bench.world import PASSWORD, World

# Messages on their way at most: enough to keep every part busy, few enough that the broker's queue stays short.
OUTSTANDING = 8_000
STORED = "select coalesce(sum(fix_count), 0)::bigint from tracks"
SETTLE_S = 3.0


class Accounts:
    """Processor seconds by name between two moments."""

    def __init__(self, **pids: int) -> None:
        self.pids = pids
        self.before = self.seconds()

    def seconds(self) -> dict[str, float]:
        return {name: processor_seconds(pid) for name, pid in self.pids.items()}

    def reset(self) -> None:
        """Count from now."""
        self.before = self.seconds()

    def spent(self, messages: float) -> dict[str, float]:
        """Seconds per 100 000 messages since the beginning."""
        now = self.seconds()
        return {name: (now[name] - self.before[name]) / max(1.0, messages) * 1e5 for name in self.pids}


class Load:
    """The phones' process of one run."""

    def __init__(self, world: World, counters: Counters, process: Process) -> None:
        self.world, self.counters, self.process = world, counters, process

    @classmethod
    async def start(cls, world: World, logins: Path, rate: float = 0) -> "Load":
        counters = Counters(world.directory / "load", create=True)
        words = ["bench.phones", "--port", str(world.mqtt_port), "--logins", str(logins)]
        words += ["--counters", str(counters.path), "--first-time", str(world.first_time), "--rate", str(rate)]
        process = await world.start_process(*words)
        await counters.until("ready", timeout_s=60)
        return cls(world, counters, process)

    async def stop(self) -> None:
        self.counters["stop"] = 1
        await self.process.wait()


async def drive(
    load: Load, seconds: float, progress: Callable[[], Awaitable[int]], accounts: Accounts
) -> tuple[float, dict[str, float]]:
    """Keep the load `OUTSTANDING` ahead of `progress` for `seconds`, after settling.

    Returns messages a second and processor seconds per 100 000 messages by process.
    """

    async def push(until: float) -> int:
        done = await progress()
        while time.monotonic() < until:
            load.counters["allowed"] = done + OUTSTANDING
            await asyncio.sleep(0.03)
            done = await progress()
        return done

    began_with = await push(time.monotonic() + SETTLE_S)
    began = time.monotonic()
    accounts.reset()
    done = await push(began + seconds) - began_with
    return done / (time.monotonic() - began), accounts.spent(done)


async def bare(world: World, logins: Path, seconds: float) -> tuple[float, dict[str, float]]:
    """Messages a second and processor seconds per 100 000 of the bare reader."""
    counters = Counters(world.directory / "reader", create=True)
    words = ["bench.reader", "--port", str(world.mqtt_port), "--login", "ingest-8", "--password", PASSWORD]
    reader = await world.start_process(*words, "--counters", str(counters.path))
    await counters.until("ready", timeout_s=30)
    load = await Load.start(world, logins)

    async def progress() -> int:
        return counters["received"]

    accounts = Accounts(reader=reader.pid, phones=load.process.pid, mosquitto=world.mosquitto.process.pid)
    rate, spent = await drive(load, seconds, progress, accounts)
    await load.stop()
    counters["stop"] = 1
    await reader.wait()
    return rate, spent


async def start_workers(world: World, count: int) -> list[Process]:
    """`count` ingest workers, one of which has joined the broker: what comes before is kept for nobody."""
    joined, started = world.logged("hub-ingest", "broker_joined"), world.logged("hub-ingest", "started")
    workers = [
        await world.start_process("hub", "ingest", HUB_PROCESS_NUMBER=str(n + 1), HUB_INGEST_PROCESSES=str(count))
        for n in range(count)
    ]
    await world.until_logged("hub-ingest", "started", started + count)
    await world.until_logged("hub-ingest", "broker_joined", joined + 1)
    return workers


async def durable(
    world: World, logins: Path, seconds: float, workers: int = 1
) -> tuple[float, dict[str, float], list[float]]:
    """Committed fixes a second, processor seconds per 100 000 by process, and ingest's memory over the run (MiB)."""
    await world.forget_positions()
    processes = await start_workers(world, workers)
    load = await Load.start(world, logins)
    connection: asyncpg.Connection[asyncpg.Record] = await world.connect()
    memory: list[float] = []

    async def progress() -> int:
        memory.append(resident_mib(processes[0].pid))
        return int(await connection.fetchval(STORED))

    pids = {f"ingest{n + 1}": process.pid for n, process in enumerate(processes)}
    accounts = Accounts(
        **pids,
        postgres=world.postgres.process.pid,
        phones=load.process.pid,
        mosquitto=world.mosquitto.process.pid,
    )
    rate, spent = await drive(load, seconds, progress, accounts)
    await load.stop()
    await all_stored(connection, load.counters["acked"])
    await connection.close()
    for process in processes:
        process.terminate()
        await process.wait()
    # Its session would collect the next leg's messages.
    await world.forget_session("ingest-1")
    return rate, spent, memory


async def all_stored(connection: "asyncpg.Connection[asyncpg.Record]", acked: int, timeout_s: float = 60) -> None:
    """Wait until everything the broker acknowledged is committed. Raises TimeoutError with what is missing."""
    deadline = time.monotonic() + timeout_s
    while (stored := int(await connection.fetchval("select count(*) from positions"))) < acked:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{acked - stored} of {acked} acknowledged fixes are not stored")
        await asyncio.sleep(0.2)


async def leg(world: World, logins: Path, runs: int, seconds: float) -> list[Figure]:
    """Bare, durable and durable with four workers in turn, `runs` times each."""
    bare_rates, rates, ratios, both, growth, shared = [], [], [], [], [], []
    spent_by: dict[str, list[float]] = {}
    for _ in range(runs):
        bare_rate, bare_spent = await bare(world, logins, seconds)
        rate, spent, memory = await durable(world, logins, seconds)
        four_rate, _, _ = await durable(world, logins, seconds, workers=4)
        bare_rates.append(bare_rate)
        rates.append(rate)
        ratios.append(rate / bare_rate)
        shared.append(four_rate / rate)
        both.append(spent["ingest1"] + spent["postgres"])
        tail = memory[len(memory) // 4 :]
        growth.append(max(tail) - min(tail))
        for name, value in {**spent, "bare reader": bare_spent["reader"]}.items():
            spent_by.setdefault(name, []).append(value)
    return [
        Figure("ingest", "bare reader that only acks", "msg/s", bare_rates),
        Figure("ingest", "durable, 1 worker", "fix/s", rates),
        Figure("ingest", "durable / bare", "", ratios, ">= 0.6"),
        Figure("ingest", "ingest + PostgreSQL", "CPU-s/100k", both, "<= 1.5"),
        *[Figure("ingest", f"  {name}", "CPU-s/100k", values) for name, values in spent_by.items()],
        Figure("ingest", "memory, max - min", "MiB", growth, "<= 20"),
        Figure("ingest", "durable, 4 workers / 1 worker", "", shared, ">= 0.95"),
    ]
