"""The one web port: Debian's haproxy with the repository's haproxy.cfg, the file compose runs it with too."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hub.services.accounts import account_for
from hub.services.binaries import find_haproxy
from hub.services.folders import make_folder, write_private
from hub.services.ports import loopback_of, require_free
from hub.services.process import SERVICE_ENVIRONMENT, OwnProcess, ProcessPlan, stop_leftover

ACCOUNT = "haproxy"
CONFIGURATION = Path(__file__).parents[2] / "haproxy.cfg"
# Listeners, its own pipes and figures.
SPARE_FILES = 100
# Of so many one more is let in to be told that there is no room.
ONE_IN = 20
LAST_WORDS_S = 1.0

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Https:
    """`plain_port` leads to https; what the certificate's authority asks there goes to `certbot_port`."""

    plain_port: int
    certbot_port: int


@dataclass(frozen=True, slots=True)
class HaproxyConfig:
    """Listens on `host:port`; joins clients to the `api` and `push` processes and the broker's WebSocket listener.

    - `figures_port`: its own figures, on this machine alone
    - `connections`: how many clients it lets in
    - `https`: None for plain HTTP; else certificates may come later, by `put_certificate`
    - `outer_proxy`: whether an operator's proxy stands before it and names the clients in X-Forwarded-For
    """

    directory: Path
    host: str
    port: int
    api: Sequence[Address]
    push: Sequence[Address]
    broker: Address
    figures_port: int
    connections: int = 10_000
    https: Https | None = None
    outer_proxy: bool = False
    configuration: Path = CONFIGURATION


class HaproxyService:
    """Starts, reloads and stops one haproxy."""

    name = "haproxy"

    def __init__(self, config: HaproxyConfig) -> None:
        self.config = config
        self._process: OwnProcess | None = None

    @property
    def process(self) -> OwnProcess:
        """The running proxy; RuntimeError before `start`."""
        if self._process is None:
            raise RuntimeError("haproxy was never started")
        return self._process

    async def start(self) -> None:
        """Bring it up. Raises MissingProgram, WrongVersion, PortTaken, FolderUnusable or ServiceFailed."""
        config = self.config
        programs = await asyncio.to_thread(find_haproxy)
        account = account_for(ACCOUNT)
        make_folder(config.directory, account)
        pid_file = config.directory / "pid"
        configuration = config.directory / "haproxy.cfg"
        await stop_leftover(pid_file, signal.SIGTERM)
        require_free(config.port, "web", "--port or HUB_PORT", config.host)
        if config.https is not None:
            make_folder(self.certificates, account)
            require_free(config.https.plain_port, "plain HTTP beside https", "HUB_PLAIN_PORT", config.host)
        require_free(config.figures_port, "the web port's figures", "HUB_INTERNAL_PORT")
        # A copy: its account may not be let into the folder of ours.
        write_private(configuration, config.configuration.read_text(), account)
        self._process = OwnProcess(
            ProcessPlan(
                name=self.name,
                # A master that keeps a worker: told to, it starts another for new connections and leaves to the one
                # before those it has.
                arguments=(str(programs.server), "-W", "-db", "-f", str(configuration)),
                log_file=config.directory.with_name(config.directory.name + ".log"),
                pid_file=pid_file,
                user=account,
                stop_timeout_s=5,
                environment={**SERVICE_ENVIRONMENT, **environment(config), **self._https()},
                low_ports=True,
            )
        )
        await self._process.start()
        await self._process.wait_until_answers(self._answer, (OSError,), timeout_s=15)

    @property
    def certificates(self) -> Path:
        """Where it looks for certificates, each with its chain and key in one file."""
        return self.config.directory / "certificates"

    def put_certificate(self, name: str, text: str) -> None:
        """Serve `name` with this chain and key from now on."""
        write_private(self.certificates / f"{name}.pem", text, account_for(ACCOUNT))
        self.reload()

    def _https(self) -> dict[str, str]:
        https = self.config.https
        if https is None:
            return {}
        return {
            "HUB_PROXY_CERTIFICATES": str(self.certificates),
            "HUB_PROXY_PLAIN_ADDRESS": address_of((self.config.host, https.plain_port)),
            "HUB_PROXY_CERTBOT": f"127.0.0.1:{https.certbot_port}",
        }

    def reload(self) -> None:
        """Let new connections have the configuration and certificates as they are now; open ones stay as they are."""
        self.process.send(signal.SIGUSR2)

    async def stop(self) -> None:
        """Take in nothing more, give out what is owed within a second, then end; its workers end with it."""
        if self._process is not None:
            self._process.send(signal.SIGUSR1)
            if self._process.is_running:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), LAST_WORDS_S)
            await self._process.stop()

    async def _answer(self) -> None:
        for host, port in ((loopback_of(self.config.host), self.config.port), ("127.0.0.1", self.config.figures_port)):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()


def environment(config: HaproxyConfig) -> dict[str, str]:
    """What haproxy.cfg is told of this machine."""
    connections = bounded(config.connections, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    variables = {
        "HUB_PROXY_ADDRESS": address_of((config.host, config.port)),
        "HUB_PROXY_BROKER": address_of(config.broker),
        "HUB_PROXY_FIGURES": "near",
        "HUB_PROXY_FIGURES_ADDRESS": f"127.0.0.1:{config.figures_port}",
        "HUB_PROXY_CONNECTIONS": str(connections),
        "HUB_PROXY_ALL_CONNECTIONS": str(connections + connections // ONE_IN + 1),
        "HUB_CLIENT_ADDRESS": "headers" if config.outer_proxy else "socket",
    }
    for kind, addresses in (("API", config.api), ("PUSH", config.push)):
        for number, address in enumerate(addresses, 1):
            variables[f"HUB_PROXY_{kind}_{number}"] = address_of(address)
    return variables


def bounded(connections: int, open_files: int) -> int:
    """How many clients can be let in with so many open files: each needs two, one towards it, one towards a process."""
    if open_files == resource.RLIM_INFINITY:
        return connections
    return max(1, min(connections, (open_files - SPARE_FILES) // 2 * ONE_IN // (ONE_IN + 1) - 1))


def address_of(address: Address) -> str:
    """A host and port as haproxy reads them."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
