"""Leg: our writing of 2 000 positions beside the server's own binary COPY of the same rows into the same table."""

import time
from pathlib import Path

import asyncpg
import numpy as np

from bench.report import Figure
from bench.roads import track
from bench.world import World
from geo.fix import columns
from ingest.positions import COLUMNS, copy_positions, insert_new_positions, pack

BATCH = 2_000
BATCHES = 60


def stream(world: World, batch: int) -> bytearray:
    """One batch of rows as PostgreSQL's binary COPY stream; every batch has its own driver."""
    lat, lon = track(batch % 500, 0, BATCH)
    moments = (world.first_time + np.arange(BATCH, dtype=np.int64)) * 1_000_000
    same = np.full(BATCH, batch + 1, np.int32)
    fixes = columns(
        moments,
        lat,
        lon,
        accuracy_m=np.full(BATCH, 8, np.float32),
        speed_mps=np.full(BATCH, 20, np.float32),
        bearing_deg=np.full(BATCH, 90, np.float32),
        altitude_m=np.full(BATCH, 760, np.float32),
        battery_pct=np.full(BATCH, 87, np.int16),
    )
    return pack(fixes, moments, same, same, same)


async def empty(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute("truncate positions")


async def bare(connection: "asyncpg.Connection[asyncpg.Record]", streams: list[bytearray], folder: Path) -> float:
    """Rows a second of COPY from files on the server: no client, no protocol, one transaction a batch."""
    paths = []
    for number, packed in enumerate(streams):
        path = folder / f"batch{number}"
        path.write_bytes(packed)
        path.chmod(0o644)
        paths.append(path)
    await empty(connection)
    began = time.perf_counter()
    for path in paths:
        await connection.execute(f"copy positions ({', '.join(COLUMNS)}) from '{path}' with (format binary)")
    return len(paths) * BATCH / (time.perf_counter() - began)


async def ours(connection: "asyncpg.Connection[asyncpg.Record]", world: World) -> float:
    """Rows a second packed and appended by ingest, one transaction a batch."""
    await empty(connection)
    began = time.perf_counter()
    for number in range(BATCHES):
        async with connection.transaction():
            await copy_positions(connection, stream(world, number))
    return BATCHES * BATCH / (time.perf_counter() - began)


async def repeated(connection: "asyncpg.Connection[asyncpg.Record]", world: World) -> float:
    """Rows a second when half of every batch is stored already, as after a worker was killed."""
    await empty(connection)
    for number in range(0, BATCHES, 2):
        await copy_positions(connection, stream(world, number))
    began = time.perf_counter()
    for number in range(BATCHES):
        async with connection.transaction():
            await insert_new_positions(connection, stream(world, number))
    return BATCHES * BATCH / (time.perf_counter() - began)


async def leg(world: World, logins: Path, runs: int, seconds: float) -> list[Figure]:
    """The three in turn, `runs` times each."""
    connection = await asyncpg.connect(world.postgres.superuser_url.removesuffix("postgres") + "reis")
    folder = world.directory / "batches"
    folder.mkdir()
    folder.chmod(0o755)
    streams = [stream(world, number) for number in range(BATCHES)]
    limits, rates, again = [], [], []
    for _ in range(runs):
        limits.append(await bare(connection, streams, folder))
        rates.append(await ours(connection, world))
        again.append(await repeated(connection, world))
    await connection.close()
    return [
        Figure("copying", "server-side binary COPY", "row/s", limits),
        Figure("copying", "packed and appended, 2 000 a batch", "row/s", rates),
        Figure("copying", "ours / bare", "", [o / b for o, b in zip(rates, limits, strict=True)], ">= 0.4"),
        Figure("copying", "half of them repeats", "row/s", again),
    ]
