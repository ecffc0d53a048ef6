"""A private PostgreSQL with PostGIS in a folder of its own."""

from __future__ import annotations

import asyncio
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import asyncpg

from hub.errors import ForeignSecrets, ServiceFailed
from hub.services.accounts import account_for
from hub.services.binaries import find_postgres
from hub.services.folders import make_folder, write_private
from hub.services.ports import require_free
from hub.services.process import SERVICE_ENVIRONMENT, OwnProcess, ProcessPlan, launcher, stop_leftover
from store.away import DATABASE_ERRORS

ACCOUNT = "postgres"
# The kernel's limit for a socket's path is 107 bytes, of which the file's own name takes some.
SOCKET_FOLDER_LIMIT = 85
EXTENSIONS = ("postgis", "pg_trgm")

ROLE_EXISTS = "select 1 from pg_roles where rolname = 'reis'"
DATABASE_EXISTS = "select 1 from pg_database where datname = $1"
# Statements of this kind take no parameters; the server itself quotes the value.
PASSWORD_STATEMENT = "select format('alter role reis password %L', $1::text)"


@dataclass(frozen=True, slots=True)
class PostgresConfig:
    """`directory` holds data, socket and log. `durable` False gives up safety for speed (throw-away test data)."""

    directory: Path
    port: int
    superuser_password: str
    password: str
    database: str = "reis"
    durable: bool = True
    shared_buffers_mib: int = 256
    max_connections: int = 100


