"""A private Mosquitto with the directives of production (`mosquitto.conf` of the repository)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import secrets
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from hub.errors import ServiceFailed
from hub.services.accounts import account_for
from hub.services.binaries import MosquittoPrograms, find_mosquitto
from hub.services.folders import make_folder, write_private
from hub.services.ports import require_free
from hub.services.process import SERVICE_ENVIRONMENT, OwnProcess, ProcessPlan, launcher, stop_leftover

log = structlog.get_logger()

ACCOUNT = "mosquitto"
ADMIN = "hub"
# The password is random and long: more rounds would only hold up the broker's one thread at each sign-in.
HASH_ROUNDS = 1_000

# The one list of what makes our broker; a test compares it with mosquitto.conf. Reasons stand there.
DIRECTIVES: tuple[tuple[str, str], ...] = (
    ("per_listener_settings", "false"),
    ("allow_anonymous", "false"),
    ("persistence", "true"),
    ("autosave_on_changes", "false"),
    ("autosave_interval", "1"),
    ("persistent_client_expiration", "30d"),
    ("max_packet_size", "65536"),
    ("max_queued_messages", "1000000"),
    ("max_queued_bytes", "2000000000"),
    ("max_inflight_messages", "20000"),
    ("set_tcp_nodelay", "true"),
    ("connection_messages", "false"),
    ("log_type", "error"),
    ("log_type", "warning"),
    ("log_type", "notice"),
    ("log_timestamp_format", "%Y-%m-%dT%H:%M:%SZ"),
)
LISTENER_DIRECTIVES: tuple[tuple[str, str], ...] = (("use_username_as_clientid", "true"),)
# Browsers come by the web port alone, which bounds how many and how slow; phones reach the other listener directly.
WEBSOCKET_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class MosquittoConfig:
    """`port` speaks MQTT over TCP on `host`, `websocket_port` over WebSocket on this machine alone."""

    directory: Path
    port: int
    websocket_port: int
    admin_password: str
    host: str = "127.0.0.1"


class MosquittoService:
    """Starts and stops one broker whose only account at first is the hub's own administrator.

    `renew` makes the accounts of our processes at a broker that lost them while the hub was running.
    """

    name = "mosquitto"

    def __init__(self, config: MosquittoConfig, renew: Callable[[], Awaitable[None]] | None = None) -> None:
        self.config = config
        self._renew = renew
        self._is_bare = False
        self._process: OwnProcess | None = None

    @property
    def process(self) -> OwnProcess:
        """The running broker; RuntimeError before `start`."""
        if self._process is None:
            raise RuntimeError("mosquitto was never started")
        return self._process

    async def start(self) -> None:
        """Bring it up. Raises MissingProgram, WrongVersion, PortTaken, FolderUnusable or ServiceFailed."""
        programs = await asyncio.to_thread(find_mosquitto)
        account = account_for(ACCOUNT)
        make_folder(self.config.directory, account)
        pid_file = self.config.directory / "pid"
        configuration = self.config.directory / "mosquitto.conf"
        # SIGTERM makes it save its queue before it ends.
        await stop_leftover(pid_file, signal.SIGTERM)
        require_free(self.config.port, "MQTT broker", "HUB_MQTT_PORT", self.config.host)
        require_free(self.config.websocket_port, "MQTT over WebSocket", "HUB_MQTT_WEBSOCKET_PORT", WEBSOCKET_HOST)
        accounts = self.config.directory / "dynamic-security.json"
        if accounts.exists() and not knows_administrator(accounts):
            self._set_aside(accounts)
        if not accounts.exists():
            await self._make_administrator(programs, accounts, account)
        write_private(configuration, broker_configuration(self.config, programs.plugin), account)
        self._process = OwnProcess(
            ProcessPlan(
                name=self.name,
                arguments=(str(programs.server), "-c", str(configuration)),
                log_file=self.config.directory.with_name(self.config.directory.name + ".log"),
                pid_file=pid_file,
                user=account,
            )
        )
        await self._process.start()
        # A large saved queue is read before the listeners open.
        await self._process.wait_until_answers(self._answer, (OSError,), timeout_s=60)
        if self._is_bare and self._renew is not None:
            await self._renew()
        self._is_bare = False

    def _set_aside(self, accounts: Path) -> None:
        """Keep an account file that cannot be used where an operator may look at it.

        The broker writes the whole file anew at every change without looking whether the disk took it.
        """
        kept = accounts.with_name(accounts.name + ".broken")
        accounts.replace(kept)
        self._is_bare = True
        log.error("broker_accounts_lost", kept=str(kept), problem="devices are let in again within a minute")

    async def stop(self) -> None:
        if self._process is not None:
            await self._process.stop()

    async def _make_administrator(self, programs: MosquittoPrograms, target: Path, account: str | None) -> None:
        """Let the broker's own tool write the first account file, then put our password into it.

        The tool takes the password as an argument, which any local account could read in the process list; so it
        gets a throw-away one.
        """
        partial = target.with_name("dynamic-security.partial")
        partial.unlink(missing_ok=True)
        process = await asyncio.create_subprocess_exec(
            *launcher(account, signal.SIGKILL),
            *(str(programs.control), "dynsec", "init", str(partial), ADMIN, secrets.token_urlsafe(12)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            stdin=asyncio.subprocess.DEVNULL,
            env=SERVICE_ENVIRONMENT,
            cwd=self.config.directory,
        )
        output, _ = await process.communicate()
        if process.returncode != 0 or not partial.exists():
            raise ServiceFailed(self.name, "could not make its account file", output.decode(errors="replace")[-1000:])
        if not knows_administrator(partial):
            raise ServiceFailed(self.name, "its account file came out incomplete: is the disk full?", "")
        document = json.loads(partial.read_text())
        set_password(document, ADMIN, self.config.admin_password)
        write_private(target, json.dumps(document, indent=1), account)
        partial.unlink()

    async def _answer(self) -> None:
        for host, port in ((self.config.host, self.config.port), (WEBSOCKET_HOST, self.config.websocket_port)):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()


def knows_administrator(accounts: Path) -> bool:
    """Whether an account file is whole and has our administrator in it."""
    try:
        document = json.loads(accounts.read_bytes())
    except (ValueError, RecursionError):
        return False
    clients = document.get("clients") if isinstance(document, dict) else None
    return isinstance(clients, list) and any(
        isinstance(client, dict) and client.get("username") == ADMIN and "password" in client for client in clients
    )


def set_password(document: dict[str, list[dict[str, object]]], username: str, password: str) -> None:
    """Give a client of an account file a new password, hashed as the plugin does (PBKDF2, SHA-512)."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, HASH_ROUNDS)
    for client in document["clients"]:
        if client["username"] == username:
            client["password"] = base64.b64encode(digest).decode()
            client["salt"] = base64.b64encode(salt).decode()
            client["iterations"] = HASH_ROUNDS


def broker_configuration(config: MosquittoConfig, plugin: Path) -> str:
    """The text of the private broker's configuration file."""
    listener = "".join(f"{name} {value}\n" for name, value in LISTENER_DIRECTIVES)
    return (
        "".join(f"{name} {value}\n" for name, value in DIRECTIVES)
        + f"persistence_location {config.directory}/\n"
        + "log_dest stderr\n"
        + f"plugin {plugin}\n"
        + f"plugin_opt_config_file {config.directory}/dynamic-security.json\n"
        + f"listener {config.port} {config.host}\nprotocol mqtt\n{listener}"
        # Left the choice of family, Debian's libwebsockets takes IPv6, finds the address to be none and opens all.
        + f"listener {config.websocket_port} {WEBSOCKET_HOST}\nsocket_domain ipv4\nprotocol websockets\n{listener}"
    )
