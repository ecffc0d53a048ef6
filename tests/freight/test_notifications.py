"""Who is told of a fact, once, and what is read of it."""

import asyncio
import datetime as dt

import pytest_asyncio

from freight.events.actions import record
from freight.events.facts import trip_fact
from freight.notifications.actions import notification_page, notify, read_up_to, unread_count, unread_counts
from freight.orders.views import NewStop
from freight.routes.router import embedded_route
from freight.trips.actions import Owned, create_trip, end_trip, mark, owned_trip
from freight.trips.views import EndTrip, NewMark, NewTrip, TripView
from store.bus import Bus
from store.pool import Connection, Pool
from tests.cast import Person, make_person
from tests.waiting import until_locked
from tests.work import by


@pytest_asyncio.fixture
async def trip(database: Pool, bus: Bus, dispatcher: Person, driver: Person) -> TripView:
    assert driver.driver_id is not None
    stops = [NewStop("loading", "Бишкек", 42.8746, 74.5698), NewStop("unloading", "Ош", 40.5283, 72.7985)]
    new = NewTrip(stops, "Лук", driver_id=driver.driver_id)
    async with by(dispatcher, database, bus) as work:
        return await create_trip(work, new, embedded_route([(42.8746, 74.5698), (40.5283, 72.7985)]))


@pytest_asyncio.fixture
async def colleague(database: Pool, dispatcher: Person) -> Person:
    """Another dispatcher of the same organisation."""
    person = await make_person(database, "manager", "Коллега", "colleague@alatoo.example")
    await database.execute(
        "update users set role = 'dispatcher', organisation_id = $2 where id = $1",
        person.user_id,
        dispatcher.organisation_id,
    )
    return person


async def arrive(connection: Connection, dispatcher: Person, trip: TripView, minutes_ago: float = 1) -> int:
    """Record the arrival at the first stop; the event's id."""
    assert dispatcher.organisation_id is not None
    at = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes_ago)
    fact = trip_fact(dispatcher.organisation_id, trip.order_id, trip.id, trip.stops[0].id, "arrived", at, "gps")
    (recorded,) = await record(connection, [fact])
    return recorded.event_id


async def test_every_dispatcher_of_the_organisation_is_told_once(
    database: Pool, dispatcher: Person, colleague: Person, rival: Person, trip: TripView
) -> None:
    async with database.acquire() as connection:
        event_id = await arrive(connection, dispatcher, trip)
        organisation_id, told = await notify(connection, event_id)
        assert organisation_id == dispatcher.organisation_id
        assert {one.user_id for one in told} == {dispatcher.user_id, colleague.user_id}
        assert await notify(connection, event_id) == (organisation_id, [])
        assert await unread_counts(connection, [dispatcher.user_id, rival.user_id]) == {
            dispatcher.user_id: 1,
            rival.user_id: 0,
        }


async def test_a_corrected_time_is_told_again(database: Pool, dispatcher: Person, trip: TripView) -> None:
    async with database.acquire() as connection:
        event_id = await arrive(connection, dispatcher, trip, minutes_ago=1)
        await notify(connection, event_id)
        assert await arrive(connection, dispatcher, trip, minutes_ago=30) == event_id
        _, told = await notify(connection, event_id)
    assert len(told) == 1


async def told_of(database: Pool, kind: str) -> set[int]:
    """Whom the fact of this kind is told, by its latest revision."""
    async with database.acquire() as connection:
        event_id = await connection.fetchval("select id from events where kind = $1", kind)
        return {one.user_id for one in (await notify(connection, event_id))[1]}


async def owned(database: Pool, dispatcher: Person, trip: TripView) -> Owned:
    assert dispatcher.organisation_id is not None
    async with database.acquire() as connection:
        return await owned_trip(connection, dispatcher.organisation_id, trip.id)


async def test_a_trip_is_news_to_colleagues_but_not_to_who_gave_it(
    database: Pool, trip: TripView, colleague: Person
) -> None:
    assert await told_of(database, "assigned") == {colleague.user_id}


async def test_a_colleagues_cancellation_is_told(
    database: Pool, bus: Bus, dispatcher: Person, colleague: Person, trip: TripView
) -> None:
    ours = await owned(database, dispatcher, trip)
    async with by(colleague, database, bus) as work:
        await end_trip(work, ours, EndTrip("cancel", "Склад закрыт"))
    assert await told_of(database, "cancelled") == {dispatcher.user_id}


