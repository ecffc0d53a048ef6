"""Legs: a thousand sockets in one room of 200 trucks, and large frames beside a bare writer."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.counters import Counters
from bench.ingest import SETTLE_S, Accounts
from bench.latency import cookies
from bench.listeners import Ages
from bench.report import Figure
from bench.world import SECRET, World
from freight import live
from freight.live import Positions, encode
from freight.tracking.positions import packed
from freight.tracking.views import PositionView
from hub.settings import Settings
from store.bus import Bus

SOCKETS = 1_000
TRUCKS = 200
# A user may hold twenty sockets.
SOCKETS_A_USER = 20
LARGE_SOCKETS = 200
LARGE_BYTES = 20_000


def positions(trips: list[int], sequence: int) -> Positions:
    """A second's positions of every truck."""
    now_ms = int(time.time() * 1000)
    return packed(
        [
            PositionView(
                trip, sequence, now_ms, now_ms, 42.0 + trip * 1e-4, 74.0 + sequence * 1e-5, 8.0, 20.0, 90.0, 87
            )
            for trip in trips
        ]
    )


class Listeners:
    """The process with the sockets, all of them in the room."""

    def __init__(self, world: World, counters: Counters, process: asyncio.subprocess.Process, out: Path) -> None:
        self.world, self.counters, self.process, self.out = world, counters, process, out

    @classmethod
    async def start(
        cls,
        world: World,
        port: int,
        sockets: int,
        *,
        held: list[str] | None = None,
        snapshots: bool = True,
        more: Sequence[str] = (),
    ) -> "Listeners":
        counters = Counters(world.directory / "listeners", create=True)
        out = world.directory / "ages.json"
        words = ["bench.listeners", "--port", str(port), "--sockets", str(sockets)]
        words += ["--counters", str(counters.path), "--out", str(out), *more]
        if held:
            path = world.directory / "cookies"
            path.write_text("\n".join(held))
            words += ["--cookies", str(path)]
        process = await world.start_process(*words)
        await counters.until("received" if snapshots else "open", sockets, timeout_s=120)
        counters["ready"] = 1
        return cls(world, counters, process, out)

    async def stop(self) -> Ages:
        self.counters["stop"] = 1
        await self.process.wait()
        return msgspec.json.decode(self.out.read_bytes(), type=Ages)


async def room(world: World, organisation: int, trips: list[int], seconds: float) -> tuple[Ages, float]:
    """What a thousand listeners saw, and the share of one core that push used."""
    push = await world.start_process("hub", "push")
    await world.answering(world.push_port)
    held = await cookies(world, [organisation] * (SOCKETS // SOCKETS_A_USER))
    listeners = await Listeners.start(world, world.push_port, SOCKETS, held=held)
    bus = Bus(Settings(redis_url=world.redis.url, device_secret=SECRET.hex()).bus())
    accounts = Accounts(push=push.pid)
    channel = live.organisation(organisation)
    began = time.monotonic()
    for sequence in range(1, int(seconds) + 1):
        # Twenty batches a second, as ingest would send them: push has to put them together.
        for part in range(20):
            payload = encode(positions(trips[part::20], 1_000_000 + sequence))
            await bus.publish([(channel, payload)])
            await asyncio.sleep(max(0.0, began + sequence - 1 + (part + 1) / 20 - time.monotonic()))
    used = accounts.seconds()["push"] - accounts.before["push"]
    share = used / (time.monotonic() - began)
    await asyncio.sleep(SETTLE_S)
    ages = await listeners.stop()
    await bus.close()
    push.terminate()
    await push.wait()
    return ages, share


async def frames(world: World, words: list[str], port: int, seconds: float) -> float:
    """Large frames a second that 200 sockets took from a writer."""
    counters = Counters(world.directory / "writer", create=True)
    process = await world.start_process(
        *words,
        *("--port", str(port), "--bytes", str(LARGE_BYTES)),
        *("--sockets", str(LARGE_SOCKETS), "--counters", str(counters.path)),
    )
    await counters.until("ready", timeout_s=30)
    listeners = await Listeners.start(world, port, LARGE_SOCKETS, snapshots=False)
    began = time.monotonic()
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    ages = await listeners.stop()
    counters["stop"] = 1
    if process.returncode is None:
        process.terminate()
    await process.wait()
    return ages.frames / took


async def fleet(world: World) -> tuple[int, list[int]]:
    """An organisation of its own and the trips of its trucks."""
    connection = await world.connect()
    await world.make_trips(TRUCKS, prefix="seen")
    organisation = await connection.fetchval("select max(organisation_id) from trips")
    rows = await connection.fetch("select id from trips where organisation_id = $1", organisation)
    await connection.close()
    return organisation, [row["id"] for row in rows]


async def leg(world: World, logins: Path, runs: int, seconds: float) -> list[Figure]:
    """The room, then the frames beside the bare writer."""
    organisation, trips = await fleet(world)
    worst, shares, middle, ratios, limits, rates = [], [], [], [], [], []
    for _ in range(runs):
        ages, share = await room(world, organisation, trips, min(seconds, 30))
        worst.append(ages.worst_ms / 1000)
        middle.append(ages.p50_ms)
        shares.append(share * 100)
    for _ in range(runs):
        limit = await frames(world, ["bench.writer"], world.push_port, min(seconds, 10))
        rate = await frames(world, ["bench.live_writer"], world.push_port, min(seconds, 10))
        limits.append(limit)
        rates.append(rate)
        ratios.append(rate / limit)
    return [
        Figure("fanout", f"{SOCKETS:,} sockets, {TRUCKS} trucks at 1 Hz: worst lag", "s", worst, "<= 1.2"),
        Figure("fanout", "  median age of the oldest position in a frame", "ms", middle),
        Figure("fanout", "  push", "% of a core", shares, "<= 25"),
        Figure("fanout", f"bare writer, {LARGE_BYTES // 1000} KB to {LARGE_SOCKETS} sockets", "frame/s", limits),
        Figure("fanout", "  our socket protocol", "frame/s", rates),
        Figure("fanout", "  ours / bare", "", ratios, ">= 0.45"),
    ]
