"""Machines that lack something: room on the disk, a network."""

import asyncio
import contextlib
import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.arena import Arena
from tests.faults.checker import check_points, check_trips, settled, stored_keys
from tests.ports import PortRow
from tests.waiting import until

pytestmark = pytest.mark.faults
FULL_DISK = "a disk that fills up under PostgreSQL"
NO_NETWORK = "a machine without any network"
DISK_MIB = 320
MIB = b"\0" * 1024 * 1024


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An arena's folder whose database lies on a small disk of its own."""
    directory = tmp_path_factory.mktemp("small-disk")
    directory.chmod(0o755)
    mounted = directory / "services" / "postgres"
    mounted.mkdir(parents=True)
    mounting = ("mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(mounted))
    made = subprocess.run(mounting, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"{FULL_DISK} is not covered on a machine where root may mount nothing: {made.stderr.strip()}")
    yield directory
    subprocess.run(("umount", "--lazy", str(mounted)), check=True)


@pytest_asyncio.fixture(scope="module")
async def cramped(small_disk: Path) -> AsyncIterator[Arena]:
    """What takes phones in, with little room."""
    arena = Arena(small_disk, (("ingest", 1), ("worker", 1)))
    await arena.start()
    yield arena
    await arena.stop()


def fill(disk: Path) -> Path:
    """Take all room that is left; returns the file that has it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (len(MIB), 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(MIB[:size])
    return ballast


@pytest.mark.needs_root(FULL_DISK)
async def test_a_full_disk_is_told_plainly_and_costs_no_point(cramped: Arena) -> None:
    firm = await cramped.firm(4, 600, seed=5, kinds=("owntracks", "app"))
    await cramped.switch_on(firm)
    disk = cramped.services.postgres.config.directory
    ballast = fill(disk)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        (disk / "more").write_bytes(MIB)
    await firm.drive(range(1, 600), per_second=200)
    await until(lambda: "No space left on device" in cramped.hub.log("ingest"), 60, "the worker to say so")
    assert "batch_retried" in cramped.hub.log("ingest")
    stored = sum([len(await stored_keys(cramped.pool, one.driver_id)) for one in firm.histories])
    assert stored < 4 * 600
    ballast.unlink()
    (disk / "more").unlink(missing_ok=True)
    await firm.all_vouched_for()

    async def look() -> list[str]:
        found = await check_points(cramped.pool, firm.histories, [], 0)
        return found + await check_trips(cramped.pool, firm.trip_ids)

    found = await settled(look, 60)
    assert found == []
    await firm.close()


@pytest.fixture
def lonely_folder(tmp_path: Path) -> Path:
    """A folder for a hub on a machine whose network was taken away."""
    if shutil.which("ip") is None:
        pytest.skip(f"{NO_NETWORK} is not covered without the package iproute2")
    tried = subprocess.run(("unshare", "-n", "true"), capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"{NO_NETWORK} is not covered where root may take no network away: {tried.stderr.strip()}")
    tmp_path.chmod(0o755)
    return tmp_path


@pytest.mark.needs_root(NO_NETWORK)
async def test_the_hub_starts_and_serves_on_a_machine_without_any_network(lonely_folder: Path) -> None:
    row = PortRow()
    names = ("HUB_PORT", "HUB_POSTGRES_PORT", "HUB_REDIS_PORT", "HUB_MQTT_PORT", "HUB_MQTT_WEBSOCKET_PORT")
    environment = {
        **{name: text for name, text in os.environ.items() if not name.startswith("HUB_")},
        **{name: str(row.first + offset) for offset, name in enumerate(names)},
        "HUB_INTERNAL_PORT": str(row.first + len(names)),
        "HUB_DATA_DIR": str(lonely_folder / "data"),
        "HUB_LOG_FORMAT": "json",
    }
    said = lonely_folder / "said"
    with said.open("wb") as output:
        hub = await asyncio.create_subprocess_exec(
            *("unshare", "-n", "sh", "-c", f"ip link set lo up; exec {sys.executable} -m hub run"),
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        await until(lambda: " is ready in " in said.read_text() or hub.returncode is not None, 90, "the hub")
        assert hub.returncode is None, said.read_text()
        asking = f"import httpx; print(httpx.get('http://127.0.0.1:{row.first}/health/ready').status_code)"
        inside = await asyncio.create_subprocess_exec(
            *("nsenter", f"--net=/proc/{hub.pid}/ns/net", sys.executable, "-c", asking), stdout=asyncio.subprocess.PIPE
        )
        answer, _ = await inside.communicate()
        assert answer.strip() == b"200"
    finally:
        if hub.returncode is None:
            hub.send_signal(signal.SIGINT)
        await hub.wait()
    assert "Traceback" not in said.read_text()