class PostgresService:
    """Starts, provisions and stops one server; `url` is the application's address, `superuser_url` the owner's."""

    name = "postgres"

    def __init__(self, config: PostgresConfig) -> None:
        self.config = config
        self.data = config.directory / "data"
        self.socket_folder = config.directory / "run"
        self._process: OwnProcess | None = None

    @property
    def url(self) -> str:
        return self._address("reis", self.config.password, self.config.database)

    @property
    def superuser_url(self) -> str:
        return self._address(ACCOUNT, self.config.superuser_password, "postgres")

    @property
    def process(self) -> OwnProcess:
        """The running server; RuntimeError before `start`."""
        if self._process is None:
            raise RuntimeError("postgres was never started")
        return self._process

    async def start(self) -> None:
        """Bring the server up with the application's role, database and extensions in place.

        Raises MissingProgram, WrongVersion, DataVersionMismatch, PortTaken, FolderUnusable or ServiceFailed.
        """
        programs = await asyncio.to_thread(find_postgres, self.data)
        account = account_for(ACCOUNT)
        make_folder(self.config.directory, account, 0o755)
        make_folder(self.socket_folder, account)
        pid_file = self.config.directory / "pid"
        await stop_leftover(pid_file, signal.SIGINT)
        if not (self.data / "PG_VERSION").exists():
            await self._initialise(programs.initdb, account)
        forget_dead_server(self.data, self.socket_folder)
        require_free(self.config.port, "PostgreSQL", "HUB_POSTGRES_PORT")
        self._process = OwnProcess(
            ProcessPlan(
                name=self.name,
                arguments=(str(programs.server), "-D", str(self.data), *self._options()),
                log_file=self.config.directory / "log",
                pid_file=pid_file,
                user=account,
                # "Fast": open transactions are rolled back instead of waited for.
                stop_signal=signal.SIGINT,
                death_signal=signal.SIGINT,
            )
        )
        await self._process.start()
        # After a crash it first replays its log, which takes as long as it takes.
        await self._process.wait_until_answers(self._answer, DATABASE_ERRORS, timeout_s=120)
        try:
            await self._provision()
        except DATABASE_ERRORS as error:
            # It may end again right after its first answer; the supervisor then starts it once more.
            raise ServiceFailed(self.name, f"answered and then failed: {error}", self._process.log_tail()) from error

    async def stop(self) -> None:
        """Stop it in order; committed work is on disk either way."""
        if self._process is not None:
            await self._process.stop()

    def _address(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{self.config.port}/{database}"

    def _options(self) -> list[str]:
        config = self.config
        sockets = str(self.socket_folder) if len(str(self.socket_folder)) <= SOCKET_FOLDER_LIMIT else ""
        durable = "on" if config.durable else "off"
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": config.port,
            "unix_socket_directories": sockets,
            "max_connections": config.max_connections,
            "shared_buffers": f"{config.shared_buffers_mib}MB",
            "effective_cache_size": f"{config.shared_buffers_mib * 4}MB",
            "maintenance_work_mem": "64MB",
            "work_mem": "16MB",
            "fsync": durable,
            "full_page_writes": durable,
            "synchronous_commit": durable,
            "wal_compression": "on",
            # Positions are a steady stream of inserts: few, spread-out checkpoints.
            "max_wal_size": "2GB",
            "checkpoint_timeout": "15min",
            "checkpoint_completion_target": 0.9,
            "random_page_cost": 1.1,
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
            "log_line_prefix": "%m [%p] ",
            "log_min_duration_statement": "2s",
            # Bound values, and the rows an error tells of in detail, may be personal: they stay out of the log.
            "log_error_verbosity": "terse",
            "log_parameter_max_length": 0,
            "log_parameter_max_length_on_error": 0,
        }
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    async def _initialise(self, initdb: Path, account: str | None) -> None:
        """Make the data folder; a set-up cut short leaves only the `.partial` folder, thrown away next time."""
        partial = self.config.directory / "data.partial"
        await asyncio.to_thread(shutil.rmtree, partial, ignore_errors=True)
        secret = self.config.directory / "superuser-password"
        write_private(secret, self.config.superuser_password, account)
        process = await asyncio.create_subprocess_exec(
            *launcher(account, signal.SIGKILL),
            str(initdb),
            *("-D", str(partial), "-U", ACCOUNT, "--pwfile", str(secret)),
            *("--auth", "scram-sha-256", "-E", "UTF8", "--locale", "C.UTF-8"),
            *(() if self.config.durable else ("--no-sync",)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=SERVICE_ENVIRONMENT,
            cwd=self.config.directory,
        )
        output, _ = await process.communicate()
        secret.unlink()
        if process.returncode != 0:
            raise ServiceFailed(self.name, "could not make its data folder", output.decode(errors="replace")[-2000:])
        partial.rename(self.data)

    async def _answer(self) -> None:
        try:
            connection = await asyncpg.connect(self.superuser_url, timeout=5)
        except asyncpg.InvalidPasswordError:
            raise ForeignSecrets("PostgreSQL", self.config.directory) from None
        await connection.close()

    async def _provision(self) -> None:
        """Make role, database and extensions where missing: extensions need the superuser, the program does not."""
        owner = await asyncpg.connect(self.superuser_url)
        try:
            if not await owner.fetchval(ROLE_EXISTS):
                await owner.execute("create role reis login")
            await owner.execute(await owner.fetchval(PASSWORD_STATEMENT, self.config.password))
            exists = await owner.fetchval(DATABASE_EXISTS, self.config.database)
            if not exists:
                await owner.execute(f'create database "{self.config.database}" owner reis')
        finally:
            await owner.close()
        extender = await asyncpg.connect(self._address(ACCOUNT, self.config.superuser_password, self.config.database))
        try:
            for extension in EXTENSIONS:
                await extender.execute(f"create extension if not exists {extension}")
        finally:
            await extender.close()


def forget_dead_server(data: Path, sockets: Path) -> None:
    """Remove the locks of a server that died with the machine: one in its data folder, one beside each of its sockets.

    PostgreSQL itself looks at nothing but the process id in them: it would refuse to start for ever once that is
    another program's, or a lock has come empty out of a power cut. Raises ServiceFailed when a server does work on
    `data`.
    """
    for lock in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*.lock")):
        try:
            pid = int(lock.read_text().partition("\n")[0])
        except FileNotFoundError:
            continue
        except ValueError:
            pid = None
        if pid is not None and works_on(pid, data):
            raise ServiceFailed("postgres", f"already works on {data} (pid {pid}), started by somebody else: stop it")
        lock.unlink(missing_ok=True)


def works_on(pid: int, data: Path) -> bool:
    """Whether a process lives whose working folder is `data`, as a server's is."""
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == data.resolve()
    except OSError:
        # Gone, or another account's: a server of ours would be neither.
        return False
