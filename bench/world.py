"""Real services of the bench's own, and trips enough to measure with."""

import asyncio
import datetime as dt
import json
import os
import secrets
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import aiomqtt
import asyncpg

from bench.roads import origin, unloading
from freight.drivers.credentials import device_password
from hub.services.broker_accounts import ensure_accounts, process_accounts
from hub.services.mosquitto import ADMIN, MosquittoConfig, MosquittoService
from hub.services.ports import free_ports
from hub.services.postgres import PostgresConfig, PostgresService
from hub.services.redis import RedisConfig, RedisService
from store.broker import BrokerConfig, BrokerControl, device_role
from store.migrate import migrate
from store.partitions import make_partitions

PASSWORD = secrets.token_hex(12)
SECRET = secrets.token_bytes(32)
DEVICES_A_COMMAND = 15

SEED = """
with new_orders as (
    insert into orders (organisation_id, state, cargo_name)
    select $1, 'assigned', 'Bench' from generate_series(1, $2) returning id
), numbered as (
    select id, row_number() over (order by id) as n from new_orders
), new_users as (
    insert into users (role, name) select 'driver', 'Bench ' || n from numbered returning id
), numbered_users as (
    select id, row_number() over (order by id) as n from new_users
), new_drivers as (
    insert into drivers (user_id) select id from numbered_users order by n returning id
), numbered_drivers as (
    select id, row_number() over (order by id) as n from new_drivers
), new_devices as (
    insert into driver_devices (driver_id, login, kind) select id, $3 || n, $4 from numbered_drivers
), new_trips as (
    insert into trips (order_id, organisation_id, driver_id, window_from)
    select o.id, $1, d.id, $5 from numbered o join numbered_drivers d using (n) returning id, order_id
), new_tracks as (
    insert into tracks (trip_id) select id from new_trips
)
select n, id as order_id from numbered order by n
"""
STOP = """
insert into order_stops (order_id, position, kind, name, lat, lon, fence)
select * from unnest($1::int[], $2::smallint[], $3::text[], $4::text[], $5::float8[], $6::float8[], $7::jsonb[])
"""


def fence(number: int, lat: float, lon: float) -> dict[str, object]:
    """A circle for even numbers, an octagon for odd ones."""
    if number % 2 == 0:
        return {"type": "circle", "lat": lat, "lon": lon, "radius_m": 300}
    corners = ((3, 1), (3, -1), (1, -3), (-1, -3), (-3, -1), (-3, 1), (-1, 3), (1, 3))
    return {"type": "polygon", "points": [[lon + x * 0.0012, lat + y * 0.0009] for x, y in corners]}


