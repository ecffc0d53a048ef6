"""From the phone over the broker to the rows, the bus and the phone again."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence

import asyncpg
import msgspec
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from freight.live import Positions, decode, organisation
from freight.tracking.positions import unpacked
from freight.tracking.views import PositionView
from ingest.backlog import Backlog
from ingest.config import IngestConfig
from ingest.message import Message
from ingest.pipeline import Aftermath, Pipeline
from ingest.publisher import Publisher
from ingest.worker import Worker, run
from store.broker import BrokerControl
from store.bus import Bus, BusConfig, Listener
from store.pool import Connection, DatabaseConfig, Pool, open_pool
from tests.ingest.conftest import phone_of, running, subscriber_of
from tests.ingest.phone import Phone
from tests.ingest.world import LOADING, Carried, decoded, drive, fix, make_trip, message
from tests.services import RealServices
from tests.waiting import until


def sample(name: str, **labels: str) -> float:
    """A counter's value now."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.usefixtures("worker")
async def test_a_phones_fixes_become_positions_and_are_told_on_the_bus(
    database: Pool, services: RealServices, broker_control: BrokerControl, bus_config: BusConfig
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    heard: list[PositionView] = []

    def hear(channel: str, payload: bytes) -> None:
        message = decode(payload)
        if isinstance(message, Positions):
            heard.extend(unpacked(message))

    listener = Listener(bus_config, hear, lambda: None)
    listening = asyncio.create_task(listener.run())
    await until(lambda: listener.add(organisation(trip.organisation_id)))
    track = drive(trip)[:60]
    async with phone_of(broker_control, services, trip.login) as phone:
        for one in track:
            await phone.send(one)
        await until(lambda: database.fetchval("select count(*) = 60 from positions"))
        newest_ms = track[-1]["tst"] * 1000
        await until(lambda: heard and abs(heard[-1].fix_time_ms - newest_ms) <= 1)
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening


@pytest.mark.usefixtures("worker")
async def test_our_own_app_hears_what_was_committed(
    database: Pool, services: RealServices, broker_control: BrokerControl
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection, kind="app")
    async with phone_of(broker_control, services, trip.login) as phone:
        await phone.client.subscribe(phone.topic + "/stored", qos=1)
        await phone.send([fix(trip.window_from, *LOADING, seq=4), fix(trip.window_from, *LOADING, seq=5)])
        async with asyncio.timeout(10):
            async for message in phone.client.messages:
                assert decoded(bytes(message.payload))["seq"] == 5
                break
        assert await database.fetchval("select count(*) from positions") == 1


@pytest.mark.usefixtures("worker")
async def test_a_burst_of_one_phone_lets_the_others_pass(
    database: Pool, services: RealServices, broker_control: BrokerControl
) -> None:
    async with database.acquire() as connection:
        bursting, calm = await make_trip(connection), await make_trip(connection)
    begin = bursting.window_from
    burst = [fix(begin + dt.timedelta(seconds=n), LOADING[0] + n * 1e-5, LOADING[1]) for n in range(30_000)]
    # The newest fix came first: every array of the backlog is late.
    arrays = [burst[-1:], *(burst[start : start + 400] for start in range(0, len(burst), 400))]

    async def stored(trip: Carried) -> int:
        return int(await database.fetchval("select count(*) from positions where trip_id = $1", trip.trip_id))

    passed: list[int] = []
    async with (
        phone_of(broker_control, services, bursting.login) as phone,
        phone_of(broker_control, services, calm.login) as other,
    ):
        sending = asyncio.gather(*(phone.send(array) for array in arrays))
        while (before := await stored(bursting)) < len(burst):
            await other.send(fix(calm.window_from + dt.timedelta(seconds=len(passed)), *LOADING))
            await until(lambda: _is(stored(calm), len(passed) + 1))
            passed.append(await stored(bursting) - before)
        await sending
    # However slow the machine: while one fix of the calm phone waits, the burst gets a batch or two stored, never all.
    assert len(passed) > 1
    assert max(passed) <= len(burst) // 2


async def _is(counted: Awaitable[int], wanted: int) -> bool:
    return await counted == wanted


@pytest.mark.usefixtures("worker")
async def test_what_a_phone_left_retained_is_not_taken_for_news(
    database: Pool, services: RealServices, broker_control: BrokerControl
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    before = sample("ingest_idle_messages_total", type="lwt")
    async with phone_of(broker_control, services, trip.login) as phone:
        await phone.send(fix(trip.window_from, *LOADING), retain=True)
        await phone.send({"_type": "transition", "event": "enter"}, subtopic="/event")
        await until(lambda: database.fetchval("select report is not null from device_reports"))
        await phone.send(b"", retain=True)
    # A phone that publishes with "retain" speaks now: only what the broker kept for a subscriber is old.
    assert await database.fetchval("select count(*) from positions") == 1
    assert sample("ingest_idle_messages_total", type="lwt") == before


class FailingPipeline(Pipeline):
    """A pipeline with a bug that one kind of message brings out."""

    async def store(self, connection: Connection, messages: Sequence[Message], *, careful: bool) -> Aftermath:
        if any(b"impossible" in message.packet.payload for message in messages):
            raise ZeroDivisionError("a bug")
        return await super().store(connection, messages, careful=careful)


def worker_of(config: IngestConfig, pool: Pool, bus: Bus) -> Worker:
    """A worker that is given its batches by the test."""
    backlog = Backlog(100, 10**6, 100, 10**6)
    return Worker(config, pool, backlog, subscriber_of(config, backlog), Publisher(bus))


def worker_with_a_bug(config: IngestConfig, pool: Pool, bus: Bus) -> Worker:
    made = worker_of(config, pool, bus)
    made.pipeline = FailingPipeline(pool, 30)
    return made


def twelve(trip: Carried, more: Callable[[int], dict[str, object]]) -> list[Message]:
    """A dozen fixes a second apart; `more` is what is particular about each."""
    begin = trip.window_from
    return [message(trip.login, fix(begin + dt.timedelta(seconds=n), *LOADING, **more(n))) for n in range(12)]


async def test_one_impossible_message_does_not_stop_the_line(
    database: Pool, ingest_config: IngestConfig, bus: Bus
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    worker = worker_with_a_bug(ingest_config, database, bus)
    await worker.settle(twelve(trip, lambda n: {"tid": "impossible" if n == 5 else ""}), asyncio.Event())
    assert await database.fetchval("select count(*) from positions") == 11
    row = await database.fetchrow("select reason, detail from quarantine")
    assert row is not None
    assert (row["reason"], row["detail"]) == ("impossible", "ZeroDivisionError: a bug")


async def test_when_everything_is_impossible_nothing_is_given_up(
    database: Pool, ingest_config: IngestConfig, bus: Bus
) -> None:
    worker = worker_with_a_bug(ingest_config, database, bus)
    batch = [message(f"driver-{number}", b"impossible") for number in range(40)]
    with pytest.raises(ZeroDivisionError):
        await worker.settle(batch, asyncio.Event())
    assert await database.fetchval("select count(*) from quarantine") == 0


async def test_a_message_is_given_up_only_when_another_was_stored_after_it_had_failed(
    database: Pool, ingest_config: IngestConfig, bus: Bus
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    worker = worker_with_a_bug(ingest_config, database, bus)
    await worker.settle([message(trip.login, fix(trip.window_from, *LOADING))], asyncio.Event())
    await worker.settle([message("anyone", b"impossible")], asyncio.Event())
    assert await database.fetchval("select count(*) from quarantine") == 0
    later = trip.window_from + dt.timedelta(seconds=1)
    await worker.settle([message(trip.login, fix(later, *LOADING))], asyncio.Event())
    assert await database.fetchval("select count(*) from quarantine") == 1


REFUSE = """
create function refuse() returns trigger language plpgsql as $$
begin if new.speed_mps > 20 then {refusal}; end if; return new; end $$;
create trigger refuse before insert on positions for each row execute function refuse()
"""


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        ("perform 1 / 0", "DivisionByZeroError"),
        ("raise exception 'odd' using errcode = '23514'", "CheckViolationError"),
    ],
)
async def test_a_fix_the_database_refuses_is_set_aside_alone(
    database: Pool, ingest_config: IngestConfig, bus: Bus, refusal: str, reason: str
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
        await connection.execute(REFUSE.format(refusal=refusal))
    worker = worker_of(ingest_config, database, bus)
    await worker.settle(twelve(trip, lambda n: {"vel": 100 if n == 5 else 10}), asyncio.Event())
    assert await database.fetchval("select count(*) from positions") == 11
    assert [row["detail"].split(":")[0] for row in await database.fetch("select detail from quarantine")] == [reason]


async def test_a_fix_refused_only_for_a_moment_is_stored_after_all(
    database: Pool, ingest_config: IngestConfig, bus: Bus
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
        await connection.execute(REFUSE.format(refusal="raise exception 'odd' using errcode = '23505'"))
    worker = worker_of(ingest_config, database, bus)
    one, *others = twelve(trip, lambda n: {"vel": 10 if n else 100})
    await worker.settle([one], asyncio.Event())
    await database.execute("drop trigger refuse on positions")
    await worker.settle(others, asyncio.Event())
    assert await database.fetchval("select count(*) from positions") == 12
    assert await database.fetchval("select count(*) from quarantine") == 0


async def test_a_constraint_no_fix_can_meet_gives_no_fix_up(
    database: Pool, ingest_config: IngestConfig, bus: Bus
) -> None:
    async with database.acquire() as connection:
        trips = [await make_trip(connection) for _ in range(5)]
        await connection.execute("alter table positions add column odometer_km int not null")
    worker = worker_of(ingest_config, database, bus)
    batch = [message(trip.login, fix(trip.window_from, *LOADING)) for trip in trips]
    with pytest.raises(asyncpg.NotNullViolationError):
        await worker.settle(batch, asyncio.Event())
    assert await database.fetchval("select count(*) from quarantine") == 0


DAMAGE = """
create function damaged() returns trigger language plpgsql as $$
begin raise exception 'invalid page in block 7' using errcode = '{state}'; end $$;
create trigger damaged before insert on positions for each row execute function damaged()
"""


@pytest.mark.parametrize("state", ["XX001", "XX000", "58030", "53100"])
async def test_damage_in_the_database_is_waited_out_loudly_and_costs_no_fix(
    database: Pool, ingest_config: IngestConfig, bus: Bus, state: str
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
        await connection.execute(DAMAGE.format(state=state))
    worker = worker_of(ingest_config, database, bus)
    with capture_logs() as said:
        settling = asyncio.create_task(worker.settle(twelve(trip, lambda n: {}), asyncio.Event()))
        await until(lambda: len(said) >= 2, what="two tries")
    assert not settling.done()
    levels = {entry["log_level"] for entry in said if entry["sqlstate"] == state}
    assert levels == {"error" if state.startswith("XX") else "warning"}
    await database.execute("drop trigger damaged on positions")
    await settling
    assert await database.fetchval("select count(*) from positions") == 12
    assert await database.fetchval("select count(*) from quarantine") == 0


async def test_a_column_grown_too_wide_for_our_rows_is_waited_out_and_costs_no_fix(
    database: Pool, ingest_config: IngestConfig, bus: Bus
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
        await connection.execute("alter table positions alter speed_mps type float8")
    worker = worker_of(ingest_config, database, bus)
    with capture_logs() as said:
        settling = asyncio.create_task(worker.settle(twelve(trip, lambda n: {}), asyncio.Event()))
        await until(lambda: len(said) >= 2, what="two tries")
    await database.execute("alter table positions alter speed_mps type float4")
    await settling
    assert await database.fetchval("select count(*) from positions") == 12
    assert await database.fetchval("select count(*) from quarantine") == 0


async def test_a_columns_type_changed_under_a_running_worker_costs_no_fix(
    database: Pool, database_url: str, ingest_config: IngestConfig, bus: Bus
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    first, second, *_ = twelve(trip, lambda n: {})
    # One connection, on which the statements are prepared when the type changes.
    pool = await open_pool(DatabaseConfig(database_url, max_size=1))
    worker = worker_of(ingest_config, pool, bus)
    await worker.settle([first], asyncio.Event())
    await database.execute("alter table tracks alter column sequence type bigint")
    with capture_logs() as said:
        await worker.settle([second], asyncio.Event())
    assert "cached statement" in said[0]["error"]
    assert await database.fetchval("select count(*) from positions") == 2
    assert await database.fetchval("select count(*) from quarantine") == 0
    await pool.close()


@pytest.mark.parametrize(
    ("change", "undo"),
    [
        ("alter table positions rename speed_mps to velocity", "alter table positions rename velocity to speed_mps"),
        (
            "alter table positions alter speed_mps type int2",
            "alter table positions alter speed_mps type float4",
        ),
    ],
)
async def test_a_schema_that_is_not_ours_ends_the_worker_and_costs_no_fix(
    database: Pool,
    services: RealServices,
    broker_control: BrokerControl,
    ingest_config: IngestConfig,
    change: str,
    undo: str,
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    kept = msgspec.structs.replace(ingest_config, session_expiry_s=60)
    async with phone_of(broker_control, services, trip.login) as phone:
        working = asyncio.create_task(run(kept, asyncio.Event()))
        await phone.send(fix(trip.window_from, *LOADING))
        await until(lambda: first_or_again(database, phone, trip))
        await database.execute(change)
        await phone.send(fix(trip.window_from + dt.timedelta(minutes=1), *LOADING))
        with pytest.raises(ExceptionGroup) as ended:
            await working
        assert ended.group_contains(asyncpg.PostgresError)
        assert await database.fetchval("select count(*) from quarantine") == 0
        await database.execute(undo)
        async with running(ingest_config):
            await until(
                lambda: database.fetchval(
                    "select exists (select from positions where fix_time > $1)",
                    trip.window_from + dt.timedelta(seconds=30),
                )
            )


async def first_or_again(database: Pool, phone: Phone, trip: Carried) -> bool:
    """Before its first subscription the broker keeps nothing for a worker: send until something arrives."""
    await phone.send(fix(trip.window_from, *LOADING))
    return bool(await database.fetchval("select count(*) > 0 from positions"))


async def test_a_phone_that_sends_nothing_but_impossible_messages_stops_nobody(
    database: Pool, ingest_config: IngestConfig, bus: Bus
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    before = sample("ingest_refused_total", reason="impossible")
    worker = worker_with_a_bug(ingest_config, database, bus)
    batch = [
        *(message("anyone", b"impossible") for _ in range(100)),
        message(trip.login, fix(trip.window_from, *LOADING)),
    ]
    await worker.settle(batch, asyncio.Event())
    assert await database.fetchval("select count(*) from positions") == 1
    assert await database.fetchval("select count(*) from quarantine") == 20
    assert sample("ingest_refused_total", reason="impossible") == before + 100


async def test_missing_partitions_are_made_when_the_first_fix_needs_one(
    database: Pool, ingest_config: IngestConfig, bus: Bus
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection, hours_ago=24 * 20)
    worker = worker_with_a_bug(ingest_config, database, bus)
    await worker.settle([message(trip.login, fix(trip.window_from, *LOADING))], asyncio.Event())
    assert await database.fetchval("select count(*) from positions") == 1
