"""One operating-system process of ours: started, recognised after a crash, signalled, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path

from hub.errors import ServiceFailed

LOG_SIZE_LIMIT_BYTES = 10 * 1024 * 1024
# A service needs no variable of ours: what it should know is in its arguments and files.
SERVICE_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """How to run one process.

    `user` applies only when we are root. `death_signal` is what the kernel sends it should we be killed, so that
    nothing outlives us unsupervised. `environment` None means inherit ours. `echo` is given every line as it is
    written, newline included, beside the log file. `low_ports` lets `user` listen below 1024 as root may.
    """

    name: str
    arguments: tuple[str, ...]
    log_file: Path
    pid_file: Path
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 30.0
    environment: Mapping[str, str] | None = field(default_factory=lambda: SERVICE_ENVIRONMENT)
    low_ports: bool = False
    echo: Callable[[bytes], object] | None = None


class OwnProcess:
    """A running `ProcessPlan`."""

    def __init__(self, plan: ProcessPlan) -> None:
        self.plan = plan
        self._process: asyncio.subprocess.Process | None = None
        self._copier: asyncio.Task[None] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int:
        """Process id; raises RuntimeError before `start`."""
        if self._process is None:
            raise RuntimeError(f"{self.plan.name} was never started")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """Exit status, negative for a signal; None while running or before the start."""
        return self._process.returncode if self._process else None

    async def start(self) -> None:
        """Start it, after stopping what an earlier run that was killed may have left behind."""
        await stop_leftover(self.plan.pid_file, self.plan.stop_signal)
        self.plan.log_file.parent.mkdir(parents=True, exist_ok=True)
        keep_log_small(self.plan.log_file)
        with self.plan.log_file.open("ab") as log:
            self._log_start = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *launcher(self.plan.user, self.plan.death_signal, self.plan.low_ports),
                *self.plan.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log if self.plan.echo is None else asyncio.subprocess.PIPE,
                stderr=log if self.plan.echo is None else asyncio.subprocess.STDOUT,
                env=None if self.plan.environment is None else dict(self.plan.environment),
                # Own session: Ctrl-C reaches us alone, and we stop the rest in order.
                start_new_session=True,
            )
        if self._process.stdout is not None and self.plan.echo is not None:
            self._copier = asyncio.create_task(copy_lines(self._process.stdout, self.plan.log_file, self.plan.echo))
        write_pid_file(self.plan.pid_file, self._process.pid)

    async def wait(self) -> int:
        """Wait for its end; returns the exit status."""
        if self._process is None:
            raise RuntimeError(f"{self.plan.name} was never started")
        status = await self._process.wait()
        if self._copier is not None:
            # The last words are in the log before anyone looks for them.
            await asyncio.wait([self._copier], timeout=1)
        return status

    def send(self, number: signal.Signals) -> None:
        """Send a signal; a process already gone is no error."""
        if self.is_running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def stop(self, number: signal.Signals | None = None) -> None:
        """Ask it to stop, wait `stop_timeout_s`, then kill it."""
        if self.is_running:
            self.send(number or self.plan.stop_signal)
            try:
                await asyncio.wait_for(self.wait(), self.plan.stop_timeout_s)
            except TimeoutError:
                self.send(signal.SIGKILL)
                await self.wait()
        forget(self.plan.pid_file)

    def log_tail(self, lines: int = 12) -> str:
        """The last lines it wrote since its start."""
        return tail_of(self.plan.log_file, lines, self._log_start)

    async def wait_until_answers(
        self, attempt: Callable[[], Awaitable[None]], errors: tuple[type[Exception], ...], timeout_s: float
    ) -> None:
        """Repeat `attempt` until it raises none of `errors`.

        Raises ServiceFailed when the process ends meanwhile or `timeout_s` pass.
        """
        give_up_at = time.monotonic() + timeout_s
        while True:
            self.require_running()
            try:
                await attempt()
            except errors as error:
                if time.monotonic() > give_up_at:
                    raise ServiceFailed(self.plan.name, f"does not answer: {error}", self.log_tail()) from error
                await asyncio.sleep(0.03)
            else:
                return

    def require_running(self) -> None:
        """Raise `ServiceFailed` with the log's end if it has exited."""
        if not self.is_running:
            raise ServiceFailed(self.plan.name, f"stopped with status {self.exit_code}", self.log_tail())


