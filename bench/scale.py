"""Leg: what a fix costs with few and with many active trips, through the pipeline itself (no broker)."""

import gc
import time
from collections import Counter
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
# What a phone sends at once after a while of silence.
BURST = 200


def known_after(trips: int) -> int:
    """How many batches it takes until every trip has been seen and its plan is read."""
    return -(-trips // BATCH)


def speakers(phones: int, burst: int) -> list[int]:
    """Whose each fix is: first everyone's in turn, as many batches as it takes; then `burst` fixes at a time."""
    opening = np.arange(BATCH * known_after(phones)) % phones
    return np.concatenate((opening, np.arange(BATCH * BATCHES) // burst % phones)).tolist()


def batches(world: World, logins: list[str], burst: int) -> list[list[Message]]:
    """Batches of 2 000 fixes, each phone's in order."""
    order = speakers(len(logins), burst)
    tracks = {phone: track(phone, phone * APART_S, fixes) for phone, fixes in Counter(order).items()}
    steps = Counter[int]()
    made: list[Message] = []
    received_at_us = time.time_ns() // 1000
    for phone in order:
        step = steps[phone]
        steps[phone] += 1
        lat, lon = float(tracks[phone][0][step]), float(tracks[phone][1][step])
        body = {"_type": "location", "lat": lat, "lon": lon, "tst": world.first_time + step, "acc": 8, "vel": 70}
        packet = mqtt5.PublishPacket(
            f"owntracks/{logins[phone]}/phone", msgspec.json.encode(body), qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=1
        )
        made.append(Message(packet, received_at_us, 1))
    return [made[first : first + BATCH] for first in range(0, len(made), BATCH)]


async def cost(world: World, logins: list[str], burst: int) -> float:
    """Processor seconds per 100 000 fixes of our process and PostgreSQL together, plans already read."""
    await world.forget_positions()
    pool = await open_pool(DatabaseConfig(world.postgres.url))
    pipeline = Pipeline(pool, retention_days=2)
    made = batches(world, logins, burst)
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
    """Every number of trips, `runs` times each: ten trips in a batch however many there are, then as many as can be."""
    fleets = {count: await world.make_trips(count, prefix=f"fleet{count}-") for count in TRIPS}
    figures: list[Figure] = []
    for burst, words in ((BURST, "active, 10 in a batch"), (1, "active, all in turn")):
        costs = {count: [await cost(world, fleet, burst) for _ in range(runs)] for count, fleet in fleets.items()}
        figures += [Figure("scale", f"{count:,} {words}", "CPU-s/100k", values) for count, values in costs.items()]
        ratio = float(np.median(costs[TRIPS[-1]]) / np.median(costs[TRIPS[0]]))
        figures.append(Figure("scale", f"  {TRIPS[-1]:,} / {TRIPS[0]:,}", "", [ratio], "<= 1.5" if burst > 1 else ""))
    return figures
