"""Legs: from publish to commit at 5 000 fixes/s, and from a phone to its dispatcher's socket at 2 000 fixes/s."""

import asyncio
import datetime as dt
import json
import time
from pathlib import Path

import aiomqtt
import websockets

from bench.ingest import SETTLE_S, Load, start_workers
from bench.probe import commit_delays, fix
from bench.report import Figure
from bench.world import SECRET, World
from freight.accounts.actions import Client, create_user, open_session
from freight.accounts.tokens import SESSION_COOKIE
from freight.drivers.credentials import device_password
from store.pool import DatabaseConfig, open_pool

COMMIT_RATE = 5_000
LIVE_RATE = 2_000
# Each has an organisation of its own, but for the last: that one drives among all trucks of the load.
WATCHED = 10
LIVE_EVERY_S = 1.1


def quantile(values: list[float], share: float) -> float:
    """The smallest value that `share` of the values do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def commit_leg(world: World, logins: Path, runs: int, seconds: float) -> list[Figure]:
    """Probes among a steady load; what is measured is the confirmation, so the commit is earlier still."""
    (probe,) = await world.make_trips(1, prefix="probe", kind="app")
    load_logins = world.kept(logins)
    await world.admit([probe])
    middle, high = [], []
    for _ in range(runs):
        await world.forget_positions()
        (worker,) = await start_workers(world, 1)
        load = await Load.start(world, load_logins, COMMIT_RATE)
        load.counters["allowed"] = 2**60
        await asyncio.sleep(SETTLE_S)
        delays = await commit_delays(world, probe, 0, seconds)
        await load.stop()
        worker.terminate()
        await worker.wait()
        middle.append(quantile(delays, 0.5))
        high.append(quantile(delays, 0.99))
    return [
        Figure("commit", f"publish to commit at {COMMIT_RATE:,} fixes/s, p50", "ms", middle),
        Figure("commit", f"publish to commit at {COMMIT_RATE:,} fixes/s, p99", "ms", high, "<= 50"),
    ]


async def watch(port: int, cookie: str, trip_id: int, sent: dict[int, float]) -> list[float]:
    """Milliseconds from publishing to the frame, by the truck's own fix time, until cancelled."""
    delays: list[float] = []
    address = f"ws://127.0.0.1:{port}/ws"
    async with websockets.connect(address, additional_headers={"Cookie": cookie}, compression=None) as socket:
        await socket.send('{"type":"join"}')
        try:
            async for frame in socket:
                now = time.perf_counter()
                message = json.loads(frame)
                if message["type"] != "positions":
                    continue
                for position in message["positions"]:
                    if position["trip_id"] != trip_id:
                        continue
                    began = sent.pop(position["fix_time_ms"] // 1000, None)
                    if began is not None:
                        delays.append((now - began) * 1000)
        except asyncio.CancelledError:
            pass
    return delays


async def drive(world: World, login: str, number: int, seconds: float, sent: dict[int, float]) -> None:
    """One watched phone: a fix every 1.1 s, out of step with the others."""
    password = device_password(SECRET, login, 1)
    async with aiomqtt.Client(
        "127.0.0.1", world.mqtt_port, username=login, password=password, protocol=aiomqtt.ProtocolVersion.V5
    ) as client:
        await asyncio.sleep(number * LIVE_EVERY_S / WATCHED)
        began = time.perf_counter()
        step = 0
        while time.perf_counter() - began < seconds:
            step += 1
            tst = world.first_time + step * 10
            sent[tst] = time.perf_counter()
            await client.publish(f"owntracks/{login}/app", fix(number, step * 10, tst), qos=1)
            await asyncio.sleep(LIVE_EVERY_S)


async def cookies(world: World, organisations: list[int]) -> list[str]:
    """A signed-in dispatcher for each organisation."""
    pool = await open_pool(DatabaseConfig(world.postgres.url))
    made = []
    async with pool.acquire() as connection:
        for organisation in organisations:
            stamp = dt.datetime.now(dt.UTC).timestamp()
            user = await create_user(
                connection,
                organisation_id=organisation,
                role="dispatcher",
                name="Bench",
                email=f"d{organisation}-{stamp}@bench.example",
            )
            token, _ = await open_session(connection, user, Client(), 1)
            made.append(f"{SESSION_COOKIE}={token}")
    await pool.close()
    return made


async def trips_of(world: World, logins: list[str]) -> list[tuple[int, int]]:
    """(trip, organisation) of each device."""
    connection = await world.connect()
    rows = await connection.fetch(
        "select d.login, t.id, t.organisation_id from driver_devices d join trips t using (driver_id) "
        "where d.login = any($1)",
        logins,
    )
    await connection.close()
    found = {row["login"]: (row["id"], row["organisation_id"]) for row in rows}
    return [found[login] for login in logins]


async def crowd_in(world: World, login: str) -> None:
    """Move a device's trip to the organisation with the most trips."""
    connection = await world.connect()
    moved = """
        with crowd as (select organisation_id from trips group by 1 order by count(*) desc limit 1),
        moved as (
            update trips set organisation_id = crowd.organisation_id from crowd
            where driver_id = (select driver_id from driver_devices where login = $1)
            returning order_id, trips.organisation_id
        )
        update orders set organisation_id = moved.organisation_id from moved where id = moved.order_id
    """
    await connection.execute(moved, login)
    await connection.close()


async def live_leg(world: World, logins: Path, runs: int, seconds: float) -> list[Figure]:
    """Phones and their dispatchers' sockets among a steady load."""
    watched = [(await world.make_trips(1, prefix=f"watched{n}-", kind="app"))[0] for n in range(WATCHED)]
    await crowd_in(world, watched[-1])
    trips = await trips_of(world, watched)
    load_logins = world.kept(logins)
    await world.admit(watched)
    middle, high, crowded = [], [], []
    for _ in range(runs):
        await world.forget_positions()
        (worker,) = await start_workers(world, 1)
        push = await world.start_process("hub", "push")
        await world.answering(world.push_port)
        load = await Load.start(world, load_logins, LIVE_RATE)
        load.counters["allowed"] = 2**60
        sent: list[dict[int, float]] = [{} for _ in watched]
        held = await cookies(world, [organisation for _, organisation in trips])
        watchers = [
            asyncio.create_task(watch(world.push_port, cookie, trip_id, times))
            for cookie, (trip_id, _), times in zip(held, trips, sent, strict=True)
        ]
        await asyncio.sleep(SETTLE_S)
        await asyncio.gather(*[drive(world, login, n, seconds, sent[n]) for n, login in enumerate(watched)])
        await asyncio.sleep(SETTLE_S)
        for watcher in watchers:
            watcher.cancel()
        *alone, among = await asyncio.gather(*watchers)
        delays = [delay for some in alone for delay in some]
        await load.stop()
        for process in (worker, push):
            process.terminate()
            await process.wait()
        middle.append(quantile(delays, 0.5))
        high.append(quantile(delays, 0.99))
        crowded.append(quantile(among, 0.5))
    return [
        Figure("live", f"phone to socket at {LIVE_RATE:,} fixes/s, p50", "ms", middle, "<= 100"),
        Figure("live", f"phone to socket at {LIVE_RATE:,} fixes/s, p99", "ms", high, "<= 300"),
        Figure("live", "  p50 in the room of all trucks", "ms", crowded, "<= 100"),
    ]
