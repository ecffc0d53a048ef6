"""Each kind of process as the supervisor runs it: real, on real services."""

import asyncio
import datetime as dt
import json
from pathlib import Path

import aiomqtt
import httpx
import pytest
from websockets.asyncio.client import connect

from freight.drivers.credentials import device_password
from hub.services.ports import holder_of
from push.messages import NO_SUCH_SHARE
from store.partitions import existing_partitions, partition_name
from store.pool import Pool
from tests.cast import Person, make_driver
from tests.processes import HubProcesses
from tests.services import RealServices
from tests.waiting import until


async def can_connect(hub: HubProcesses, database: Pool, login: str) -> bool:
    """Whether the broker lets this device in with the password its phone was shown."""
    version = await database.fetchval("select secret_version from driver_devices where login = $1", login)
    broker = hub.services.mosquitto.config
    password = device_password(hub.settings.freight().device_secret, login, version)
    try:
        async with aiomqtt.Client("127.0.0.1", broker.port, username=login, password=password):
            return True
    except aiomqtt.MqttError:
        return False


async def test_the_worker_makes_a_new_device_known_to_the_broker(
    hub_processes: HubProcesses, database: Pool, driver: Person
) -> None:
    await hub_processes.start("worker")
    login = await database.fetchval("select login from driver_devices where driver_id = $1", driver.driver_id)
    await until(lambda: can_connect(hub_processes, database, login))


async def test_devices_made_while_no_worker_ran_are_caught_up_with(
    hub_processes: HubProcesses, database: Pool, driver: Person
) -> None:
    # As if the broker had been restored from before the device was made: no job is left to tell of it.
    await database.execute("delete from pgqueuer")
    await hub_processes.start("worker")
    login = await database.fetchval("select login from driver_devices where driver_id = $1", driver.driver_id)
    await until(lambda: can_connect(hub_processes, database, login))


async def test_a_job_survives_the_worker_being_killed(
    hub_processes: HubProcesses, database: Pool, dispatcher: Person
) -> None:
    await hub_processes.start("worker")
    hub_processes.freeze("worker")
    driver = await make_driver(database, dispatcher, "Нурлан Жээнбеков", "+996 700 111 222")
    await hub_processes.kill("worker")
    assert await database.fetchval("select count(*) from pgqueuer") == 1
    await hub_processes.start("worker")
    login = await database.fetchval("select login from driver_devices where driver_id = $1", driver.driver_id)
    await until(lambda: can_connect(hub_processes, database, login))


async def test_the_worker_makes_tomorrows_partition(hub_processes: HubProcesses, database: Pool) -> None:
    tomorrow = partition_name(dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1))
    await database.execute(f"drop table {tomorrow}")
    await hub_processes.start("worker")

    async def is_made() -> bool:
        async with database.acquire() as connection:
            return tomorrow in await existing_partitions(connection)

    await until(is_made)


@pytest.mark.parametrize("kind", ["push", "worker", "ingest", "api"])
async def test_it_serves_shows_its_metrics_and_stops_when_told(hub_processes: HubProcesses, kind: str) -> None:
    await hub_processes.start(kind)  # type: ignore[arg-type]
    port = hub_processes.settings.metrics_port(kind)  # type: ignore[arg-type]
    async with httpx.AsyncClient() as client:
        page = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    assert "process_cpu_seconds_total" in page
    async with asyncio.timeout(15):
        await hub_processes.stop(kind)  # type: ignore[arg-type]
    assert hub_processes.process(kind).process.exit_code == 0  # type: ignore[arg-type]
    assert '"event": "stopped"' in hub_processes.log(kind)  # type: ignore[arg-type]
    assert holder_of(port) is None


async def test_the_whole_hub_answers_on_one_port(hub_processes: HubProcesses) -> None:
    await hub_processes.start_all()
    async with httpx.AsyncClient(base_url=hub_processes.url) as client:
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 200
        merged = (await client.get("/metrics")).text
    for name in ("api", "push-1", "ingest-1", "worker-1", "haproxy"):
        assert f'up{{process="{name}"}} 1.0' in merged


async def test_the_operators_map_file_is_served_in_ranges(
    services: RealServices, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "region.pmtiles").write_bytes(b"PMTiles" + bytes(range(256)))
    hub = HubProcesses(tmp_path, services, database_url, MAP_PMTILES=str(tmp_path / "region.pmtiles"))
    await hub.start("api", "haproxy")
    async with httpx.AsyncClient(base_url=hub.url) as client:
        answer = await client.get("/basemap/operator.pmtiles", headers={"Range": "bytes=7-9"})
    await hub.stop_all()
    assert (answer.status_code, answer.content) == (206, b"\x00\x01\x02")


async def test_behind_a_proxy_of_the_operators_the_client_is_whom_the_proxy_names(
    services: RealServices, database_url: str, tmp_path: Path
) -> None:
    hub = HubProcesses(tmp_path, services, database_url, HUB_CLIENT_ADDRESS="headers")
    await hub.start("api", "push", "haproxy")
    async with httpx.AsyncClient(base_url=hub.url) as client:
        assert (await client.get("/health/live")).status_code == 200
        # Figures are for near clients: the proxy itself is one, whom it speaks for is not.
        assert (await client.get("/metrics")).status_code == 200
        assert (await client.get("/metrics", headers={"X-Forwarded-For": "85.113.20.1"})).status_code == 404
    async with connect(f"{hub.url.replace('http', 'ws', 1)}/ws/share") as socket:
        await socket.send('{"type":"open","token":"x"}')
        assert json.loads(await socket.recv())["code"] == NO_SUCH_SHARE
    await hub.stop_all()


async def test_a_killed_api_answers_again_behind_the_same_port(hub_processes: HubProcesses) -> None:
    await hub_processes.start("api", "haproxy")
    async with httpx.AsyncClient(base_url=hub_processes.url, timeout=20) as client:
        assert (await client.get("/health/live")).status_code == 200
        await hub_processes.kill("api")
        await hub_processes.start("api")
        # The connection kept alive to the killed process is gone; a new one finds the new process.
        assert (await client.get("/health/live")).status_code == 200
