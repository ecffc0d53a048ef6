"""The session: bounded, persistent, patient with a broker that refuses."""

import asyncio
import datetime as dt

import msgspec
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from ingest.backlog import Backlog
from ingest.config import IngestConfig
from ingest.message import Message, source_of
from ingest.subscriber import Subscriber
from store.broker import BrokerControl
from store.mqtt import BrokerRefused
from store.pool import Pool
from tests.babbler import babbling, not_utf8
from tests.ingest.conftest import phone_of, running, subscriber_of
from tests.ingest.phone import Phone
from tests.ingest.world import LOADING, fix, make_trip, message
from tests.services import RealServices
from tests.waiting import until


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("owntracks/anna/phone", ("anna", "phone", "")),
        ("owntracks/anna/phone/event", ("anna", "phone", "event")),
        ("owntracks/anna/phone/a/b", ("anna", "phone", "a/b")),
        ("owntracks/anna", None),
        ("owntracks//phone", None),
        ("owntracks/anna/", None),
        ("other/anna/phone", None),
    ],
)
def test_whose_message_it_is_stands_in_the_topic(topic: str, expected: tuple[str, str, str] | None) -> None:
    assert source_of(topic) == expected


async def test_with_room_for_twenty_messages_hundreds_pass(
    database: Pool, services: RealServices, broker_control: BrokerControl, ingest_config: IngestConfig
) -> None:
    narrow = msgspec.structs.replace(ingest_config, most_unacknowledged=20, batch_messages=7, linger_s=0.001)
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    async with running(narrow), phone_of(broker_control, services, trip.login) as phone:
        await until(lambda: can_be_heard(database, phone, trip.window_from))
        before = await database.fetchval("select count(*) from positions")
        await asyncio.gather(
            *(phone.send(fix(trip.window_from + dt.timedelta(minutes=1, seconds=n), *LOADING)) for n in range(300))
        )
        await until(lambda: database.fetchval("select count(*) = $1 from positions", before + 300))


async def can_be_heard(database: Pool, phone: Phone, at: dt.datetime) -> bool:
    """Before its first subscription the broker keeps nothing for a worker: send until something arrives."""
    await phone.send(fix(at, *LOADING))
    return bool(await database.fetchval("select count(*) > 0 from positions"))


async def test_a_long_queue_is_taken_in_through_a_narrow_window(
    database: Pool, services: RealServices, broker_control: BrokerControl, ingest_config: IngestConfig
) -> None:
    waiting = msgspec.structs.replace(
        ingest_config, most_unacknowledged=20, batch_messages=7, linger_s=0.001, session_expiry_s=60
    )
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    first = subscriber_of(waiting, Backlog(20, 10**6, 7, 10**6))
    await first.connect()
    await first.close()
    async with phone_of(broker_control, services, trip.login) as phone:
        await asyncio.gather(
            *(phone.send(fix(trip.window_from + dt.timedelta(seconds=n), *LOADING)) for n in range(400))
        )
    async with running(waiting):
        await until(lambda: database.fetchval("select count(*) = 400 from positions"))
    # Everything was acknowledged: nothing comes again.
    last = subscriber_of(ingest_config, Backlog(20, 10**6, 7, 10**6))
    await last.connect()
    assert await last.backlog.next_batch(0) == []
    await last.close()


async def test_what_was_not_acknowledged_comes_again_to_the_next_connection(
    services: RealServices, broker_control: BrokerControl, ingest_config: IngestConfig
) -> None:
    persistent = msgspec.structs.replace(ingest_config, session_expiry_s=60)
    first, second = (subscriber_of(persistent, Backlog(100, 10**6, 100, 10**6)) for _ in range(2))
    async with phone_of(broker_control, services, "again") as phone:
        batch = await heard_by(first, phone, [b"1", b"2"])
        first.acknowledge(batch[:1])
        await first.close()
        assert payloads(await heard_by(second, phone, [])) == [b"2"]
        second.config = ingest_config
        await second.close()


def payloads(messages: list[Message]) -> list[bytes]:
    return [message.packet.payload for message in messages]


async def heard_by(subscriber: Subscriber, phone: Phone, sent: list[bytes]) -> list[Message]:
    """Connect, let the phone speak, and take what comes until something has."""
    await subscriber.connect()
    for payload in sent:
        await phone.send(payload)
    batch: list[Message] = []
    while len(batch) < max(1, len(sent)):
        batch += await subscriber.backlog.next_batch(0)
    return batch


async def test_wrong_credentials_are_told_in_the_brokers_word(ingest_config: IngestConfig) -> None:
    wrong = msgspec.structs.replace(ingest_config.broker, password="wrong")
    subscriber = subscriber_of(msgspec.structs.replace(ingest_config, broker=wrong), Backlog(10, 10**6, 10, 10**6))
    with pytest.raises(BrokerRefused, match=r"connection: .*(not_authorized|bad_user_name)"):
        await subscriber.connect()


async def test_acknowledging_what_an_earlier_connection_brought_says_nothing(ingest_config: IngestConfig) -> None:
    subscriber = subscriber_of(ingest_config, Backlog(10, 10**6, 10, 10**6))
    session, number = await subscriber.connect(), subscriber.number
    written: list[bytes] = []
    session.write = written.append  # type: ignore[method-assign]
    earlier = message("anna", b"x")
    subscriber.acknowledge([earlier._replace(connection=number - 1)])
    assert written == [b""]
    del session.write
    await subscriber.close()


# The codec itself prints what it stumbled over.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_broker_that_sends_no_text_for_text_is_left_and_tried_again(
    ingest_config: IngestConfig, caplog: pytest.LogCaptureFixture
) -> None:
    async with babbling(not_utf8()) as port:
        broker = msgspec.structs.replace(ingest_config.broker, port=port)
        config = msgspec.structs.replace(ingest_config, broker=broker)
        subscriber, stop = subscriber_of(config, Backlog(10, 10**6, 10, 10**6)), asyncio.Event()
        before = losses()
        with capture_logs() as entries:
            running = asyncio.create_task(subscriber.run(stop))
            await until(lambda: running.done() or losses() >= before + 2, what="two losses")
        assert not running.done()
        stop.set()
        await running
    assert {entry["error"] for entry in entries} == {"the broker sent what is no MQTT: text that is not UTF-8"}
    assert not [record.message for record in caplog.records if record.levelname == "ERROR"]


def losses() -> float:
    return REGISTRY.get_sample_value("ingest_broker_losses_total") or 0.0
