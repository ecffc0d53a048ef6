"""A process of ours under the supervisor: `hub api`, `hub push` …, ready when its metrics port is open."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping

from hub.services.ports import loopback_of, require_free
from hub.services.process import OwnProcess, ProcessPlan, stop_leftover
from hub.settings import ProcessKind, Settings

READY_TIMEOUT_S = 60.0


class HubProcess:
    """One `hub <kind>` with its own number."""

    def __init__(
        self, settings: Settings, kind: ProcessKind, number: int = 1, echo: Callable[[bytes], object] | None = None
    ) -> None:
        self.settings = settings
        self.kind = kind
        self.number = number
        self.process = OwnProcess(
            ProcessPlan(
                name=self.name,
                # Unbuffered: a killed process has said all it had to say.
                arguments=(sys.executable, "-u", "-m", "hub", kind),
                log_file=settings.data_dir / "logs" / f"{self.name}.log",
                pid_file=settings.data_dir / "run" / f"{self.name}.pid",
                stop_timeout_s=20,
                environment=self._environment(),
                echo=echo,
            )
        )

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.number}"

    def _environment(self) -> Mapping[str, str]:
        return {**self.settings.environment(), "HUB_PROCESS_NUMBER": str(self.number)}

    @property
    def ready_port(self) -> int:
        """The port whose opening says that it serves."""
        settings, kind = self.settings, self.kind
        if kind in ("api", "push"):
            return settings.web_port("api" if kind == "api" else "push", self.number)
        return settings.metrics_port(kind, self.number)

    async def start(self) -> None:
        """Start it and wait until it serves. Raises PortTaken or ServiceFailed with its last lines."""
        await stop_leftover(self.process.plan.pid_file, self.process.plan.stop_signal)
        for port in {self.ready_port, self.settings.metrics_port(self.kind, self.number)}:
            require_free(port, self.name, "HUB_INTERNAL_PORT")
        await self.process.start()
        await self.process.wait_until_answers(self._answer, (OSError,), READY_TIMEOUT_S)

    async def _answer(self) -> None:
        _, writer = await asyncio.open_connection(loopback_of(self.settings.internal_host), self.ready_port)
        writer.close()

    async def stop(self) -> None:
        """Stop it in order."""
        await self.process.stop()
