"""`hub run` as a person starts it: one command, everything up, everything down."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from hub.services.ports import holder_of
from tests.ports import PortRow
from tests.waiting import until

pytestmark = pytest.mark.timeout(300)
READY = " is ready in "


class Terminal:
    """A `hub` command in a process of its own, with everything it says."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while chunk := await self.process.stdout.read(65536):
            self.said += chunk.decode()

    async def ended(self) -> int:
        """Its exit code, once all it said is in `said`."""
        async with asyncio.timeout(60):
            code = await self.process.wait()
            await self._reading
        return code

    async def until_ready(self) -> None:
        """Wait for the ready line; fail with what it said if it ends instead."""
        await until(lambda: READY in self.said or self.process.returncode is not None, 90)
        assert READY in self.said, self.said


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Settings of a hub on ports and data of its own; the data is kept from test to test, as between real starts."""
    row = PortRow()
    data = tmp_path_factory.mktemp("run")
    data.chmod(0o755)
    names = ("HUB_PORT", "HUB_POSTGRES_PORT", "HUB_REDIS_PORT", "HUB_MQTT_PORT", "HUB_MQTT_WEBSOCKET_PORT")
    ports = {name: str(row.first + offset) for offset, name in enumerate(names)}
    yield {
        **{name: text for name, text in os.environ.items() if not name.startswith("HUB_")},
        **ports,
        "HUB_INTERNAL_PORT": str(row.first + 5),
        "HUB_DATA_DIR": str(data),
        "HUB_HOST": "127.0.0.1",
        "HUB_LOG_FORMAT": "json",
    }


@asynccontextmanager
async def hub(environment: dict[str, str], *arguments: str) -> AsyncIterator[Terminal]:
    """A `hub` command; killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", *arguments),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    terminal = Terminal(process)
    try:
        yield terminal
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await terminal.ended()


def descendants(pid: int) -> list[int]:
    """Every process below one."""
    children = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                children.append(int(folder.name))
        except OSError:
            continue
    return children + [below for child in children for below in descendants(child)]


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


async def test_one_command_brings_everything_up_and_ctrl_c_takes_it_down(environment: dict[str, str]) -> None:
    async with hub(environment, "run") as first:
        await first.until_ready()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{environment['HUB_PORT']}") as client:
            assert (await client.get("/health/ready")).status_code == 200
        below = descendants(first.process.pid)
        assert len(below) >= 8
        async with hub(environment, "check") as check:
            assert await check.ended() == 0, check.said
            assert re.search(r"ingest-1 +running, reads from the broker", check.said), check.said
            assert re.search(r"web +http://127.0.0.1:\d+ answers", check.said), check.said
        async with hub(environment, "run") as second:
            assert await second.ended() == 2
            assert f"in use by another run (pid {first.process.pid})" in second.said
        first.process.send_signal(signal.SIGINT)
        assert await first.ended() == 0
        assert not [pid for pid in below if is_alive(pid)]
        assert "Traceback" not in first.said


async def test_a_killed_run_takes_everything_with_it_and_the_next_one_recovers(environment: dict[str, str]) -> None:
    async with hub(environment, "run") as first:
        await first.until_ready()
        below = descendants(first.process.pid)
        first.process.kill()
        await first.ended()
        await until(lambda: not [pid for pid in below if is_alive(pid)], 30, "the killed run's processes to end")
    async with hub(environment, "run") as second:
        await second.until_ready()


async def test_a_taken_web_port_is_told_at_once(environment: dict[str, str]) -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with hub({**environment, "HUB_PORT": str(port)}, "run") as terminal:
        assert await terminal.ended() == 1
    assert f"port {port} (web) is taken by {holder_of(port)}" in terminal.said
    assert "Traceback" not in terminal.said
    server.close()
    await server.wait_closed()


async def test_an_address_that_does_not_answer_is_named_without_its_password(
    environment: dict[str, str], tmp_path: Path
) -> None:
    url = "postgresql://reis:hunter2@127.0.0.1:1/reis"
    async with hub({**environment, "DATABASE_URL": url, "HUB_DATA_DIR": str(tmp_path)}, "check") as terminal:
        assert await terminal.ended() == 1
    assert "does not answer" in terminal.said
    assert "hunter2" not in terminal.said


async def test_a_setting_that_is_not_understood_is_one_line(environment: dict[str, str]) -> None:
    async with hub({**environment, "HUB_PORT": "web"}, "run") as terminal:
        assert await terminal.ended() == 1
    assert terminal.said.startswith("hub: HUB_PORT: 'web' is not understood")
    assert terminal.said.count("\n") == 1


async def test_the_first_dispatcher_is_made_from_the_command_line(environment: dict[str, str]) -> None:
    who = ("--email", "first@example.kg", "--name", "Асель Жумабаева", "--company", "Жол Карго")
    async with hub(environment, "run") as running:
        await running.until_ready()
        async with hub(environment, "user", "create", *who) as terminal:
            assert await terminal.ended() == 0, terminal.said
        password = terminal.said.split("Password: ")[1].strip()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{environment['HUB_PORT']}") as client:
            answer = await client.post("/api/session", json={"login": "first@example.kg", "password": password})
            assert answer.status_code == 200, answer.text
        async with hub(environment, "user", "create", *who) as again:
            assert await again.ended() == 1
        assert "already belongs to someone" in again.said


@pytest.mark.parametrize(
    ("variable", "service"),
    [("HUB_POSTGRES_SUPERUSER_PASSWORD", "PostgreSQL"), ("HUB_BROKER_ADMIN_PASSWORD", "the broker")],
)
async def test_secrets_that_do_not_belong_to_the_data_are_told_and_nothing_is_changed(
    environment: dict[str, str], variable: str, service: str
) -> None:
    if not (Path(environment["HUB_DATA_DIR"]) / "settings.env").exists():
        async with hub(environment, "run") as good:
            await good.until_ready()
    async with hub({**environment, variable: "another"}, "run") as terminal:
        assert await terminal.ended() == 1
    assert f"{service} refuses our password" in terminal.said
    assert "Traceback" not in terminal.said
