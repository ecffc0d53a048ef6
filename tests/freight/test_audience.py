"""Whom a kind of event concerns is a row of a table, and each way to people a statement."""

import datetime as dt
from typing import get_args

import pytest

from freight.events.actions import record
from freight.events.facts import KINDS, Fact, Kind, Subject
from freight.notifications.actions import notify
from freight.notifications.audience import AUDIENCE, PEOPLE, Relation, audience
from store.pool import Connection, Pool
from tests.cast import Person, make_person

AT = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)


def test_every_kind_has_its_audience() -> None:
    assert sorted(AUDIENCE) == sorted(KINDS)


def test_every_relation_has_its_statement_and_is_somebodys() -> None:
    relations = sorted(get_args(Relation) or [Relation])
    assert sorted(PEOPLE) == relations
    assert sorted({relation for told in AUDIENCE.values() for relation in told}) == relations


async def happened(connection: Connection, fact: Fact) -> int:
    """The id of a fact just written."""
    return (await record(connection, [fact]))[0].event_id


def added(organisation_id: int | None, user_id: int, caused_by: int | None = None) -> Fact:
    return Fact(Subject("user", user_id), "cancelled", AT, "hub", organisation_id, caused_by=caused_by)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_reaches_the_dispatchers_of_its_organisation_and_nobody_elses(
    database: Pool, dispatcher: Person, rival: Person, driver: Person, stranger: Person, kind: Kind
) -> None:
    # A colleague who dispatches nothing.
    adopt = "update users set organisation_id = $2 where id = $1"
    await database.execute(adopt, stranger.user_id, dispatcher.organisation_id)
    async with database.acquire() as connection:
        event_id = await happened(connection, added(dispatcher.organisation_id, driver.user_id))
        assert await audience(connection, event_id, kind) == [dispatcher.user_id]


async def test_who_did_it_himself_and_who_is_locked_out_are_not_told(
    database: Pool, dispatcher: Person, driver: Person
) -> None:
    other = await make_person(database, "manager", "Коллега", "colleague@alatoo.example")
    gone = await make_person(database, "manager", "Бывший", "former@alatoo.example")
    await database.execute(
        "update users set role = 'dispatcher', organisation_id = $2 where id = any($1::int[])",
        [other.user_id, gone.user_id],
        dispatcher.organisation_id,
    )
    await database.execute("update users set disabled_at = now() where id = $1", gone.user_id)
    async with database.acquire() as connection:
        fact = added(dispatcher.organisation_id, driver.user_id, caused_by=dispatcher.user_id)
        event_id = await happened(connection, fact)
        organisation_id, told = await notify(connection, event_id)
        assert organisation_id == dispatcher.organisation_id
        assert [one.user_id for one in told] == [other.user_id]


async def test_an_event_of_no_organisation_concerns_no_dispatcher(
    database: Pool, dispatcher: Person, driver: Person
) -> None:
    async with database.acquire() as connection:
        event_id = await happened(connection, added(None, driver.user_id))
        assert await notify(connection, event_id) == (None, [])
    assert await database.fetchval("select count(*) from notifications") == 0
