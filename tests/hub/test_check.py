"""`hub check` of parts that are not as they should be: each told by its name, with what to do."""

import asyncio
import datetime as dt
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from hub import check_processes, metrics
from hub.addresses import remarks
from hub.check import check_all
from hub.check_processes import Seen, judge
from hub.check_services import check_broker_websocket, check_services
from hub.findings import Finding
from hub.settings import Settings
from store.partitions import partition_name
from store.pool import Pool
from tests.ports import free_ports
from tests.processes import HubProcesses
from tests.services import PASSWORD, RealServices


@pytest.fixture(autouse=True)
def quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_processes, "BETWEEN_LOOKS_S", 0.5)


def bad(findings: list[Finding]) -> dict[str, str]:
    return {finding.part: finding.text for finding in findings if finding.state == "bad"}


async def processes(hub: HubProcesses) -> list[Finding]:
    return await check_processes.check_processes(hub.settings, here=True)


@asynccontextmanager
async def answering(words: bytes) -> AsyncIterator[int]:
    """A server that says the same to everyone; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(words)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def test_a_whole_hub_has_nothing_bad(hub_processes: HubProcesses) -> None:
    await hub_processes.start_all()
    findings = [*await processes(hub_processes), *await check_services(hub_processes.settings)]
    assert bad(findings) == {}
    assert {"api-1", "push-1", "ingest-1", "worker-1", "haproxy", "web"} <= {finding.part for finding in findings}


async def test_two_ingest_workers_are_well_where_one_reads(
    services: RealServices, database_url: str, tmp_path: Path
) -> None:
    hub = HubProcesses(tmp_path, services, database_url, HUB_INGEST_PROCESSES="2")
    await hub.start("ingest")
    await hub.start("ingest", number=2)
    findings = {finding.part: finding for finding in await processes(hub)}
    await hub.stop_all()
    said = {findings["ingest-1"].text, findings["ingest-2"].text}
    assert said == {"running, reads from the broker", "running, stands by"}
    assert "ingest" not in findings


async def test_ingest_without_the_broker_is_bad(services: RealServices, database_url: str, tmp_path: Path) -> None:
    hub = HubProcesses(tmp_path, services, database_url, MQTT_URL=f"mqtt://hub:{PASSWORD}@127.0.0.1:1")
    await hub.start("ingest", "api")
    found = bad(await processes(hub))
    await hub.stop_all()
    assert found["ingest"].startswith("no worker reads from the broker")
    assert found["api-1"] == "does not reach the broker: see its log"


async def test_push_without_redis_is_bad(services: RealServices, database_url: str, tmp_path: Path) -> None:
    hub = HubProcesses(tmp_path, services, database_url, REDIS_URL="redis://127.0.0.1:1/0")
    await hub.start("push")
    found = bad(await processes(hub))
    await hub.stop_all()
    assert found["push-1"] == "does not reach Redis: open pages are not live"


async def test_a_worker_whose_rounds_fail_is_bad(services: RealServices, database_url: str, tmp_path: Path) -> None:
    hub = HubProcesses(tmp_path, services, database_url, MQTT_URL=f"mqtt://hub:{PASSWORD}@127.0.0.1:1")
    await hub.start("worker")
    found = bad(await processes(hub))
    await hub.stop_all()
    assert found["worker-1"] == "fails at reconcile: see its log"


async def test_a_frozen_process_and_one_that_is_gone_are_bad(hub_processes: HubProcesses) -> None:
    await hub_processes.start("worker", "push")
    hub_processes.freeze("worker")
    await hub_processes.kill("push")
    found = bad(await processes(hub_processes))
    assert "does not answer (ReadTimeout)" in found["worker-1"]
    assert "does not answer (ConnectError)" in found["push-1"]
    assert "does not answer" in found["web"]


def test_a_process_whose_loop_stands_still_is_bad_though_its_page_comes() -> None:
    hangs = judge(Seen("push-1", {"event_loop_standstill_seconds": [({}, 41.2)], "push_bus_connected": [({}, 1.0)]}))
    assert (hangs.state, hangs.text) == ("bad", "hangs: has done nothing for 41 s. See its log, end it")


async def test_the_figure_of_a_standstill_grows_while_the_loop_is_held_up() -> None:
    (port,) = free_ports(1)
    pages: list[str] = []
    pulse = asyncio.create_task(metrics.keep_pulse())
    await asyncio.sleep(0)
    with metrics.shown("127.0.0.1", port):
        asking = threading.Timer(0.8, lambda: pages.append(httpx.get(f"http://127.0.0.1:{port}/metrics").text))
        asking.start()
        # On purpose: what hangs is the loop itself.
        time.sleep(1.2)  # noqa: ASYNC251
        asking.join()
    pulse.cancel()
    ((_, seconds),) = check_processes.read_figures(pages[0])["event_loop_standstill_seconds"]
    assert 0.7 < seconds < 5


async def test_the_processes_an_operator_lists_are_looked_at(
    services: RealServices, database_url: str, tmp_path: Path
) -> None:
    (push,) = free_ports(1)
    # A page of its own: this process's figures know of every part that other tests have used.
    async with answering(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nworker_jobs_held 0.0\n") as worker:
        urls = f"http://localhost:{push}/metrics,http://127.0.0.1:{worker}/metrics"
        hub = HubProcesses(tmp_path, services, database_url, HUB_METRICS_URLS=urls)
        findings = await check_all(hub.settings)
    assert bad(findings) == {f"localhost:{push}": "does not answer (ConnectError): see its log"}
    states = {finding.part: finding.state for finding in findings}
    assert states[f"127.0.0.1:{worker}"] == "good"
    assert (states["api"], states["web"]) == ("note", "note")


async def test_that_no_process_is_looked_at_is_said(hub_processes: HubProcesses) -> None:
    findings = await check_all(hub_processes.settings)
    (unknown,) = [finding for finding in findings if finding.part == "processes"]
    assert unknown.state == "note" and "HUB_METRICS_URLS" in unknown.text


async def test_a_job_given_up_on_is_bad_until_it_is_tried_again(hub_processes: HubProcesses, database: Pool) -> None:
    await database.execute(
        "insert into pgqueuer (priority, entrypoint, payload, status) values (0, 'notify', '', 'failed')"
    )
    found = bad(await check_services(hub_processes.settings))
    assert "1 notify" in found["jobs"] and "hub retry-jobs" in found["jobs"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", "retry-jobs"),
        env=hub_processes.settings.environment(),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert output == b"1 job will be tried again.\n"
    assert bad(await check_services(hub_processes.settings)) == {}


async def test_no_room_for_tomorrows_positions_is_bad(hub_processes: HubProcesses, database: Pool) -> None:
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    await database.execute(f"drop table {partition_name(tomorrow)}")
    assert tomorrow.isoformat() in bad(await check_services(hub_processes.settings))["positions"]


async def test_a_broker_without_its_websocket_listener_is_bad(
    services: RealServices, database_url: str, tmp_path: Path
) -> None:
    async def look(url: str) -> Finding:
        folder = tmp_path / url.rpartition(":")[2]
        folder.mkdir()
        settings = HubProcesses(folder, services, database_url, MQTT_WEBSOCKET_URL=url).settings
        return await check_broker_websocket(settings)

    assert (await look(f"ws://127.0.0.1:{services.mosquitto.config.websocket_port}")).state == "good"
    silent = await look("ws://127.0.0.1:1")
    assert silent.state == "bad" and "does not answer" in silent.text
    async with answering(b"HTTP/1.1 404 Not Found\r\n\r\n") as port:
        other = await look(f"ws://127.0.0.1:{port}")
    assert other.state == "bad" and "is no WebSocket listener" in other.text


async def test_another_program_on_the_web_port_is_bad(hub_processes: HubProcesses) -> None:
    async with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother") as port:
        settings = Settings(
            **{**{name: getattr(hub_processes.settings, name) for name in Settings.__slots__}, "port": port}
        )
        found = bad(await check_processes.check_processes(settings, here=True))
    assert found["web"] == f"http://127.0.0.1:{port} answers 200, but not as ours: see haproxy's log"


LOCAL, OFFICE, PUBLIC = "http://localhost:8080", "http://192.168.1.10:8080", "https://track.example.kg"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, ["Links and QR codes say http://localhost:8080"]),
        ({"host": "127.0.0.1"}, []),
        ({"public_url": LOCAL}, ["Links and QR codes say"]),
        ({"public_url": OFFICE}, ["cannot record at http://192.168.1.10:8080", "OwnTracks over MQTT cannot reach"]),
        ({"public_url": OFFICE, "mqtt_host": "0.0.0.0"}, ["cannot record"]),
        ({"public_url": PUBLIC, "mqtt_url": "mqtt://broker.example.kg"}, []),
    ],
)
def test_addresses_that_phones_cannot_use_are_told(given: dict[str, str], words: list[str]) -> None:
    told = remarks(Settings(**given))  # type: ignore[arg-type]
    assert len(told) == len(words)
    assert all(word in text for word, text in zip(words, told, strict=True))
