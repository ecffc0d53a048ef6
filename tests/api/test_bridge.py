"""The bridge of HTTP fixes, against a broker of its own that is stopped and started."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest
import pytest_asyncio
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from api.bridge import Bridge
from freight.errors import Overloaded
from hub.services.broker_accounts import ensure_accounts, process_accounts
from hub.services.mosquitto import ADMIN, MosquittoConfig, MosquittoService
from store.broker import BrokerConfig, BrokerControl
from tests.babbler import babbling, not_utf8
from tests.ports import free_ports
from tests.waiting import until

PASSWORD = "a password of the test"


@pytest_asyncio.fixture
async def mosquitto(tmp_path: Path) -> AsyncIterator[MosquittoService]:
    """A broker this test may stop."""
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    mqtt, websocket = free_ports(2)
    service = MosquittoService(MosquittoConfig(tmp_path / "mosquitto", mqtt, websocket, admin_password=PASSWORD))
    await service.start()
    async with BrokerControl(account(service, ADMIN)) as control:
        await ensure_accounts(control, process_accounts(PASSWORD, 1))
    yield service
    await service.stop()


@pytest_asyncio.fixture
async def bridge(mosquitto: MosquittoService) -> AsyncIterator[Bridge]:
    made = Bridge(account(mosquitto, "bridge-1"))
    running = asyncio.create_task(made.run())
    await until(lambda: made.connected, what="the bridge")
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def account(service: MosquittoService, name: str) -> BrokerConfig:
    return BrokerConfig("127.0.0.1", service.config.port, name, PASSWORD)


def losses() -> float:
    return REGISTRY.get_sample_value("phone_bridge_losses_total") or 0.0


def subscriber(service: MosquittoService) -> aiomqtt.Client:
    """Ingest's account: whatever it has subscribed to is kept for it while it is away."""
    return aiomqtt.Client(
        "127.0.0.1",
        service.config.port,
        username="ingest-1",
        password=PASSWORD,
        identifier="ingest-1",
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=False,
        properties=session_for_an_hour(),
    )


def session_for_an_hour() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = 3600
    return properties


async def test_thousands_at_once_are_confirmed_each(mosquitto: MosquittoService, bridge: Bridge) -> None:
    async with subscriber(mosquitto) as ingest:
        await ingest.subscribe("owntracks/#", qos=1)
        # Far more than the broker takes unconfirmed: the bridge has to wait its turn.
        await asyncio.gather(*(bridge.publish("owntracks/d1/phone", str(n).encode()) for n in range(3000)))
        received = set()
        async for message in ingest.messages:
            received.add(int(bytes(message.payload or b"")))
            if len(received) == 3000:
                break
    assert received == set(range(3000))


async def test_a_message_nobody_would_keep_is_the_phones_to_send_again(bridge: Bridge) -> None:
    with pytest.raises(Overloaded, match="no_matching_subscribers"):
        await bridge.publish("owntracks/d1/phone", b"{}")


async def test_a_topic_that_is_not_the_bridges_is_refused(mosquitto: MosquittoService, bridge: Bridge) -> None:
    async with subscriber(mosquitto) as ingest:
        await ingest.subscribe("owntracks/#", qos=1)
        with pytest.raises(Overloaded, match="not_authorized"):
            await bridge.publish("owntracks/d1/phone/stored", b"{}")


async def test_it_comes_back_after_the_broker(mosquitto: MosquittoService, bridge: Bridge) -> None:
    async with subscriber(mosquitto) as ingest:
        await ingest.subscribe("owntracks/#", qos=1)
    await mosquitto.stop()
    await until(lambda: not bridge.connected, what="the loss to be noticed")
    with pytest.raises(Overloaded):
        await bridge.publish("owntracks/d1/phone", b"{}")
    await mosquitto.start()
    await until(lambda: bridge.connected, what="the bridge to be back")
    await bridge.publish("owntracks/d1/phone", b"{}")


async def test_whoever_waits_is_told_when_the_broker_goes(mosquitto: MosquittoService, bridge: Bridge) -> None:
    waiting = [asyncio.create_task(bridge.publish("owntracks/d1/phone", b"x" * 60_000)) for _ in range(4000)]
    await asyncio.sleep(0)
    await mosquitto.stop()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(outcome, Overloaded) for outcome in outcomes)


async def test_a_wrong_password_is_tried_again_without_end_or_harm(mosquitto: MosquittoService) -> None:
    locked_out = Bridge(BrokerConfig("127.0.0.1", mosquitto.config.port, "bridge-1", "wrong"))
    running = asyncio.create_task(locked_out.run())
    before = losses()
    await until(lambda: losses() >= before + 2, what="two refusals")
    assert not running.done() and not locked_out.connected
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_that_two_processes_share_an_account_is_said(mosquitto: MosquittoService, bridge: Bridge) -> None:
    with capture_logs() as said:
        twin = asyncio.create_task(Bridge(account(mosquitto, "bridge-1")).run())
        await until(lambda: any("HUB_PROCESS_NUMBER" in entry.get("problem", "") for entry in said))
        twin.cancel()
        await asyncio.gather(twin, return_exceptions=True)


async def test_news_waits_for_nobody(bridge: Bridge, mosquitto: MosquittoService) -> None:
    await bridge.tell("owntracks/nobody/phone/cmd", b"{}")
    await mosquitto.stop()
    await until(lambda: not bridge.connected, what="the loss")
    await bridge.tell("owntracks/nobody/phone/cmd", b"{}")


async def test_who_stops_waiting_for_news_is_not_counted_as_waiting_for_ever() -> None:
    async with babbling(b"") as port:
        bridge = Bridge(BrokerConfig("127.0.0.1", port, "bridge-1", PASSWORD))
        running = asyncio.create_task(bridge.run())
        await until(lambda: bridge.connected, what="the bridge")
        waiting = [asyncio.create_task(bridge.tell("owntracks/d1/phone/cmd", b"{}")) for _ in range(5)]
        waiting += [asyncio.create_task(bridge.publish("owntracks/d1/phone", b"{}")) for _ in range(5)]
        await until(lambda: bridge.waiting == 10, what="ten who wait")
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert bridge.waiting == 0
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


# The codec itself prints what it stumbled over.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_broker_that_sends_no_text_for_text_is_left_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async with babbling(not_utf8()) as port:
        bridge = Bridge(BrokerConfig("127.0.0.1", port, "bridge-1", PASSWORD))
        before = losses()
        with capture_logs() as entries:
            running = asyncio.create_task(bridge.run())
            await until(lambda: running.done() or losses() >= before + 2, what="two losses")
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert {entry["problem"] for entry in entries} == {"the broker sent what is no MQTT: text that is not UTF-8"}
    assert not [record.message for record in caplog.records if record.levelname == "ERROR"]
