"""Two hubs that were given one Redis or one broker by mistake."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from hub.services.mosquitto import MosquittoConfig, MosquittoService
from hub.settings import Settings
from store.bus import CONTROL, Bus, Listener
from tests.ports import free_ports
from tests.processes import HubProcesses
from tests.services import PASSWORD, RealServices
from tests.waiting import until

FIRST, SECOND = "5e" * 32, "a1" * 32


@pytest_asyncio.fixture
async def mosquitto(tmp_path: Path) -> AsyncIterator[MosquittoService]:
    """A broker of which nobody has taken possession yet."""
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    mqtt, websocket = free_ports(2)
    service = MosquittoService(MosquittoConfig(tmp_path / "mosquitto", mqtt, websocket, admin_password=PASSWORD))
    await service.start()
    yield service
    await service.stop()


async def migrate(hub: HubProcesses) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", "migrate"),
        env=hub.settings.environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_a_broker_of_another_hub_is_refused_before_anything_in_it_is_changed(
    services: RealServices, database_url: str, mosquitto: MosquittoService, tmp_path: Path
) -> None:
    def hub(secret: str, password: str) -> HubProcesses:
        folder = tmp_path / password
        folder.mkdir(exist_ok=True)
        url = f"mqtt://hub:{PASSWORD}@127.0.0.1:{mosquitto.config.port}"
        given = {"MQTT_URL": url, "HUB_DEVICE_SECRET": secret, "HUB_BROKER_PASSWORD": password}
        return HubProcesses(folder, services, database_url, **given)

    first = hub(FIRST, "first")
    assert (await migrate(first))[0] == 0
    code, said = await migrate(hub(SECOND, "second"))
    assert code == 1 and "hub: this broker serves another hub" in said and "Traceback" not in said
    # The first one's processes are let in as before.
    await first.start("ingest")
    await until(lambda: '"event": "broker_joined"' in first.log("ingest"))
    await first.stop_all()
    assert (await migrate(hub(FIRST, "first")))[0] == 0


async def test_two_hubs_on_one_redis_do_not_hear_each_other(redis_url: str) -> None:
    one, other = (Settings(redis_url=redis_url, device_secret=secret).bus() for secret in (FIRST, SECOND))
    heard: list[bytes] = []
    listener = Listener(one, lambda _, payload: heard.append(payload), lambda: None)
    listener.channels.add(CONTROL)
    running = asyncio.create_task(listener.run())
    await until(lambda: listener.connected)
    for config, word in ((other, b"not ours"), (one, b"ours")):
        bus = Bus(config)
        await bus.publish([(CONTROL, word)])
        await bus.close()
    await until(lambda: heard)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert heard == [b"ours"]
