"""Facts as rows: what a track decides is corrected, everything else is only added, and each has a subject."""

import datetime as dt
import re

import asyncpg
import pytest
import pytest_asyncio

from freight.events.actions import record, told_of
from freight.events.facts import FOLDED_KINDS, KINDS, Fact, Kind, Subject, trip_fact
from freight.events.reading import event_view
from freight.live import Happened, Told
from freight.tracking.rules import RING_KINDS, STAGE_KINDS
from freight.tracking.warning_rules import IMPLAUSIBLE, LOW_BATTERY
from store.pool import Pool
from store.tables.events import FOLDED_KINDS as STORED_FOLDED_KINDS
from tests.ingest.world import Carried, make_trip

AT = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
ADDED_KINDS = [kind for kind in KINDS if kind not in FOLDED_KINDS]


@pytest_asyncio.fixture
async def trip(database: Pool) -> Carried:
    async with database.acquire() as connection:
        return await make_trip(connection)


def of_order(trip: Carried, kind: Kind, at: dt.datetime, **data: str) -> Fact:
    """Something that happened to the order."""
    return Fact(Subject("order", trip.order_id), kind, at, "hub", trip.organisation_id, trip.order_id, data=data)


def of_trip(trip: Carried, kind: Kind, at: dt.datetime) -> Fact:
    """Something that happened at the first stop."""
    return trip_fact(trip.organisation_id, trip.order_id, trip.trip_id, trip.stop_ids[0], kind, at, "gps")


@pytest.mark.parametrize("kind", ADDED_KINDS)
async def test_two_facts_of_one_kind_and_order_never_overwrite_each_other(
    database: Pool, trip: Carried, kind: Kind
) -> None:
    one, other = of_order(trip, kind, AT, by="one"), of_order(trip, kind, AT + MINUTE, by="other")
    async with database.acquire() as connection:
        first = await record(connection, [one])
        # Together with one that is alike to the letter, which is a fact as well.
        rest = await record(connection, [other, other])
        # Also where a fact of a track would be told once.
        rest += await record(connection, [one], once=True)
    rows = await database.fetch("select id, at, revision, data from events order by id")
    assert [row["id"] for row in rows] == [row.event_id for row in first + rest]
    assert [(row["at"], row["revision"], row["data"]["by"]) for row in rows] == [
        *((AT, 1, "one"), (AT + MINUTE, 1, "other")),
        *((AT + MINUTE, 1, "other"), (AT, 1, "one")),
    ]


@pytest.mark.parametrize("kind", FOLDED_KINDS)
async def test_what_a_track_decides_is_one_row_that_is_corrected(database: Pool, trip: Carried, kind: Kind) -> None:
    async with database.acquire() as connection:
        first = await record(connection, [of_trip(trip, kind, AT), of_order(trip, "published", AT)])
        assert await record(connection, [of_trip(trip, kind, AT)]) == []
        # Of two in one statement the last is taken.
        corrected = await record(connection, [of_trip(trip, kind, AT), of_trip(trip, kind, AT + MINUTE)])
        assert await record(connection, [of_trip(trip, kind, AT)], once=True) == []
    assert [(one.event_id, one.revision) for one in corrected] == [(first[0].event_id, 2)]
    assert await database.fetchval("select at from events where kind = $1", kind) == AT + MINUTE
    assert await database.fetchval("select count(*) from events") == 2


async def test_a_fact_says_what_it_happened_to(database: Pool, trip: Carried) -> None:
    async with database.acquire() as connection:
        recorded = await record(connection, [of_trip(trip, "arrived", AT), of_order(trip, "published", AT)])
        views = [await event_view(connection, one.event_id) for one in recorded]
    assert [(view.subject_kind, view.subject_id, view.trip_id) for view in views if view] == [
        ("trip", trip.trip_id, trip.trip_id),
        ("order", trip.order_id, None),
    ]
    assert told_of(recorded) == [
        Told(f"live:{trip.organisation_id}", Happened(recorded[0].event_id, 1, "trip", trip.trip_id)),
        Told(f"live:{trip.organisation_id}", Happened(recorded[1].event_id, 1, "order", trip.order_id)),
    ]


async def test_a_fact_of_nobodys_organisation_and_no_order_is_kept_and_told_on_no_organisations_channel(
    database: Pool, trip: Carried
) -> None:
    fact = Fact(Subject("driver", trip.driver_id), "resumed", AT, "driver")
    async with database.acquire() as connection:
        recorded = await record(connection, [fact])
        view = await event_view(connection, recorded[0].event_id)
    assert told_of(recorded) == []
    assert view is not None
    assert (view.subject_kind, view.subject_id, view.order_id) == ("driver", trip.driver_id, None)


@pytest.mark.parametrize("kind", FOLDED_KINDS)
async def test_the_table_takes_nothing_a_track_decides_without_its_order(
    database: Pool, trip: Carried, kind: Kind
) -> None:
    async with database.acquire() as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="events_order_check"):
            await record(connection, [Fact(Subject("trip", trip.trip_id), kind, AT, "gps")])


async def test_rules_metadata_and_the_migrated_index_know_the_same_kinds(database: Pool) -> None:
    predicate = await database.fetchval(
        "select pg_get_expr(indpred, indrelid) from pg_index"
        " where indexrelid = 'events_order_id_stop_id_kind_key'::regclass and indisunique"
    )
    assert sorted(re.findall(r"'(\w+)'", predicate)) == sorted(FOLDED_KINDS)
    constraint = await database.fetchval(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = 'events_order_check'"
    )
    assert sorted(re.findall(r"'(\w+)'", constraint)) == sorted(FOLDED_KINDS)
    assert STORED_FOLDED_KINDS == FOLDED_KINDS


def test_what_a_track_decides_is_what_its_rules_find() -> None:
    assert sorted(FOLDED_KINDS) == sorted([*STAGE_KINDS, *RING_KINDS.values(), IMPLAUSIBLE, LOW_BATTERY])
