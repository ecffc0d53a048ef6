"""Real PostgreSQL, Mosquitto and Redis for the tests, in a folder of their own on free ports."""

import asyncio
import datetime as dt
import secrets
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from hub.services.broker_accounts import ensure_accounts, process_accounts
from hub.services.mosquitto import ADMIN, MosquittoConfig, MosquittoService
from hub.services.postgres import PostgresConfig, PostgresService
from hub.services.redis import RedisConfig, RedisService
from store.broker import BrokerConfig, BrokerControl
from store.migrate import migrate
from store.partitions import make_partitions
from tests.ports import free_ports

TEMPLATE = "reis_template"
PASSWORD = "test-" + secrets.token_hex(8)


@dataclass
class RealServices:
    """The three services. `durable` turns fsync on, for tests that kill the database."""

    directory: Path
    durable: bool = False
    ports: list[int] = field(default_factory=lambda: free_ports(4))

    def __post_init__(self) -> None:
        postgres, redis, mqtt, websocket = self.ports
        self.postgres = PostgresService(
            PostgresConfig(
                self.directory / "postgres",
                postgres,
                superuser_password=PASSWORD,
                password=PASSWORD,
                database=TEMPLATE,
                durable=self.durable,
                shared_buffers_mib=128,
            )
        )
        self.redis = RedisService(RedisConfig(self.directory / "redis", redis, PASSWORD))
        self.mosquitto = MosquittoService(
            MosquittoConfig(self.directory / "mosquitto", mqtt, websocket, admin_password=PASSWORD)
        )

    async def start(self) -> None:
        """Start all three, migrate the template database, make the broker's accounts."""
        self.directory.chmod(0o755)
        await asyncio.gather(self.postgres.start(), self.redis.start(), self.mosquitto.start())
        await self.prepare()

    async def prepare(self) -> None:
        """Bring schema and accounts into services that run already."""
        await asyncio.gather(asyncio.to_thread(migrate, self.postgres.url), self._make_broker_accounts())
        connection = await asyncpg.connect(self.postgres.url)
        # Two days back are enough for tests; a clone copies every partition.
        await make_partitions(connection, dt.datetime.now(dt.UTC).date(), 2)
        await connection.close()

    async def stop(self) -> None:
        """Stop all three."""
        await asyncio.gather(self.postgres.stop(), self.redis.stop(), self.mosquitto.stop())

    async def _make_broker_accounts(self) -> None:
        async with BrokerControl(self.broker(ADMIN)) as control:
            await ensure_accounts(control, process_accounts(PASSWORD))

    def broker(self, username: str) -> BrokerConfig:
        """The broker as one of its accounts (`hub`, `ingest-1`, `bridge-1`, `control-1` … 8)."""
        return BrokerConfig("127.0.0.1", self.mosquitto.config.port, username, PASSWORD)

    def database_url(self, name: str) -> str:
        """The application's address of one database on this server."""
        return self.postgres.url.removesuffix(TEMPLATE) + name

    async def clone_database(self, name: str) -> str:
        """A fresh copy of the migrated template; returns its address."""
        connection = await asyncpg.connect(self.postgres.superuser_url)
        try:
            # Copying the files takes a tenth of the time of logging every page, which newer servers do unless told.
            strategy = "strategy file_copy" if connection.get_server_version() >= (15, 0) else ""
            await connection.execute(f'create database "{name}" template "{TEMPLATE}" owner reis {strategy}')
        finally:
            await connection.close()
        return self.database_url(name)

    async def drop_database(self, name: str) -> None:
        """Drop a copy, closing whatever is still connected."""
        await self._as_superuser(f'drop database if exists "{name}" with (force)')

    async def _as_superuser(self, statement: str) -> None:
        connection = await asyncpg.connect(self.postgres.superuser_url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
