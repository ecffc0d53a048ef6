"""The supervisor with small real processes."""

import asyncio
import errno
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from hub.errors import HubError, ServiceFailed
from hub.services.process import OwnProcess, ProcessPlan
from hub.supervisor import LONGEST_PAUSE_S, LOOP_COUNT, Restarts, Supervisor
from tests.waiting import until


class Child:
    """A supervised process that runs a line of Python; `journal` notes what happens in which order."""

    def __init__(self, name: str, folder: Path, code: str, journal: list[str]) -> None:
        self.name = name
        self.journal = journal
        self.process = OwnProcess(
            ProcessPlan(name, (sys.executable, "-c", code), folder / f"{name}.log", folder / f"{name}.pid")
        )

    async def start(self) -> None:
        self.journal.append(f"start {self.name}")
        await self.process.start()

    async def stop(self) -> None:
        await self.process.stop()
        self.journal.append(f"stop {self.name}")


class Unstartable(Child):
    async def start(self) -> None:
        raise ServiceFailed(self.name, "did not come up")


class WithoutSpace(Child):
    """Twice the disk has no room for what its start writes."""

    failures = 2

    async def start(self) -> None:
        if "start" in self.journal and self.failures:
            self.failures -= 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        await self.process.start()
        self.journal.append("start")


SLEEP = "import time; time.sleep(60)"
A_MEGABYTE = "for _ in range(10_000): print('x' * 100)"


@pytest.fixture
def journal() -> list[str]:
    return []


@pytest_asyncio.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    supervisor = Supervisor()
    yield supervisor
    await supervisor.stop()


async def test_it_stops_in_reverse_order(supervisor: Supervisor, tmp_path: Path, journal: list[str]) -> None:
    for name in ("database", "api", "front"):
        await supervisor.start([Child(name, tmp_path, SLEEP, journal)])
    await supervisor.stop()
    assert journal == [
        *("start database", "start api", "start front"),
        *("stop front", "stop api", "stop database"),
    ]


async def test_a_killed_process_comes_back(supervisor: Supervisor, tmp_path: Path, journal: list[str]) -> None:
    child = Child("api", tmp_path, SLEEP, journal)
    await supervisor.start([child])
    first = child.process.pid
    child.process.send(signal.SIGKILL)
    await until(lambda: child.process.is_running and child.process.pid != first)
    assert journal == ["start api", "start api"]


