"""Real `hub api|push|ingest|worker` processes and the web port before them, on a test's database: started, killed,
frozen, read."""

import asyncio
import signal
from pathlib import Path
from typing import Literal

import aiomqtt

from hub.own_process import HubProcess
from hub.run import proxy_config
from hub.services.folders import write_private
from hub.services.haproxy import HaproxyService
from hub.settings import ProcessKind, Settings, load
from tests.ports import PortRow
from tests.services import PASSWORD, RealServices

Kind = ProcessKind | Literal["haproxy"]
EVERYTHING: tuple[Kind, ...] = ("api", "push", "ingest", "worker", "haproxy")


class HubProcesses:
    """The processes of one hub. `settings` is what they were told; `url` is the one web port once `haproxy` runs."""

    def __init__(self, directory: Path, services: RealServices, database_url: str, **variables: str) -> None:
        broker = services.mosquitto.config
        self.ports = PortRow()
        given = {
            "DATABASE_URL": database_url,
            "REDIS_URL": services.redis.url,
            "MQTT_URL": f"mqtt://hub:{PASSWORD}@127.0.0.1:{broker.port}",
            "MQTT_WEBSOCKET_URL": f"ws://127.0.0.1:{broker.websocket_port}",
            "HUB_BROKER_PASSWORD": PASSWORD,
            "HUB_DEVICE_SECRET": "5e" * 32,
            "HUB_HOST": "127.0.0.1",
            "HUB_PORT": str(self.ports.first),
            "HUB_INTERNAL_PORT": str(self.ports.first),
            "HUB_LOG_FORMAT": "json",
            "HUB_PHONE_MQTT_HOST": "127.0.0.1",
            "MAP_PUBLIC_STYLE_URL": "off",
            **variables,
        }
        # The web port's own account goes through it to its own.
        directory.chmod(0o755)
        # By file: an environment would show the addresses' passwords to anyone who lists processes.
        write_private(directory / "settings.env", "".join(f"{name}={value}\n" for name, value in given.items()))
        self.settings: Settings = load({"HUB_DATA_DIR": str(directory)})
        self.services = services
        self.processes: dict[tuple[Kind, int], HubProcess | HaproxyService] = {}
        self.expected_tracebacks = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    def add(self, kind: Kind, number: int = 1) -> HubProcess | HaproxyService:
        """A process of this hub, the one there is if there is one; it is not started."""
        if (kind, number) not in self.processes:
            self.processes[kind, number] = (
                HaproxyService(proxy_config(self.settings))
                if kind == "haproxy"
                else HubProcess(self.settings, kind, number)
            )
        return self.processes[kind, number]

    async def start(self, *kinds: Kind, number: int = 1) -> None:
        """Start one process of each kind together and wait until they serve; a stopped one starts again."""
        for kind in kinds:
            self.add(kind, number)
        await asyncio.gather(*(self.processes[kind, number].start() for kind in kinds))

    async def start_all(self) -> None:
        """The whole hub behind `url`."""
        await self.start(*EVERYTHING)

    def process(self, kind: Kind, number: int = 1) -> HubProcess | HaproxyService:
        """A process that was started."""
        return self.processes[kind, number]

    def log(self, kind: Kind, number: int = 1) -> str:
        """Everything it wrote."""
        return self.process(kind, number).process.plan.log_file.read_text()

    async def kill(self, kind: Kind, number: int = 1) -> None:
        """SIGKILL: it gets no chance to finish anything."""
        own = self.process(kind, number).process
        own.send(signal.SIGKILL)
        await own.wait()

    def freeze(self, kind: Kind, number: int = 1) -> None:
        """SIGSTOP: it stands still without knowing."""
        self.process(kind, number).process.send(signal.SIGSTOP)

    def thaw(self, kind: Kind, number: int = 1) -> None:
        """SIGCONT."""
        self.process(kind, number).process.send(signal.SIGCONT)

    async def stop(self, *kinds: Kind, number: int = 1) -> None:
        """Stop in order, as `hub run` does."""
        await asyncio.gather(*(self.process(kind, number).stop() for kind in kinds))

    async def stop_all(self) -> None:
        """Stop everything, forget the broker's sessions of the workers, fail on any traceback in a log."""
        for process in self.processes.values():
            process.process.send(signal.SIGCONT)
        await asyncio.gather(*(process.stop() for process in self.processes.values()))
        for kind, number in self.processes:
            if kind == "ingest":
                await self.forget_session(f"ingest-{number}")
        if not self.expected_tracebacks:
            for kind, number in self.processes:
                log = self.log(kind, number)
                assert "Traceback" not in log, f"{kind}-{number} left a traceback:\n{log[-4000:]}"

    async def forget_session(self, username: str) -> None:
        """A worker's session outlives it on purpose; left alone it would take messages of later tests."""
        broker = self.services.broker(username)
        fresh = aiomqtt.Client(
            broker.host,
            broker.port,
            username=username,
            password=broker.password,
            identifier=username,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=True,
        )
        async with fresh:
            return
