"""Leg: our fan-out beside Centrifugo, where that is installed: the same sockets, the same positions, the same run.

Centrifugo is a general message server: it passes on what is published, frame by frame. Ours knows trucks: it puts
together what a room has not been told yet, newest wins. So Centrifugo is measured twice: given every batch as ingest
sends it, and given batches put together beforehand, as many a second as our rooms send.
"""

import asyncio
import shutil
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path

import httpx
import msgspec

from bench.fanout import SOCKETS, TRUCKS, Listeners, fleet, positions, room
from bench.ingest import SETTLE_S, Accounts
from bench.listeners import Ages
from bench.report import Figure
from bench.world import World
from hub.services.ports import free_ports
from push.limits import PushLimits
from push.messages import Positions

PROGRAM = "centrifugo"
KEY = "bench"
CHANNEL = "room"
BATCHES_A_SECOND = 20


def settings(port: int) -> dict[str, object]:
    """Everyone may listen: what is compared is passing on, not signing in."""
    return {
        "http_server": {"address": "127.0.0.1", "port": str(port)},
        "http_api": {"key": KEY},
        "uni_websocket": {"enabled": True},
        "client": {"allow_anonymous_connect_without_token": True, "allowed_origins": ["*"]},
        "channel": {"without_namespace": {"allow_subscribe_for_client": True, "allow_subscribe_for_anonymous": True}},
        "log": {"level": "error"},
    }


async def start_centrifugo(world: World, program: str, port: int) -> Process:
    """Its process, listening; it keeps everything in memory."""
    path = world.directory / "centrifugo.json"
    path.write_bytes(msgspec.json.encode(settings(port)))
    process = await asyncio.create_subprocess_exec(program, "-c", str(path), stdout=DEVNULL, stderr=DEVNULL)
    world.processes.append(process)
    await world.answering(port)
    return process


async def centrifugo(
    world: World, program: str, trips: list[int], seconds: float, batches_a_second: int
) -> tuple[Ages, float]:
    """What a thousand listeners saw, and the share of one core that it used."""
    (port,) = free_ports(1)
    process = await start_centrifugo(world, program, port)
    listeners = await Listeners.start(
        world,
        port,
        SOCKETS,
        snapshots=False,
        more=["--path", "/connection/uni_websocket", "--greeting", '{"subs":{"room":{}}}', "--enveloped"],
    )
    await asyncio.sleep(SETTLE_S)
    accounts = Accounts(centrifugo=process.pid)
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"X-API-Key": KEY}) as client:
        for sequence in range(1, int(seconds) + 1):
            for part in range(batches_a_second):
                told = positions(trips[part::batches_a_second], sequence).positions
                frame = Positions("bench", sequence, int(time.time() * 1000), told)
                body = msgspec.json.encode({"channel": CHANNEL, "data": frame})
                (await client.post("/api/publish", content=body)).raise_for_status()
                due = began + sequence - 1 + (part + 1) / batches_a_second
                await asyncio.sleep(max(0.0, due - time.monotonic()))
    share = (accounts.seconds()["centrifugo"] - accounts.before["centrifugo"]) / (time.monotonic() - began)
    await asyncio.sleep(SETTLE_S)
    ages = await listeners.stop()
    process.terminate()
    await process.wait()
    return ages, share


async def leg(world: World, logins: Path, runs: int, seconds: float) -> list[Figure]:
    """Ours and Centrifugo in turn; nothing where it is not installed."""
    program = shutil.which(PROGRAM)
    if program is None:
        sys.stderr.write(f"  {PROGRAM} is not on the PATH: nothing to compare with\n")
        return []
    organisation, trips = await fleet(world)
    together = int(PushLimits().position_frames_per_s / SOCKETS)
    seen: dict[str, list[tuple[Ages, float]]] = {}
    for _ in range(runs):
        ours = await room(world, organisation, trips, min(seconds, 30))
        seen.setdefault("ours", []).append(ours)
        for name, rate in (("as ingest sends", BATCHES_A_SECOND), ("put together", together)):
            theirs = await centrifugo(world, program, trips, min(seconds, 30), rate)
            seen.setdefault(f"Centrifugo, {rate} batches/s {name}", []).append(theirs)
    words = f"{SOCKETS:,} sockets, {TRUCKS} trucks"
    return [
        figure
        for name, results in seen.items()
        for figure in (
            Figure("beside", f"{words}: {name}", "% of a core", [share * 100 for _, share in results]),
            Figure("beside", "  oldest position in a frame, worst", "s", [ages.worst_ms / 1000 for ages, _ in results]),
            Figure("beside", "  the same, median", "ms", [ages.p50_ms for ages, _ in results]),
            Figure("beside", "  frames to each socket", "", [ages.frames / ages.sockets for ages, _ in results]),
        )
    ]