@dataclass
class World:
    """PostgreSQL (durable), Mosquitto and Redis in a scratch folder on free ports."""

    directory: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="reis-bench-")))

    def __post_init__(self) -> None:
        self.directory.chmod(0o755)
        postgres, redis, mqtt, websocket = free_ports(4)
        # Our processes use sixty ports from here on.
        self.internal_port = secrets.choice(range(28_000, 32_000, 100))
        self.postgres = PostgresService(
            PostgresConfig(self.directory / "postgres", postgres, superuser_password=PASSWORD, password=PASSWORD)
        )
        self.redis = RedisService(RedisConfig(self.directory / "redis", redis, PASSWORD))
        self.mosquitto = MosquittoService(
            MosquittoConfig(self.directory / "mosquitto", mqtt, websocket, admin_password=PASSWORD)
        )
        self.mqtt_port = mqtt
        self.processes: list[asyncio.subprocess.Process] = []
        self.first_time = int(dt.datetime.now(dt.UTC).timestamp()) - 20 * 3600

    @property
    def push_port(self) -> int:
        """Where the push process listens."""
        return self.internal_port + 11

    @property
    def api_port(self) -> int:
        """Where the api process listens."""
        return self.internal_port + 1

    async def start(self) -> None:
        """Start, migrate, open the broker's accounts."""
        await asyncio.gather(self.postgres.start(), self.redis.start(), self.mosquitto.start())
        await asyncio.to_thread(migrate, self.postgres.url)
        connection = await self.connect()
        await make_partitions(connection, dt.datetime.now(dt.UTC).date(), 2)
        await connection.close()
        async with BrokerControl(self.broker(ADMIN)) as control:
            await ensure_accounts(control, process_accounts(PASSWORD))

    async def stop(self) -> None:
        """Stop all three, and what a failed leg left running."""
        for process in self.processes:
            if process.returncode is None:
                process.kill()
                await process.wait()
        await asyncio.gather(self.postgres.stop(), self.redis.stop(), self.mosquitto.stop())

    def logged(self, process: str, event: str) -> int:
        """How often a process has logged an event, over all runs."""
        path = self.directory / f"{process}.log"
        return path.read_text().count(f'"{event}"') if path.exists() else 0

    async def until_logged(self, process: str, event: str, count: int, timeout_s: float = 60) -> None:
        """Wait until a process has logged an event `count` times. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while self.logged(process, event) < count:  # noqa: ASYNC110 - a file tells no event
                await asyncio.sleep(0.05)

    async def answering(self, port: int, timeout_s: float = 30) -> None:
        """Wait until a process listens on `port`. Raises TimeoutError."""
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.1)
                else:
                    writer.close()
                    return

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """A plain connection to the database."""
        return await asyncpg.connect(self.postgres.url)

    def broker(self, username: str) -> BrokerConfig:
        """The broker as one of our own processes."""
        return BrokerConfig("127.0.0.1", self.mqtt_port, username, PASSWORD)

    def environment(self, **more: str) -> dict[str, str]:
        """What a hub process must be told to use these services."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
            "HUB_DATA_DIR": str(self.directory / "hub"),
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "MQTT_URL": f"mqtt://{ADMIN}:{PASSWORD}@127.0.0.1:{self.mqtt_port}",
            "HUB_BROKER_PASSWORD": PASSWORD,
            "HUB_DEVICE_SECRET": SECRET.hex(),
            "HUB_INTERNAL_PORT": str(self.internal_port),
            "HUB_LOG_FORMAT": "json",
            **more,
        }

    async def start_process(self, *words: str, **environment: str) -> asyncio.subprocess.Process:
        """Start a Python module (`hub ingest`, `bench.phones …`) against these services; its log goes to a file."""
        log = (self.directory / f"{words[0]}-{words[1].strip('-')}.log").open("ab")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *words, env=self.environment(**environment), stdout=log, stderr=log
        )
        self.processes.append(process)
        return process

    async def make_trips(self, count: int, prefix: str = "p", kind: str = "owntracks") -> list[str]:
        """`count` drivers, each with a device and an open trip between two fences; returns the devices' logins."""
        connection = await self.connect()
        await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
        organisation = await connection.fetchval("insert into organisations (name) values ('Bench') returning id")
        start = dt.datetime.fromtimestamp(self.first_time - 3600, dt.UTC)
        rows = await connection.fetch(SEED, organisation, count, prefix, kind, start)
        stops: list[tuple[object, ...]] = []
        for row in rows:
            number = row["n"] - 1
            for position, kind_of_stop, (lat, lon) in (
                (0, "loading", origin(number)),
                (1, "unloading", unloading(number)),
            ):
                stops.append((row["order_id"], position, kind_of_stop, "Bench", lat, lon, fence(number, lat, lon)))
        await connection.execute(STOP, *[list(column) for column in zip(*stops, strict=True)])
        await connection.execute("analyze")
        await connection.close()
        return [f"{prefix}{row['n']}" for row in rows]

    async def admit(self, logins: list[str]) -> Path:
        """Tell the broker of devices; returns the file of logins and passwords for `bench.phones`."""
        async with BrokerControl(self.broker(ADMIN)) as control:
            for first in range(0, len(logins), DEVICES_A_COMMAND):
                some = logins[first : first + DEVICES_A_COMMAND]
                await control.command([{"command": "createRole", **device_role(login)} for login in some])
                await control.command([self._client(login) for login in some])
        path = self.directory / "logins"
        path.write_text("".join(f"{login} {device_password(SECRET, login, 1)}\n" for login in logins))
        return path

    @staticmethod
    def _client(login: str) -> dict[str, object]:
        return {
            "command": "createClient",
            "username": login,
            "password": device_password(SECRET, login, 1),
            "roles": [{"rolename": f"device-{login}"}],
        }

    def kept(self, logins: Path) -> Path:
        """A copy of a logins file that the next `admit` does not overwrite."""
        return Path(shutil.copy(logins, self.directory / "kept-logins"))

    async def forget_session(self, username: str) -> None:
        """End what the broker keeps for one of our processes."""
        async with aiomqtt.Client(
            "127.0.0.1",
            self.mqtt_port,
            username=username,
            password=PASSWORD,
            identifier=username,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=True,
        ):
            return

    async def forget_positions(self) -> None:
        """Empty what the last run wrote, so that every run starts alike."""
        connection = await self.connect()
        await connection.execute(
            "truncate positions, quarantine, visits, events, notifications cascade; "
            "truncate pgqueuer, pgqueuer_log; "
            "update tracks set state = null, fix_time = null, lat = null, lon = null, fix_count = 0; "
            "update orders set state = 'assigned'; update trips set window_to = null, delivered_at = null"
        )
        await connection.close()