async def test_a_stage_is_told_to_all_but_who_pressed_it_and_so_is_taking_it_back(
    database: Pool, bus: Bus, dispatcher: Person, colleague: Person, trip: TripView
) -> None:
    ours = await owned(database, dispatcher, trip)
    pressed = NewMark(trip.stops[0].id, "arrived")
    async with by(dispatcher, database, bus) as work:
        await mark(work, ours, pressed, "dispatcher")
    assert await told_of(database, "arrived") == {colleague.user_id}
    taken_back = NewMark(trip.stops[0].id, "arrived", undo=True)
    async with by(colleague, database, bus) as work:
        await mark(work, ours, taken_back, "dispatcher")
    assert await told_of(database, "arrived") == {dispatcher.user_id}


async def test_an_unknown_event_concerns_nobody(database: Pool) -> None:
    async with database.acquire() as connection:
        assert await notify(connection, 999_999) == (None, [])


async def test_a_page_tells_the_sentence_and_goes_on_below(database: Pool, dispatcher: Person, trip: TripView) -> None:
    async with database.acquire() as connection:
        for minutes_ago in (5, 4, 3):
            await notify(connection, await arrive(connection, dispatcher, trip, minutes_ago))
        first = await notification_page(connection, dispatcher.user_id, None, 2)
        assert (len(first.notifications), first.unread_count) == (2, 3)
        newest = first.notifications[0]
        assert (newest.driver_name, newest.from_name, newest.to_name) == ("Бакыт Асанов", "Бишкек", "Ош")
        assert newest.event.kind == "arrived"
        rest = await notification_page(connection, dispatcher.user_id, first.next_before_id, 2)
        assert (len(rest.notifications), rest.next_before_id) == (1, None)


async def test_reading_up_to_one_leaves_the_newer_unread(
    database: Pool, dispatcher: Person, rival: Person, trip: TripView
) -> None:
    async with database.acquire() as connection:
        for minutes_ago in (5, 4):
            await notify(connection, await arrive(connection, dispatcher, trip, minutes_ago))
        oldest = (await notification_page(connection, dispatcher.user_id, None, 9)).notifications[-1]
        assert await read_up_to(connection, rival.user_id, oldest.id) == 0
        assert await unread_count(connection, dispatcher.user_id) == 2
        assert await read_up_to(connection, dispatcher.user_id, oldest.id) == 1


async def test_of_what_is_learnt_late_of_a_trip_only_the_newest_is_left_unread(
    database: Pool, dispatcher: Person, colleague: Person, trip: TripView
) -> None:
    assert dispatcher.organisation_id is not None
    hours_ago = [dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours) for hours in (9, 7, 5)]
    facts = [
        trip_fact(dispatcher.organisation_id, trip.order_id, trip.id, trip.stops[place].id, kind, at, "gps")
        for place, kind, at in zip((0, 0, 1), ("arrived", "departed", "arrived"), hours_ago, strict=True)
    ]
    async with database.acquire() as connection:
        recorded = await record(connection, facts)
    # The jobs of one backlog run side by side and in any order.
    await asyncio.gather(*(told_alone(database, one.event_id) for one in reversed(recorded)))
    async with database.acquire() as connection:
        for person in (dispatcher, colleague):
            page = await notification_page(connection, person.user_id, None, 10)
            assert len(page.notifications) == 3
            assert [one.event.at for one in page.notifications if one.read_at is None] == [hours_ago[-1]]
        # What happens now is told as always.
        await notify(connection, await arrive(connection, dispatcher, trip))
        assert await unread_count(connection, dispatcher.user_id) == 2


async def told_alone(database: Pool, event_id: int) -> None:
    """One job in a transaction of its own."""
    async with database.acquire() as connection, connection.transaction():
        await notify(connection, event_id)


async def test_two_facts_learnt_late_and_told_at_once_leave_one_unread(
    database: Pool, dispatcher: Person, trip: TripView
) -> None:
    async def tell_in_turn(event_id: int) -> None:
        async with database.acquire() as connection, connection.transaction():
            await notify(connection, event_id)

    async with database.acquire() as connection:
        assert dispatcher.organisation_id is not None
        hours_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=3)
        facts = [
            trip_fact(dispatcher.organisation_id, trip.order_id, trip.id, trip.stops[0].id, kind, hours_ago, "gps")
            for kind in ("arrived", "departed")
        ]
        first, second = [recorded.event_id for recorded in await record(connection, facts)]
        async with connection.transaction():
            await notify(connection, first)
            telling = asyncio.create_task(tell_in_turn(second))
            await until_locked(database)
        await telling
        assert await unread_count(connection, dispatcher.user_id) == 1