class GrowingLog:
    """A log file that is set aside once it has grown large: a hub may run for years."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: FileIO | None = None

    def write(self, line: bytes) -> None:
        """Append one line. Raises OSError where the disk does not take it; the next one is tried anew."""
        if self._file is not None and self._file.tell() > LOG_SIZE_LIMIT_BYTES:
            self.close()
            keep_log_small(self.path)
        if self._file is None:
            self._file = FileIO(self.path, "a")
        self._file.write(line)

    def close(self) -> None:
        """Close the file; a further line opens it again."""
        file, self._file = self._file, None
        if file is not None:
            file.close()


async def copy_lines(source: asyncio.StreamReader, log_file: Path, echo: Callable[[bytes], object]) -> None:
    """Copy a process's output to its log file and to `echo` until it ends.

    A line neither of them takes (a full disk, a closed terminal) is lost: a process whose output nobody reads would
    stand still for good.
    """
    with contextlib.closing(GrowingLog(log_file)) as log:
        while True:
            try:
                line = await source.readline()
            except ValueError:
                # A line beyond the reader's 64 KiB; what it dropped is no loss in a log.
                continue
            if not line:
                return
            for copy in (echo, log.write):
                with contextlib.suppress(OSError):
                    copy(line)


def launcher(user: str | None, death_signal: signal.Signals, low_ports: bool = False) -> tuple[str, ...]:
    """The `setpriv` prefix that drops to `user` (when root) and ties the child's life to ours.

    setpriv rather than a function between fork and exec: changing the user clears the parent-death signal, and
    setpriv sets it after the change.
    """
    prefix: tuple[str, ...] = ("setpriv", "--pdeathsig", death_signal.name.removeprefix("SIG"))
    if user is not None and os.geteuid() == 0:
        group = str(pwd.getpwnam(user).pw_gid)
        prefix += ("--reuid", user, "--regid", group, "--init-groups")
        if low_ports:
            prefix += ("--inh-caps", "+net_bind_service", "--ambient-caps", "+net_bind_service")
    return (*prefix, "--")


def started_at(pid: int) -> str | None:
    """The kernel's start tick of a living process, which with the pid names it for ever; None if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def write_pid_file(path: Path, pid: int) -> None:
    """Remember a process so that the next run can recognise it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{pid} {started_at(pid) or 0}\n")


def leftover_pid(path: Path) -> int | None:
    """The pid in `path` if that very process still lives; a reused pid does not count."""
    try:
        pid, tick = path.read_text().split()
    except (OSError, ValueError):
        return None
    return int(pid) if started_at(int(pid)) == tick else None


async def stop_leftover(path: Path, number: signal.Signals, timeout_s: float = 20.0) -> None:
    """Stop the process an earlier run left behind, if any, and forget its pid file."""
    pid = leftover_pid(path)
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        give_up_at = time.monotonic() + timeout_s
        while True:
            await asyncio.sleep(0.05)
            if leftover_pid(path) is None:
                break
            if time.monotonic() > give_up_at:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    forget(path)


def forget(pid_file: Path) -> None:
    """Remove a pid file."""
    pid_file.unlink(missing_ok=True)


def keep_log_small(path: Path) -> None:
    """Set a log that grew past the limit aside as `.1`, replacing the one before it."""
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > LOG_SIZE_LIMIT_BYTES:
            path.replace(path.with_suffix(path.suffix + ".1"))


def tail_of(path: Path, lines: int, start: int = 0) -> str:
    """The last `lines` lines of a text file after byte `start`; empty if there is none."""
    try:
        with path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            # What lay before `start` has been set aside where the file is shorter than that.
            log.seek(max(start if start <= size else 0, size - 16384))
            text = log.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
