"""The private broker: where it listens, and how it comes up with a damaged account file."""

import dataclasses
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest
import pytest_asyncio

from freight.config import FreightConfig
from freight.drivers.broker import reconcile_devices
from freight.drivers.devices import add_own_device
from freight.drivers.views import NewDevice
from freight.work import Work
from hub.services.broker_accounts import ensure_accounts, process_accounts
from hub.services.mosquitto import ADMIN, MosquittoConfig, MosquittoService
from store.broker import BrokerConfig, BrokerControl
from store.pool import Pool
from tests.cast import Person
from tests.ports import free_ports

PASSWORD = "a password of the test"
CONFIG = FreightConfig(brand="Рейс", public_url="http://hub.test", device_secret=b"s" * 32)


class Broker(MosquittoService):
    """A broker that counts how often it was asked to get its accounts back."""

    def __init__(self, folder: Path) -> None:
        mqtt, websocket = free_ports(2)
        super().__init__(MosquittoConfig(folder / "mosquitto", mqtt, websocket, PASSWORD), self.get_accounts)
        self.accounts = folder / "mosquitto" / "dynamic-security.json"
        self.renewals = 0

    async def get_accounts(self) -> None:
        self.renewals += 1
        async with BrokerControl(self.account(ADMIN)) as control:
            await ensure_accounts(control, process_accounts(PASSWORD, 1))

    def account(self, name: str) -> BrokerConfig:
        return BrokerConfig("127.0.0.1", self.config.port, name, PASSWORD)


@pytest_asyncio.fixture
async def mosquitto(tmp_path: Path) -> AsyncIterator[Broker]:
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    service = Broker(tmp_path)
    await service.start()
    await service.get_accounts()
    service.renewals = 0
    yield service
    await service.stop()


DAMAGES = {
    "cut off in the middle": lambda whole: whole[: len(whole) // 2],
    "nothing left": lambda whole: b"",
    "another account's": lambda whole: whole.replace(f'"{ADMIN}"'.encode(), b'"somebody"'),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_broker_whose_account_file_a_full_disk_destroyed_lets_phones_in_again(
    mosquitto: Broker, database: Pool, driver: Person, damage: str
) -> None:
    assert driver.driver_id is not None
    async with database.acquire() as connection, connection.transaction():
        device = await add_own_device(Work(connection), CONFIG, driver.driver_id, NewDevice("owntracks"))
    await reconcile(mosquitto, database)
    await mosquitto.stop()
    damaged = DAMAGES[damage](mosquitto.accounts.read_bytes())
    mosquitto.accounts.write_bytes(damaged)
    await mosquitto.start()
    assert mosquitto.renewals == 1
    assert mosquitto.accounts.with_name("dynamic-security.json.broken").read_bytes() == damaged
    await reconcile(mosquitto, database)
    async with aiomqtt.Client(
        "127.0.0.1", mosquitto.config.port, username=device.login, password=device.password, identifier=device.login
    ):
        pass


async def reconcile(mosquitto: Broker, database: Pool) -> None:
    """What the worker does every so often, under its own account."""
    async with BrokerControl(mosquitto.account("control-1")) as control:
        await reconcile_devices(control, database, CONFIG.device_secret)


async def test_a_whole_account_file_is_left_as_it_is(mosquitto: Broker) -> None:
    await mosquitto.stop()
    before = mosquitto.accounts.read_bytes()
    await mosquitto.start()
    assert mosquitto.renewals == 0
    assert mosquitto.accounts.read_bytes() == before


async def test_accounts_that_could_not_be_made_are_made_at_the_next_start(mosquitto: Broker) -> None:
    await mosquitto.stop()
    mosquitto.accounts.write_bytes(b"{")
    password, mosquitto.account = mosquitto.account, lambda name: BrokerConfig("127.0.0.1", 9, name, PASSWORD)  # type: ignore[method-assign]
    with pytest.raises(aiomqtt.MqttError):
        await mosquitto.start()
    await mosquitto.stop()
    mosquitto.account = password  # type: ignore[method-assign]
    await mosquitto.start()
    assert mosquitto.renewals == 2
    async with BrokerControl(mosquitto.account("control-1")):
        pass


async def test_from_afar_the_broker_is_reached_as_phones_do_never_round_the_web_port(mosquitto: Broker) -> None:
    await mosquitto.stop()
    mosquitto.config = dataclasses.replace(mosquitto.config, host="0.0.0.0")
    await mosquitto.start()
    # Another of this machine's addresses: as good as any from outside.
    socket.create_connection(("127.0.0.2", mosquitto.config.port)).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", mosquitto.config.websocket_port))
    socket.create_connection(("127.0.0.1", mosquitto.config.websocket_port)).close()
