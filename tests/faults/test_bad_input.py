"""Every kind of bad input through the real broker and worker: its flag or reason, its counter, and the good fix right
behind it stored all the same."""

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiomqtt
import httpx
import pytest
import pytest_asyncio

from geo.fix import flag_names
from ingest.explain import IDLE_TYPES, REPORT_TYPES
from store.broker import BrokerConfig, BrokerControl, DeviceAccess
from store.pool import DatabaseConfig, Pool, open_pool
from tests.ingest.phone import Phone
from tests.ingest.world import LOADING, Carried, fix, make_driver, make_trip
from tests.processes import HubProcesses
from tests.services import RealServices
from tests.waiting import until

Payload = Callable[[Carried], bytes]


@pytest_asyncio.fixture(scope="module")
async def ingest(services: RealServices, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HubProcesses]:
    """One worker as a process of its own."""
    directory = tmp_path_factory.mktemp("bad-input")
    url = await services.clone_database(directory.name)
    processes = HubProcesses(directory, services, url)
    await processes.start("ingest")
    await until(lambda: "broker_joined" in processes.log("ingest"))
    yield processes
    await processes.stop_all()
    await services.drop_database(directory.name)


@pytest_asyncio.fixture(scope="module")
async def rows(ingest: HubProcesses) -> AsyncIterator[Pool]:
    """A look at what it wrote."""
    pool = await open_pool(DatabaseConfig(ingest.settings.database().url, max_size=2))
    yield pool
    await pool.close()


@pytest_asyncio.fixture(scope="module")
async def control(services: RealServices) -> AsyncIterator[BrokerControl]:
    async with BrokerControl(services.broker("control-6")) as control:
        yield control


@pytest_asyncio.fixture
async def trip(rows: Pool, control: BrokerControl) -> Carried:
    """An open trip whose phone the broker knows."""
    async with rows.acquire() as connection:
        trip = await make_trip(connection)
    await control.put_device(DeviceAccess(trip.login, "secret", True))
    return trip


def phone_of(services: RealServices, login: str) -> Phone:
    """The phone of a login, to be entered."""
    return Phone(BrokerConfig("127.0.0.1", services.mosquitto.config.port, login, "secret"))


async def counted(ingest: HubProcesses, sample: str) -> float:
    """One counter on the worker's metrics page; 0 before its first count."""
    port = ingest.settings.metrics_port("ingest")
    async with httpx.AsyncClient() as client:
        page = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    return sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(sample + " "))


def good(trip: Carried, minute: float = 30) -> dict[str, Any]:
    """A fix nothing is wrong with."""
    return fix((trip.window_from + dt.timedelta(minutes=minute)).replace(microsecond=0), *LOADING)


async def is_stored(rows: Pool, trip: Carried, one: dict[str, Any]) -> bool:
    at = dt.datetime.fromtimestamp(one["tst"], dt.UTC)
    return bool(await rows.fetchval("select 1 from positions where trip_id = $1 and fix_time = $2", trip.trip_id, at))


def altered(**changes: Any) -> Payload:
    """A good fix of minute 20 with some of its parts replaced; None takes a part out."""

    def payload(trip: Carried) -> bytes:
        content = {**good(trip, 20), **changes}
        return json.dumps({name: value for name, value in content.items() if value is not None}).encode()

    return payload


def written(text: str | bytes) -> Payload:
    """The very bytes; LAT, LON and TST stand for those of a good fix."""

    def payload(trip: Carried) -> bytes:
        said = text.encode() if isinstance(text, str) else text
        for name in ("lat", "lon", "tst"):
            said = said.replace(name.upper().encode(), json.dumps(good(trip, 20)[name]).encode())
        return said

    return payload


LOCATION = '{"_type":"location","lat":LAT,"lon":LON,"tst":TST,"acc":10}'

