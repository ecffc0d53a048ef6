"""Leg: the path of a 50 000-point trip, from the database to a browser."""

import gzip
import time
from pathlib import Path

import httpx
import numpy as np

from bench.latency import cookies
from bench.report import Figure
from bench.world import World
from geo.fix import columns
from geo.road_graph import Floats
from geo.routing import route
from ingest.positions import copy_positions, pack

POINTS = 50_000


def drive() -> tuple[Floats, Floats]:
    """Bishkek to Urumqi by the embedded roads, a fix every thirty metres, with wandering noise: what a phone sends."""
    road = route([(42.87, 74.59), (43.83, 87.62)])
    along = np.linspace(0, road.cumulative_m[-1], POINTS)
    random = np.random.default_rng(1)
    wander = np.cumsum(random.normal(0, 1.5e-6, (2, POINTS)), axis=1)
    noise = random.normal(0, 3e-5, (2, POINTS)) + wander
    return (
        np.interp(along, road.cumulative_m, road.lats) + noise[0],
        np.interp(along, road.cumulative_m, road.lons) + noise[1],
    )


async def lay(world: World) -> tuple[int, int]:
    """A trip with 50 000 stored positions; its id and its organisation's."""
    await world.make_trips(1, prefix="long")
    connection = await world.connect()
    row = await connection.fetchrow("select id, driver_id, organisation_id from trips order by id desc limit 1")
    assert row is not None
    lat, lon = drive()
    moments = (world.first_time + np.arange(POINTS, dtype=np.int64)) * 1_000_000
    fixes = columns(moments, lat, lon, accuracy_m=np.full(POINTS, 8, np.float32))
    ids = [np.full(POINTS, number, np.int32) for number in (row["driver_id"], row["id"], 1)]
    await copy_positions(connection, pack(fixes, moments, *ids))
    await connection.execute("update tracks set fix_count = $2 where trip_id = $1", row["id"], POINTS)
    await connection.execute("analyze positions")
    await connection.close()
    return row["id"], row["organisation_id"]


async def leg(world: World, logins: Path, runs: int, seconds: float) -> list[Figure]:
    """Ask for it as a browser does, over and over."""
    trip, organisation = await lay(world)
    api = await world.start_process("hub", "api")
    await world.answering(world.api_port)
    (cookie,) = await cookies(world, [organisation])
    times, sizes = [], []
    address = f"http://127.0.0.1:{world.api_port}"
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
    async with httpx.AsyncClient(base_url=address, headers=headers, timeout=30) as client:
        (await client.get(f"/api/trips/{trip}/track")).raise_for_status()
        for _ in range(max(5, runs)):
            began = time.perf_counter()
            answer = await client.get(f"/api/trips/{trip}/track")
            times.append((time.perf_counter() - began) * 1000)
            packed = answer.headers.get("content-encoding") == "gzip"
            sizes.append(int(answer.headers["content-length"]) / 1000 if packed else len(answer.content) / 1000)
    api.terminate()
    await api.wait()
    least = len(gzip.compress(answer.content)) / 1000
    return [
        Figure("track", f"path of a {POINTS:,}-point trip", "ms", times, "<= 150"),
        Figure("track", "  size on the wire", "KB", sizes, "<= 60"),
        Figure("track", "  size if gzipped", "KB", [least]),
    ]
