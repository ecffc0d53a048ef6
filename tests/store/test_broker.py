"""Who may connect to the broker and what he may say there."""

import asyncio

import aiomqtt
import pytest

from store.broker import BrokerConfig, BrokerControl, DeviceAccess
from tests.services import RealServices


def phone(broker: BrokerConfig, login: str, password: str) -> aiomqtt.Client:
    return aiomqtt.Client(
        broker.host, broker.port, username=login, password=password, protocol=aiomqtt.ProtocolVersion.V5
    )


@pytest.fixture
def address(services: RealServices) -> BrokerConfig:
    return services.broker("nobody")


async def put(control: BrokerControl, login: str, password: str = "right", enabled: bool = True) -> None:
    await control.put_device(DeviceAccess(login, password, enabled))


async def test_a_device_connects_with_its_password_only(broker_control: BrokerControl, address: BrokerConfig) -> None:
    await put(broker_control, "broker-a")
    async with phone(address, "broker-a", "right"):
        pass
    with pytest.raises(aiomqtt.MqttError):
        async with phone(address, "broker-a", "wrong"):
            pass


async def test_a_device_publishes_under_its_own_name_only(
    broker_control: BrokerControl, services: RealServices, address: BrokerConfig
) -> None:
    await put(broker_control, "broker-b")
    ingest = services.broker("ingest-8")
    async with phone(address, "broker-b", "right") as device, phone(ingest, "ingest-8", ingest.password) as listener:
        await listener.subscribe("owntracks/+/+", qos=1)
        for topic in ("owntracks/broker-c/phone", "owntracks/broker-b/phone", "elsewhere", "owntracks/broker-b/last"):
            await device.publish(topic, topic.encode(), qos=1)
        heard = []
        async with asyncio.timeout(10):
            async for message in listener.messages:
                # What other tests' phones left waiting at the broker is passed over.
                if "broker-" in message.topic.value or message.topic.matches("elsewhere"):
                    heard.append(message.topic.value)
                if message.topic.value.endswith("last"):
                    break
    assert heard == ["owntracks/broker-b/phone", "owntracks/broker-b/last"]


STOCK_TOPICS = [
    "",
    *("/event", "/status", "/waypoint", "/waypoints", "/step", "/steps", "/dump", "/info", "/beacon", "/request"),
]


async def test_a_device_publishes_on_the_topics_of_stock_apps_and_fills_no_others(
    broker_control: BrokerControl, services: RealServices, address: BrokerConfig
) -> None:
    await put(broker_control, "broker-i")
    ingest = services.broker("ingest-8")
    own = "owntracks/broker-i"
    foreign = [own, *(f"{own}/phone/{name}" for name in ("cmd", "stored", "x", "event/1", "a/b/c"))]
    stock = [f"{own}/phone{subtopic}" for subtopic in STOCK_TOPICS]
    async with phone(address, "broker-i", "right") as device, phone(ingest, "ingest-8", ingest.password) as listener:
        await listener.subscribe("owntracks/#", qos=1)
        for topic in (*foreign, *stock):
            await device.publish(topic, b"{}", qos=1)
        heard: list[str] = []
        async with asyncio.timeout(10):
            async for message in listener.messages:
                if message.topic.value.startswith(own):
                    heard.append(message.topic.value)
                if message.topic.value == stock[-1]:
                    break
    assert heard == stock


async def test_a_device_that_names_itself_as_another_pushes_nobody_out(
    broker_control: BrokerControl, services: RealServices, address: BrokerConfig
) -> None:
    await put(broker_control, "broker-j")
    await put(broker_control, "broker-k")
    ingest = services.broker("ingest-8")
    async with named(ingest, "ingest-8", ingest.password) as worker, named(address, "broker-k", "right") as other:
        await worker.subscribe("owntracks/+/+", qos=1)
        for victim in ("ingest-8", "broker-k"):
            async with named(address, "broker-j", "right", identifier=victim) as intruder:
                await intruder.publish("owntracks/broker-j/phone", victim.encode(), qos=1)
        # Both are still there: one speaks, the other hears it.
        await other.publish("owntracks/broker-k/phone", b"last", qos=1)
        async with asyncio.timeout(10):
            async for message in worker.messages:
                if message.topic.value == "owntracks/broker-k/phone":
                    break
        assert message.payload == b"last"


def named(broker: BrokerConfig, login: str, password: str, identifier: str | None = None) -> aiomqtt.Client:
    """A client that says what it is called; by default by its login."""
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=login,
        password=password,
        identifier=identifier or login,
        protocol=aiomqtt.ProtocolVersion.V5,
    )


async def test_a_device_cannot_forge_its_own_confirmation(
    broker_control: BrokerControl, services: RealServices, address: BrokerConfig
) -> None:
    await put(broker_control, "broker-h")
    ingest = services.broker("ingest-8")
    async with phone(address, "broker-h", "right") as device, phone(ingest, "ingest-8", ingest.password) as hub:
        await device.subscribe("owntracks/broker-h/+/stored", qos=1)
        await device.publish("owntracks/broker-h/phone/stored", b"forged", qos=1)
        await hub.publish("owntracks/broker-h/phone/stored", b"real", qos=1)
        async with asyncio.timeout(10):
            assert (await anext(aiter(device.messages))).payload == b"real"


async def test_a_device_hears_its_own_confirmations_and_nobody_elses(
    broker_control: BrokerControl, address: BrokerConfig
) -> None:
    await put(broker_control, "broker-d")
    async with phone(address, "broker-d", "right") as client:
        granted = await client.subscribe("owntracks/broker-d/+/stored", qos=1)
        refused = await client.subscribe("owntracks/#", qos=1)
    assert [code.value for code in granted] == [1]
    assert [code.value for code in refused] == [135]


async def test_disabling_a_device_kicks_it_off_at_once(broker_control: BrokerControl, address: BrokerConfig) -> None:
    await put(broker_control, "broker-e")
    with pytest.raises(aiomqtt.MqttError):
        async with phone(address, "broker-e", "right") as client, asyncio.timeout(10):
            await put(broker_control, "broker-e", enabled=False)
            async for _ in client.messages:
                pass


async def test_a_new_password_replaces_the_old_one(broker_control: BrokerControl, address: BrokerConfig) -> None:
    await put(broker_control, "broker-f")
    await put(broker_control, "broker-f", password="newer")
    with pytest.raises(aiomqtt.MqttError):
        async with phone(address, "broker-f", "right"):
            pass
    async with phone(address, "broker-f", "newer"):
        pass


async def test_a_removed_device_is_unknown_and_removing_it_again_is_no_error(broker_control: BrokerControl) -> None:
    await put(broker_control, "broker-g")
    assert "broker-g" in await broker_control.known_clients()
    await broker_control.remove_device("broker-g")
    await broker_control.remove_device("broker-g")
    assert "broker-g" not in await broker_control.known_clients()


async def test_two_control_connections_never_take_each_others_answers(
    broker_control: BrokerControl, services: RealServices
) -> None:
    async def work(control: BrokerControl, prefix: str) -> None:
        for number in range(15):
            await put(control, f"{prefix}-{number}")
            await control.remove_device(f"{prefix}-{number}")

    async with BrokerControl(services.broker("control-6")) as other:
        await asyncio.gather(work(broker_control, "broker-x"), work(other, "broker-y"))
        assert not {name for name in await other.known_clients() if name.startswith(("broker-x", "broker-y"))}