REFUSED: dict[str, tuple[Payload, str]] = {
    "NaN": (written(LOCATION.replace("LAT", "NaN")), "not_finite"),
    "1e999": (written(LOCATION.replace("LON", "1e999")), "not_finite"),
    "latitude 95": (altered(lat=95), "bad_lat"),
    "longitude 181": (altered(lon=-181), "bad_lon"),
    "no latitude": (altered(lat=None), "bad_lat"),
    "words for a number": (altered(lat="north"), "bad_lat"),
    "a list for a number": (altered(lon=[74.5]), "bad_lon"),
    "true for a number": (altered(lat=True), "bad_lat"),
    "no time": (altered(tst=None), "missing_tst"),
    "a time in words": (altered(tst="yesterday"), "bad_tst"),
    "1970": (altered(tst=0), "too_old"),
    "a week ahead": (lambda trip: altered(tst=good(trip)["tst"] + 7 * 86400)(trip), "far_future"),
    "the year 5000": (altered(tst=95_617_584_000), "far_future"),
    "no JSON": (written("#!LAT"), "bad_json"),
    "half a message": (written(LOCATION[:-9]), "bad_json"),
    "bad UTF-8": (written(LOCATION.encode().replace(b"location", b"loc\xff\xfe")), "bad_utf8"),
    "a zero byte": (written(LOCATION.encode() + b"\0"), "nul"),
    "endless nesting": (written("[" * 30_000 + "]" * 30_000), "too_deep"),
    "a number": (written("42"), "bad_type"),
    "a text": (written('"location"'), "bad_type"),
    "an array of numbers": (written("[1]"), "bad_type"),
    "an unheard-of type": (altered(_type="teleport"), "unknown_type"),
    "encrypted": (written('{"_type":"encrypted","data":"AAAA"}'), "encrypted"),
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_cannot_be_a_fix_is_set_aside_with_its_reason(
    ingest: HubProcesses, services: RealServices, rows: Pool, trip: Carried, case: str
) -> None:
    payload, reason = REFUSED[case]
    said = payload(trip)
    counter = f'ingest_refused_total{{reason="{reason}"}}'
    before = await counted(ingest, counter)
    async with phone_of(services, trip.login) as phone:
        await phone.send(said)
        await phone.send(good(trip))
        await until(lambda: is_stored(rows, trip, good(trip)), what="the good fix behind it")
    kept = await rows.fetch("select reason, size from quarantine where topic = $1", phone.topic)
    assert [row["reason"] for row in kept] == [reason]
    assert await counted(ingest, counter) == before + 1
    assert await rows.fetchval("select count(*) from positions where trip_id = $1", trip.trip_id) == 1


FLAGGED: dict[str, tuple[Payload, str]] = {
    "latitude and longitude swapped": (altered(lat=LOADING[1], lon=LOADING[0]), "jump"),
    "0/0": (altered(lat=0, lon=0), "null_island"),
    "ten minutes ahead": (lambda trip: altered(tst=int(dt.datetime.now(dt.UTC).timestamp()) + 600)(trip), "future"),
    "three hours old": (altered(), "stale"),
    "a kilometre of error": (altered(acc=1000), "coarse"),
    "infinite error": (written(LOCATION.replace('"acc":10', '"acc":1e40')), "coarse"),
    "no error told": (altered(acc=None), "no_accuracy"),
    "error in words": (altered(acc="good"), "no_accuracy"),
    "a ping": (altered(t="p"), "ping"),
    "a place made up by another app": (altered(mock=True), "mock"),
}


@pytest.mark.parametrize("case", FLAGGED)
async def test_what_is_doubtful_is_stored_with_its_flag(
    ingest: HubProcesses, services: RealServices, rows: Pool, trip: Carried, case: str
) -> None:
    payload, flag = FLAGGED[case]
    said = payload(trip)
    counter = f'ingest_flagged_fixes_total{{flag="{flag}"}}'
    before = await counted(ingest, counter)
    async with phone_of(services, trip.login) as phone:
        await phone.send(good(trip, 10))
        await phone.send(said)
        await phone.send(good(trip))
        await until(lambda: is_stored(rows, trip, good(trip)), what="the good fix behind it")
    stored = await rows.fetch("select flags from positions where trip_id = $1", trip.trip_id)
    assert len(stored) == 3
    assert sum(flag in flag_names(row["flags"]) for row in stored) >= 1
    assert await counted(ingest, counter) > before
    assert await rows.fetchval("select count(*) from quarantine where topic = $1", phone.topic) == 0


UNDERSTOOD: dict[str, Payload] = {
    "milliseconds for seconds": lambda trip: altered(tst=int(good(trip, 20)["tst"] * 1000))(trip),
    "numbers as text": lambda trip: altered(
        lat=str(LOADING[0]), lon=str(LOADING[1]), tst=str(int(good(trip, 20)["tst"]))
    )(trip),
    "a byte order mark": written(b"\xef\xbb\xbf" + LOCATION.encode()),
    "parts unheard of": altered(inregions=["a"], _cp=True, poi="<script>alert(1)</script>", BSSID="x" * 500),
    "nonsense beside the place": altered(vel="fast", cog=-7, alt=1e30, batt=400),
    "no type": altered(_type=None),
    "a queue number no column holds": written(LOCATION.replace('"acc":10', '"acc":10,"seq":18446744073709551615')),
    "a queue number below nothing": altered(seq=-(2**63)),
    "an array of one": written(f"[{LOCATION}]"),
}


@pytest.mark.parametrize("case", UNDERSTOOD)
async def test_what_can_only_mean_one_thing_is_understood(
    services: RealServices, rows: Pool, trip: Carried, case: str, ingest: HubProcesses
) -> None:
    async with phone_of(services, trip.login) as phone:
        await phone.send(UNDERSTOOD[case](trip))
        await phone.send(good(trip))
        await until(lambda: is_stored(rows, trip, good(trip)), what="the good fix behind it")
    assert await is_stored(rows, trip, good(trip, 20))
    assert await rows.fetchval("select count(*) from quarantine where topic = $1", phone.topic) == 0


@pytest.mark.parametrize("kind", sorted(REPORT_TYPES | IDLE_TYPES))
async def test_every_other_type_is_heard_and_moves_nothing(
    ingest: HubProcesses, services: RealServices, rows: Pool, trip: Carried, kind: str
) -> None:
    content = {"_type": kind, "tst": int(good(trip)["tst"]), "lat": 41.0, "lon": 70.0, "desc": "fence"}
    before = await counted(ingest, f'ingest_idle_messages_total{{type="{kind}"}}')
    async with phone_of(services, trip.login) as phone:
        await phone.send(content)
        await phone.send(good(trip))
        await until(lambda: is_stored(rows, trip, good(trip)), what="the good fix behind it")
    assert await rows.fetchval("select count(*) from positions where trip_id = $1", trip.trip_id) == 1
    report = await rows.fetchval("select report from device_reports where device_id = $1", trip.device_id)
    if kind in REPORT_TYPES:
        assert report["_type"] == kind
    else:
        assert report is None
        assert await counted(ingest, f'ingest_idle_messages_total{{type="{kind}"}}') == before + 1


async def test_a_message_beyond_64_kib_ends_the_connection_and_nothing_else(
    services: RealServices, rows: Pool, trip: Carried, ingest: HubProcesses
) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with phone_of(services, trip.login) as phone:
            await phone.client.publish(phone.topic, b" " * (64 * 1024 + 1), qos=1, timeout=2)
    async with phone_of(services, trip.login) as phone:
        await phone.send(good(trip))
        await until(lambda: is_stored(rows, trip, good(trip)))


async def test_what_the_broker_had_retained_is_no_news_to_a_new_session(
    services: RealServices, rows: Pool, trip: Carried, ingest: HubProcesses
) -> None:
    """Stock phones mark every fix as to be retained: a session made anew must not take the last of each for a fix."""
    async with phone_of(services, trip.login) as phone:
        await ingest.stop("ingest")
        await ingest.forget_session("ingest-1")
        # Nobody listens: only the broker's own copy of it is left.
        await phone.send(good(trip, 20), retain=True)
        await ingest.start("ingest")
        await until(lambda: counted(ingest, "ingest_broker_connected"), what="a session made anew")
        await phone.send(good(trip), retain=True)
        await until(lambda: is_stored(rows, trip, good(trip)), what="the fix after it")
        # The broker forgets it.
        await phone.send(b"", retain=True)
    assert not await is_stored(rows, trip, good(trip, 20))
    assert await counted(ingest, 'ingest_idle_messages_total{type="retained"}') == 0


async def test_a_phone_cannot_speak_for_another_driver(
    services: RealServices, rows: Pool, control: BrokerControl, trip: Carried, ingest: HubProcesses
) -> None:
    async with intruder_of(services, rows, control) as intruder, phone_of(services, trip.login) as phone:
        intruder.topic = phone.topic
        await intruder.send(good(trip, 20))
        await phone.send(good(trip))
        await until(lambda: is_stored(rows, trip, good(trip)))
    assert not await is_stored(rows, trip, good(trip, 20))


@pytest.mark.parametrize("subtopic", ["/stored", "/cmd"])
async def test_a_phone_cannot_give_another_one_the_hubs_word(
    services: RealServices, rows: Pool, control: BrokerControl, trip: Carried, ingest: HubProcesses, subtopic: str
) -> None:
    async with intruder_of(services, rows, control) as intruder, phone_of(services, trip.login) as phone:
        for own in ("/stored", "/cmd"):
            assert [code.value for code in await phone.client.subscribe(phone.topic + own, qos=1)] == [1]  # type: ignore[union-attr]
        intruder.topic = phone.topic
        await intruder.send({"seqs": [[1, 99]], "_type": "cmd", "action": "dump"}, subtopic)
        # The hub's own word comes after it, and is the first thing heard.
        await phone.send({**good(trip), "seq": 7})
        async with asyncio.timeout(15):
            heard = await anext(aiter(phone.client.messages))
    assert heard.topic.value == f"{phone.topic}/stored"
    assert json.loads(bytes(heard.payload or b""))["seqs"] == [[7, 7]]


@contextlib.asynccontextmanager
async def intruder_of(services: RealServices, rows: Pool, control: BrokerControl) -> AsyncIterator[Phone]:
    """The connected phone of another driver."""
    async with rows.acquire() as connection:
        _, _, login = await make_driver(connection)
    await control.put_device(DeviceAccess(login, "secret", True))
    async with phone_of(services, login) as intruder:
        yield intruder


async def test_a_second_phone_under_one_login_replaces_the_first_and_both_ones_fixes_count(
    services: RealServices, rows: Pool, trip: Carried, ingest: HubProcesses
) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with phone_of(services, trip.login) as first:
            await first.send(good(trip, 10))
            async with phone_of(services, trip.login) as second:
                await second.send(good(trip, 20))
                # One login is one client to the broker: the first connection is gone by now.
                await first.send(good(trip, 30))
    await until(lambda: is_stored(rows, trip, good(trip, 10)))
    await until(lambda: is_stored(rows, trip, good(trip, 20)))


async def test_a_driver_with_a_phone_at_home_stays_where_his_truck_is(
    services: RealServices, rows: Pool, control: BrokerControl, trip: Carried, ingest: HubProcesses
) -> None:
    home = f"{trip.login}home"
    await rows.execute(
        "insert into driver_devices (driver_id, login, kind) values ($1, $2, 'owntracks')", trip.driver_id, home
    )
    await control.put_device(DeviceAccess(home, "secret", True))
    async with phone_of(services, trip.login) as cab, phone_of(services, home) as left_behind:
        for minute in range(10):
            await cab.send(good(trip, 10 + minute))
            at = good(trip, 10 + minute)["tst"] + 20
            await left_behind.send({**good(trip), "tst": at, "lat": 40.5283, "lon": 72.7985})
        await until(lambda: rows.fetchval("select count(*) = 20 from positions where trip_id = $1", trip.trip_id))
    shown = await rows.fetchrow("select lat, lon from tracks where trip_id = $1", trip.trip_id)
    assert (shown["lat"], shown["lon"]) == LOADING
    by_device = await rows.fetch("select device_id, flags from positions where trip_id = $1", trip.trip_id)
    assert all("jump" in flag_names(row["flags"]) for row in by_device if row["device_id"] != trip.device_id)


async def test_an_unknown_login_is_set_aside(
    ingest: HubProcesses, services: RealServices, rows: Pool, control: BrokerControl
) -> None:
    await control.put_device(DeviceAccess("nobody", "secret", True))
    counter = 'ingest_refused_total{reason="unknown_device"}'
    before = await counted(ingest, counter)
    async with phone_of(services, "nobody") as phone:
        await phone.send(fix(dt.datetime.now(dt.UTC), *LOADING))
        await until(lambda: rows.fetchval("select 1 from quarantine where topic = $1", phone.topic))
    assert await counted(ingest, counter) == before + 1
