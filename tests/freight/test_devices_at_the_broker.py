"""What the real broker knows of a driver's phones."""

import aiomqtt

from freight.accounts.actions import Client, open_session, session_user
from freight.config import FreightConfig
from freight.driver_page.reading import driver_home
from freight.drivers.broker import reconcile_devices, sync_device
from freight.drivers.devices import add_own_device, remove_device
from freight.drivers.views import DeviceSetup, NewDevice
from freight.work import Work
from store.broker import BrokerControl
from store.bus import Bus
from store.pool import Pool
from tests.cast import Person
from tests.services import RealServices
from tests.work import by

SECRET = b"s" * 32
CONFIG = FreightConfig(brand="Рейс", public_url="http://hub.test", device_secret=SECRET)


async def add_device(database: Pool, driver: Person) -> DeviceSetup:
    assert driver.driver_id is not None
    async with database.acquire() as connection, connection.transaction():
        return await add_own_device(Work(connection), CONFIG, driver.driver_id, NewDevice("owntracks"))


async def may_publish(services: RealServices, login: str, password: str, topic: str) -> bool:
    """Whether the broker takes a message of this account on this topic."""
    broker = services.broker("nobody")
    try:
        async with aiomqtt.Client(
            broker.host,
            broker.port,
            username=login,
            password=password,
            identifier=login,
            protocol=aiomqtt.ProtocolVersion.V5,
        ) as client:
            await client.publish(topic, b"{}", qos=1)
    except aiomqtt.MqttError:
        return False
    return True


async def test_a_device_may_connect_once_the_broker_was_told(
    database: Pool, driver: Person, broker_control: BrokerControl, services: RealServices
) -> None:
    device = await add_device(database, driver)
    assert not await may_publish(services, device.login, device.password, device.topic)
    await sync_device(broker_control, database, SECRET, device.id)
    assert await may_publish(services, device.login, device.password, device.topic)
    assert not await may_publish(services, device.login, "wrong", device.topic)


async def test_a_removed_device_is_locked_out(
    database: Pool, bus: Bus, dispatcher: Person, driver: Person, broker_control: BrokerControl, services: RealServices
) -> None:
    device = await add_device(database, driver)
    await sync_device(broker_control, database, SECRET, device.id)
    async with by(dispatcher, database, bus) as work:
        await remove_device(work, device.id)
    await sync_device(broker_control, database, SECRET, device.id)
    assert not await may_publish(services, device.login, device.password, device.topic)


async def test_a_renewed_page_connects_under_its_old_login_with_another_password(
    database: Pool, bus: Bus, dispatcher: Person, driver: Person, broker_control: BrokerControl, services: RealServices
) -> None:
    async with database.acquire() as connection:
        user = await session_user(connection, (await open_session(connection, driver.user_id, Client(), 1))[0])
        assert user is not None
        before = (await driver_home(connection, CONFIG, user)).app
        await sync_device(broker_control, database, SECRET, before.id)
        async with by(dispatcher, database, bus) as work:
            await remove_device(work, before.id)
        await sync_device(broker_control, database, SECRET, before.id)
        assert not await may_publish(services, before.login, before.password, before.topic)
        await open_session(connection, driver.user_id, Client(), 1)
        after = (await driver_home(connection, CONFIG, user)).app
    await sync_device(broker_control, database, SECRET, after.id)
    assert after.topic == before.topic
    assert await may_publish(services, after.login, after.password, after.topic)
    assert not await may_publish(services, before.login, before.password, before.topic)


async def test_a_broker_that_forgot_everything_is_told_again(
    database: Pool, driver: Person, broker_control: BrokerControl, services: RealServices
) -> None:
    device = await add_device(database, driver)
    # The app's own device and this one.
    assert await reconcile_devices(broker_control, database, SECRET) == 2
    assert await reconcile_devices(broker_control, database, SECRET) == 0
    await broker_control.remove_device(device.login)
    assert await reconcile_devices(broker_control, database, SECRET) == 1
    assert await may_publish(services, device.login, device.password, device.topic)


async def test_a_disabled_drivers_phones_are_locked_out(
    database: Pool, driver: Person, broker_control: BrokerControl, services: RealServices
) -> None:
    device = await add_device(database, driver)
    await reconcile_devices(broker_control, database, SECRET)
    async with database.acquire() as connection:
        await connection.execute("update users set disabled_at = now() where id = $1", driver.user_id)
    assert await reconcile_devices(broker_control, database, SECRET) == 2
    assert not await may_publish(services, device.login, device.password, device.topic)


async def test_an_unknown_device_is_no_error(database: Pool, broker_control: BrokerControl) -> None:
    await sync_device(broker_control, database, SECRET, 999_999)