async def test_a_process_the_full_disk_keeps_from_starting_is_tried_again(
    supervisor: Supervisor, tmp_path: Path, journal: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.supervisor.FIRST_PAUSE_S", 0.001)
    child = WithoutSpace("api", tmp_path, SLEEP, journal)
    await supervisor.start([child])
    child.process.send(signal.SIGKILL)
    await until(lambda: journal.count("start") == 2 or supervisor.keepers[0].done())
    assert child.failures == 0
    assert child.process.is_running


async def test_a_process_goes_on_when_its_log_cannot_be_written(tmp_path: Path) -> None:
    full = tmp_path / "full.log"
    full.symlink_to("/dev/full")
    echoed: list[bytes] = []
    plan = ProcessPlan("api", (sys.executable, "-c", A_MEGABYTE), full, tmp_path / "pid", echo=echoed.append)
    process = OwnProcess(plan)
    await process.start()
    async with asyncio.timeout(10):
        assert await process.wait() == 0
    assert len(echoed) == 10_000
    await process.stop()


async def test_a_log_that_grows_while_its_process_runs_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.services.process.LOG_SIZE_LIMIT_BYTES", 300_000)
    log = tmp_path / "log"
    # More than the log's last piece will hold: where this run began is in an earlier one by then.
    log.write_text("of an earlier run\n" * 14_000)
    plan = ProcessPlan("api", (sys.executable, "-c", A_MEGABYTE), log, tmp_path / "pid", echo=lambda line: None)
    process = OwnProcess(plan)
    await process.start()
    assert await asyncio.wait_for(process.wait(), 20) == 0
    assert log.stat().st_size < 310_000
    assert log.with_suffix(".1").stat().st_size < 310_000
    assert process.log_tail(1) == "x" * 100


async def test_a_process_goes_on_when_nobody_reads_what_is_echoed(tmp_path: Path) -> None:
    def closed(_: bytes) -> None:
        raise BrokenPipeError

    log = tmp_path / "log"
    process = OwnProcess(ProcessPlan("api", (sys.executable, "-c", A_MEGABYTE), log, tmp_path / "pid", echo=closed))
    await process.start()
    async with asyncio.timeout(10):
        assert await process.wait() == 0
    assert len(log.read_bytes()) == 10_000 * 101
    await process.stop()


async def test_a_process_that_keeps_ending_is_shown_with_its_last_words(
    supervisor: Supervisor, tmp_path: Path, journal: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.supervisor.FIRST_PAUSE_S", 0.001)
    with capture_logs() as entries:
        await supervisor.start([Child("worker", tmp_path, "print('no such table'); raise SystemExit(3)", journal)])
        await until(lambda: any(entry["event"] == "process_keeps_ending" for entry in entries))
    loop = next(entry for entry in entries if entry["event"] == "process_keeps_ending")
    assert (loop["name"], loop["last_lines"]) == ("worker", "no such table")


async def test_what_does_not_start_stops_the_rest(supervisor: Supervisor, tmp_path: Path, journal: list[str]) -> None:
    good = Child("api", tmp_path, SLEEP, journal)
    with pytest.raises(HubError, match="did not come up"):
        await supervisor.start([good, Unstartable("push", tmp_path, SLEEP, journal)])
    await supervisor.stop()
    assert not good.process.is_running


async def test_a_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    deaf = OwnProcess(ProcessPlan("deaf", (sys.executable, "-c", code), log, tmp_path / "pid", stop_timeout_s=0.2))
    await deaf.start()
    await until(lambda: "deaf" in log.read_text())
    await deaf.stop()
    assert deaf.exit_code == -signal.SIGKILL


async def test_what_a_killed_run_left_behind_is_stopped_first(tmp_path: Path) -> None:
    plan = ProcessPlan("api", (sys.executable, "-c", SLEEP), tmp_path / "log", tmp_path / "pid")
    left_behind, next_run = OwnProcess(plan), OwnProcess(plan)
    await left_behind.start()
    await next_run.start()
    async with asyncio.timeout(10):
        assert await left_behind.wait() == -signal.SIGTERM
    assert next_run.is_running
    await next_run.stop()


async def test_a_reused_pid_is_left_alone(tmp_path: Path) -> None:
    innocent = OwnProcess(
        ProcessPlan("innocent", (sys.executable, "-c", SLEEP), tmp_path / "log", tmp_path / "its-own-pid")
    )
    await innocent.start()
    # A pid file of long ago: the number is in use again, the start time differs.
    (tmp_path / "pid").write_text(f"{innocent.pid} 1\n")
    ours = OwnProcess(ProcessPlan("ours", (sys.executable, "-c", SLEEP), tmp_path / "log", tmp_path / "pid"))
    await ours.start()
    assert innocent.is_running
    await asyncio.gather(ours.stop(), innocent.stop())


def test_pauses_grow_while_it_keeps_ending_and_shrink_after_a_steady_time() -> None:
    restarts = Restarts()
    pauses = [restarts.ended(lived_s=0.1, now_s=float(second)) for second in range(10)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_S
    assert restarts.ended(lived_s=60, now_s=1000) == pauses[0]


def test_five_ends_in_two_minutes_are_a_loop_and_five_in_an_hour_are_not() -> None:
    quick, slow = Restarts(), Restarts()
    for number in range(LOOP_COUNT):
        quick.ended(1, number * 20)
        slow.ended(1, number * 600)
    assert quick.is_loop
    assert not slow.is_loop
