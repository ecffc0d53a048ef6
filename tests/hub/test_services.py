"""The private services do what the product relies on."""

import asyncio
import shutil
from pathlib import Path

import aiomqtt
import asyncpg
import pytest
import pytest_asyncio

from hub.errors import ServiceFailed
from hub.services.accounts import account_for
from hub.services.postgres import ACCOUNT, PostgresConfig, PostgresService, forget_dead_server
from store.broker import BrokerConfig, BrokerControl, DeviceAccess
from store.bus import Bus
from store.pool import Pool
from tests.ports import free_ports
from tests.services import RealServices


async def test_the_database_has_postgis_and_the_schema(database: Pool) -> None:
    assert await database.fetchval("select st_srid('SRID=4326;POINT(74.6 42.87)'::geometry)") == 4326
    assert await database.fetchval("select to_regclass('positions') is not null")


async def test_the_application_is_not_a_superuser(database: Pool) -> None:
    assert await database.fetchval("select rolsuper from pg_roles where rolname = current_user") is False
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.execute("create role intruder superuser")


async def test_every_test_has_a_database_of_its_own(database: Pool, services: RealServices) -> None:
    await database.execute("create table left_behind ()")
    url = await services.clone_database("another")
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select to_regclass('left_behind')") is None
    await connection.close()
    await services.drop_database("another")


async def test_redis_answers_the_bus(bus: Bus) -> None:
    assert await bus.publish([("live:1", b"{}")])


async def test_the_broker_refuses_strangers_and_wrong_passwords(broker: BrokerConfig) -> None:
    for username, password in ((None, None), ("hub", "wrong"), ("ingest-1", "")):
        with pytest.raises(aiomqtt.MqttError):
            async with aiomqtt.Client(broker.host, broker.port, username=username, password=password):
                pass


async def next_of(client: aiomqtt.Client, prefix: str) -> aiomqtt.Message:
    """The next message below `prefix`: what other tests' phones left waiting at the broker is passed over."""
    async with asyncio.timeout(10):
        async for message in client.messages:
            if str(message.topic).startswith(prefix):
                return message
    raise AssertionError("the broker went away")


async def test_an_ingest_worker_hears_a_device_and_confirms(
    services: RealServices, broker_control: BrokerControl
) -> None:
    await broker_control.put_device(DeviceAccess("d-heard", "secret", enabled=True))
    port = services.mosquitto.config.port
    ingest = services.broker("ingest-8")
    async with (
        aiomqtt.Client(
            "127.0.0.1",
            port,
            username=ingest.username,
            password=ingest.password,
            protocol=aiomqtt.ProtocolVersion.V5,
        ) as worker,
        aiomqtt.Client("127.0.0.1", port, username="d-heard", password="secret") as phone,
    ):
        await worker.subscribe("owntracks/#", qos=1)
        await phone.subscribe("owntracks/d-heard/phone/stored", qos=1)
        await phone.publish("owntracks/d-heard/phone", b"fix", qos=1)
        message = await next_of(worker, "owntracks/d-heard/")
        assert (str(message.topic), message.payload) == ("owntracks/d-heard/phone", b"fix")
        await worker.publish("owntracks/d-heard/phone/stored", b"1", qos=1)
        assert (await anext(phone.messages)).payload == b"1"
    await broker_control.remove_device("d-heard")


async def test_the_bridge_may_publish_fixes_and_nothing_else(services: RealServices) -> None:
    bridge = services.broker("bridge-8")
    ingest = services.broker("ingest-7")

    def client(who: BrokerConfig) -> aiomqtt.Client:
        return aiomqtt.Client(
            who.host,
            who.port,
            username=who.username,
            password=who.password,
            protocol=aiomqtt.ProtocolVersion.V5,
        )

    async with client(ingest) as worker, client(bridge) as publisher:
        await worker.subscribe("owntracks/+/+", qos=1)
        await worker.subscribe("owntracks/+/+/stored", qos=1)
        await publisher.publish("owntracks/d-bridged/phone/stored", b"forged", qos=1)
        await publisher.publish("owntracks/d-bridged/phone", b"fix", qos=1)
        assert (await next_of(worker, "owntracks/d-bridged/")).payload == b"fix"


@pytest.mark.parametrize(
    ("subscription", "is_allowed"),
    [
        ("owntracks/+/+", True),
        ("owntracks/+/+/event", True),
        ("$share/another/#", False),
        ("#", False),
        ("$CONTROL/#", False),
    ],
)
async def test_an_ingest_worker_hears_phones_and_nothing_else(
    services: RealServices, subscription: str, is_allowed: bool
) -> None:
    who = services.broker("ingest-7")
    async with aiomqtt.Client(
        who.host, who.port, username=who.username, password=who.password, protocol=aiomqtt.ProtocolVersion.V5
    ) as worker:
        answer = await worker.subscribe(subscription, qos=1)
        assert [str(code) == "Granted QoS 1" for code in answer] == [is_allowed]  # type: ignore[union-attr]


@pytest_asyncio.fixture
async def ended_database(tmp_path: Path) -> PostgresService:
    """A server that has run and ended, with its locks as they were while it ran: `postmaster.pid` and `socket`."""
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    (port,) = free_ports(1)
    service = PostgresService(PostgresConfig(tmp_path / "postgres", port, "super", "own", durable=False))
    await service.start()
    for lock in locks_of(service):
        shutil.copy(lock, tmp_path / lock.name)
    # Somebody else's server on the same folder is left alone.
    with pytest.raises(ServiceFailed, match="started by somebody else"):
        forget_dead_server(service.data, service.socket_folder)
    await service.stop()
    return service


def locks_of(service: PostgresService) -> list[Path]:
    """The locks of a server: in its data folder, and beside its socket."""
    return [service.data / "postmaster.pid", service.socket_folder / f".s.PGSQL.{service.config.port}.lock"]


@pytest.mark.parametrize("which", [0, 1], ids=["data", "socket"])
async def test_a_lock_whose_process_id_is_another_programs_by_now_does_not_hold_up_the_database(
    ended_database: PostgresService, tmp_path: Path, which: int
) -> None:
    lock = locks_of(ended_database)[which]
    # As after a power cut: the id in the lock is that of a program of the same account.
    other = await asyncio.create_subprocess_exec("sleep", "60", user=account_for(ACCOUNT))
    lines = (tmp_path / lock.name).read_text().splitlines(keepends=True)
    lock.write_text("".join([f"{other.pid}\n", *lines[1:]]))
    try:
        await ended_database.start()
        await ended_database.stop()
        assert other.returncode is None
    finally:
        other.kill()
        await other.wait()


@pytest.mark.parametrize("which", [0, 1], ids=["data", "socket"])
async def test_a_lock_that_came_empty_out_of_a_power_cut_does_not_hold_up_the_database(
    ended_database: PostgresService, which: int
) -> None:
    locks_of(ended_database)[which].touch()
    await ended_database.start()
    await ended_database.stop()


async def test_the_lock_beside_a_socket_is_enough_to_know_somebody_elses_server(
    ended_database: PostgresService,
) -> None:
    await ended_database.start()
    kept = locks_of(ended_database)[0].read_text()
    locks_of(ended_database)[0].unlink()
    with pytest.raises(ServiceFailed, match="started by somebody else"):
        forget_dead_server(ended_database.data, ended_database.socket_folder)
    locks_of(ended_database)[0].write_text(kept)
    await ended_database.stop()
