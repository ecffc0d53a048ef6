"""What hangs on an order's transitions: the fact of each, written with the state."""

import datetime as dt

import pytest
import pytest_asyncio

from freight.errors import Conflict, NotAllowed, NotFound
from freight.live import Happened, Told
from freight.orders.rules import ACTIONS, ACTORS, TOLD_AS, Action, Actor, State
from freight.orders.states import advance, move
from freight.orders.steps import SOURCES, STEPS, Move, tell
from store.bus import Bus
from store.pool import Connection, Pool
from tests.api.ears import Ears
from tests.cast import Person
from tests.ingest.world import Carried, make_trip
from tests.work import by


@pytest_asyncio.fixture
async def trip(database: Pool) -> Carried:
    async with database.acquire() as connection:
        return await make_trip(connection)


async def make_order(database: Pool, dispatcher: Person, state: State = "draft") -> int:
    """An order nobody carries yet."""
    insert = "insert into orders (organisation_id, state) values ($1, $2) returning id"
    return int(await database.fetchval(insert, dispatcher.organisation_id, state))


def test_every_action_lists_its_steps() -> None:
    assert set(STEPS) == set(ACTIONS)
    assert {action for action, steps in STEPS.items() if tell in steps} == set(TOLD_AS)


def test_only_the_folds_own_actions_are_told_by_nobody_here() -> None:
    assert set(ACTIONS) - set(TOLD_AS) == {action for action in ACTIONS if ACTORS[action] == {"tracking"}}
    assert set(SOURCES) == set().union(*ACTORS.values())


@pytest.mark.parametrize(
    ("state", "action", "actor", "kind", "source"),
    [
        ("draft", "publish", "dispatcher", "published", "dispatcher"),
        ("published", "expire", "clock", "expired", "hub"),
        ("published", "assign", "driver", "assigned", "driver"),
        ("published", "cancel", "dispatcher", "cancelled", "dispatcher"),
    ],
)
async def test_a_transition_is_told_of_the_order_before_a_trip_carries_it(
    database: Pool, bus: Bus, dispatcher: Person, state: State, action: Action, actor: Actor, kind: str, source: str
) -> None:
    order_id = await make_order(database, dispatcher, state)
    async with Ears(bus) as ears:
        async with by(dispatcher, database, bus) as work:
            await move(work, order_id, action, actor, data={"reason": "дождь"})
        event = await database.fetchrow("select * from events")
        assert event is not None
        await ears.hear(f"live:{dispatcher.organisation_id}", Happened(event["id"], 1, "order", order_id))
    assert (event["kind"], event["source"], event["caused_by"]) == (kind, source, dispatcher.user_id)
    assert (event["subject_kind"], event["subject_id"], event["order_id"]) == ("order", order_id, order_id)
    assert (event["trip_id"], event["stop_id"], event["data"]) == (None, None, {"reason": "дождь"})
    assert await database.fetchval("select count(*) from pgqueuer where entrypoint = 'notify'") == 1


async def test_a_transition_is_told_of_the_trip_that_carries_the_order_at_its_time(
    database: Pool, bus: Bus, dispatcher: Person, trip: Carried
) -> None:
    at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    async with Ears(bus) as ears:
        async with by(dispatcher, database, bus) as work:
            await move(work, trip.order_id, "fail", "dispatcher", at=at)
        event = await database.fetchrow("select * from events")
        assert event is not None
        await ears.hear(f"live:{trip.organisation_id}", Happened(event["id"], 1, "trip", trip.trip_id))
    assert (event["kind"], event["at"], event["late"]) == ("failed", at, True)
    assert (event["subject_kind"], event["subject_id"], event["trip_id"]) == ("trip", trip.trip_id, trip.trip_id)


async def test_what_is_refused_is_not_told(database: Pool, bus: Bus, dispatcher: Person) -> None:
    order_id = await make_order(database, dispatcher)
    async with by(dispatcher, database, bus) as work:
        with pytest.raises(Conflict):
            await move(work, order_id, "fail", "dispatcher")
        with pytest.raises(NotAllowed):
            await move(work, order_id, "publish", "driver")
        with pytest.raises(NotFound):
            await move(work, 404, "publish", "dispatcher")
    assert await database.fetchval("select count(*) from events") == 0


async def test_an_order_published_twice_is_told_twice(database: Pool, bus: Bus, dispatcher: Person) -> None:
    order_id = await make_order(database, dispatcher)
    async with by(dispatcher, database, bus) as work:
        await move(work, order_id, "publish", "dispatcher")
        await work.connection.execute("update orders set state = 'draft'")
        await move(work, order_id, "publish", "dispatcher")
    assert await database.fetchval("select count(*) from events where kind = 'published' and revision = 1") == 2


async def test_the_folds_transitions_have_their_steps_run_too(
    database: Pool, trip: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    moves: list[Move] = []

    async def note(connection: Connection, move: Move) -> list[Told]:
        # Within the transaction, after the state is written.
        assert await connection.fetchval("select state from orders where id = $1", move.order_id) == move.state
        moves.append(move)
        return [Told("live:1", Happened(1, 1, "order", move.order_id))]

    monkeypatch.setitem(STEPS, "set_off", (note,))
    async with database.acquire() as connection, connection.transaction():
        other = await make_trip(connection)
        told = await advance(connection, {trip.order_id: "in_transit", other.order_id: "assigned"}, caused_by=None)
        assert await advance(connection, {trip.order_id: "in_transit"}) == []
    assert [(one.order_id, one.action, one.left, one.actor) for one in moves] == [
        (trip.order_id, "set_off", "assigned", "tracking")
    ]
    assert told == [Told("live:1", Happened(1, 1, "order", trip.order_id))]
    # The stages themselves are told by the fold.
    assert await database.fetchval("select count(*) from events") == 0
