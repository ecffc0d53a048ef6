"""A private Redis: live messages and rate limits only, so nothing is kept on disk."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import redis.asyncio
from redis.exceptions import RedisError

from hub.services.accounts import account_for
from hub.services.binaries import find_redis
from hub.services.folders import make_folder, write_private
from hub.services.ports import require_free
from hub.services.process import OwnProcess, ProcessPlan, stop_leftover

ACCOUNT = "redis"


@dataclass(frozen=True, slots=True)
class RedisConfig:
    directory: Path
    port: int
    password: str
    databases: int = 16
    memory_limit_mib: int = 256


class RedisService:
    """Starts and stops one server; `url` is its address."""

    name = "redis"

    def __init__(self, config: RedisConfig) -> None:
        self.config = config
        self._process: OwnProcess | None = None

    @property
    def url(self) -> str:
        return f"redis://:{quote(self.config.password, safe='')}@127.0.0.1:{self.config.port}/0"

    @property
    def process(self) -> OwnProcess:
        """The running server; RuntimeError before `start`."""
        if self._process is None:
            raise RuntimeError("redis was never started")
        return self._process

    async def start(self) -> None:
        """Bring it up. Raises MissingProgram, WrongVersion, PortTaken, FolderUnusable or ServiceFailed."""
        programs = await asyncio.to_thread(find_redis)
        account = account_for(ACCOUNT)
        make_folder(self.config.directory, account, 0o755)
        pid_file = self.config.directory / "pid"
        configuration = self.config.directory / "redis.conf"
        await stop_leftover(pid_file, signal.SIGTERM)
        require_free(self.config.port, "Redis", "HUB_REDIS_PORT")
        # A file, not arguments: the password must not stand in the process list.
        write_private(configuration, self._directives(), account)
        self._process = OwnProcess(
            ProcessPlan(
                name=self.name,
                arguments=(str(programs.server), str(configuration)),
                log_file=self.config.directory / "log",
                pid_file=pid_file,
                user=account,
                stop_timeout_s=5,
            )
        )
        await self._process.start()
        await self._process.wait_until_answers(self._answer, (RedisError, OSError), timeout_s=15)

    async def stop(self) -> None:
        if self._process is not None:
            await self._process.stop()

    def _directives(self) -> str:
        config = self.config
        return (
            f"bind 127.0.0.1\nport {config.port}\nrequirepass {config.password}\ndir {config.directory}\n"
            f"databases {config.databases}\nmaxmemory {config.memory_limit_mib}mb\n"
            # What does not fit is refused loudly rather than some other key dropped quietly.
            'maxmemory-policy noeviction\nsave ""\nappendonly no\ndaemonize no\n'
            # A listener that stopped reading is dropped; it resynchronises when it is back.
            "client-output-buffer-limit pubsub 32mb 8mb 10\n"
        )

    async def _answer(self) -> None:
        client = redis.asyncio.Redis.from_url(self.url, socket_connect_timeout=1)
        try:
            await client.ping()
        finally:
            await client.aclose()
