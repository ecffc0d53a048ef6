"""Leg: what a fix costs with few and with many active trips, through the pipeline itself (no broker)."""

import gc
import time
from pathlib import Path

import mqtt5
import msgspec
import numpy as np

from bench.machine import processor_seconds
from bench.report import Figure
from bench.roads import APART_S, track
from bench.world import World
from ingest.message import Message
from ingest.pipeline import Pipeline
from ingest.worker import COLLECT_AFTER
from store.pool import DatabaseConfig, open_pool

TRIPS = (10, 100, 1_000, 10_000)
BATCH = 2_000
BATCHES = 25


def batches(world: World, logins: list[str]) -> list[list[Message]]:
    """Fixes of all phones in turn, each phone's in order, in batches of 2 000; the first ones reach every phone."""
    count = BATCH * (BATCHES + known_after(len(logins)))
    each = -(-count // len(logins))
    tracks = [track(number, number * APART_S, each) for number in range(len(logins))]
    made: list[Message] = []
    received_at_us = time.time_ns() // 1000
    for step in range(each):
        for number, login in enumerate(logins):
            lat, lon = float(tracks[number][0][step]), float(tracks[number][1][step])
            body = {"_type": "location", "lat": lat, "lon": lon, "tst": world.first_time + step, "acc": 8, "vel": 70}
            packet = mqtt5.PublishPacket(
                f"owntracks/{login}/phone", msgspec.json.encode(body), qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=1
            )
            made.append(Message(packet, received_at_us, 1))
    return [made[first : first + BATCH] for first in range(0, count, BATCH)]


def known_after(trips: int) -> int:
    """How many batches it takes until every trip has been seen and its plan is read."""
    return -(-trips // BATCH)


async def cost(world: World, logins: list[str]) -> float:
    """Processor seconds per 100 000 fixes of our process and PostgreSQL together, plans already read."""
    await world.forget_positions()
    pool = await open_pool(DatabaseConfig(world.postgres.url))
    pipeline = Pipeline(pool, retention_days=2)
    made = batches(world, logins)
    first, rest = made[: known_after(len(logins))], made[known_after(len(logins)) :]
    # As the worker has it.
    gc.set_threshold(*COLLECT_AFTER)
    for batch in first:
        await pipeline.take(batch)
    own, server = time.process_time(), processor_seconds(world.postgres.process.pid)
    for batch in rest:
        await pipeline.take(batch)
    spent = time.process_time() - own + processor_seconds(world.postgres.process.pid) - server
    await pool.close()
    return spent / (BATCH * len(rest)) * 1e5


async def leg(world: World, logins: Path, runs: int, seconds: float) -> list[Figure]:
    """Every number of trips, `runs` times each."""
    fleets = {count: await world.make_trips(count, prefix=f"fleet{count}-") for count in TRIPS}
    costs = {count: [await cost(world, fleet) for _ in range(runs)] for count, fleet in fleets.items()}
    middle = {count: float(np.median(values)) for count, values in costs.items()}
    return [
        *[Figure("scale", f"{count:,} active trips", "CPU-s/100k", values) for count, values in costs.items()],
        Figure("scale", "10 000 trips / 1 000 trips", "", [middle[10_000] / middle[1_000]], "<= 2"),
    ]
