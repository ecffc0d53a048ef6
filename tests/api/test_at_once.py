"""Two who change one thing at the same moment: neither undoes what the other did."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import msgspec
import pytest

from freight.drivers.rules import MOST_DEVICES
from freight.drivers.views import DriverView
from freight.errors import Conflict
from freight.orders.views import ChangeStop
from freight.routes.views import RouteView
from freight.shares.rules import MOST_PER_TRIP
from freight.shares.views import ShareList, ShareView
from freight.tracking.queries import RAISE_PLAN_VERSION
from freight.trips.actions import create_trip, owned_trip
from freight.trips.queries import LOCK_TRACK
from freight.trips.reading import route_view
from freight.trips.stops import change_stop, plan_again, plan_with
from freight.trips.views import NewTrip, TripDetail, TripView
from store.bus import Bus
from store.pool import Pool
from tests.api.browser import Browser, new_trip
from tests.cast import Person
from tests.waiting import until_locked
from tests.work import by


@asynccontextmanager
async def held(database: Pool, row: str) -> AsyncIterator[None]:
    """Nobody changes this row until the end of the block, which comes when two wait for it."""
    async with database.acquire() as connection, connection.transaction():
        await connection.execute(f"select 1 from {row} for update")
        yield
        await until_locked(database, 2)


async def test_a_link_is_renamed_and_extended_at_once(office: Browser, trip: TripView, database: Pool) -> None:
    share = await office.post(f"/api/trips/{trip.id}/shares", {"label": "Заказчик"}, ShareView, status=201)
    path, ends_at = f"/api/shares/{share.id}", dt.datetime.now(dt.UTC) + dt.timedelta(days=10)
    async with asyncio.TaskGroup() as group, held(database, f"shares where id = {share.id}"):
        for change in ({"label": "Получатель"}, {"expires_at": ends_at.isoformat()}):
            group.create_task(office.patch(path, change, ShareView))
    (shown,) = (await office.get(f"/api/trips/{trip.id}/shares", ShareList)).shares
    assert (shown.label, shown.expires_at) == ("Получатель", ends_at)


async def test_the_last_free_link_is_made_once(office: Browser, trip: TripView, database: Pool) -> None:
    await database.execute(
        "insert into shares (trip_id, organisation_id, nonce, token_hash, days_after_delivery)"
        " select $1, organisation_id, '', int8send(n), 3 from trips, generate_series(2, $2) n where id = $1",
        *(trip.id, MOST_PER_TRIP),
    )
    async with held(database, f"trips where id = {trip.id}"):
        made = [asyncio.create_task(office.client.post(f"/api/trips/{trip.id}/shares", json={})) for _ in range(2)]
    assert sorted([(await one).status_code for one in made]) == [201, 409]


async def test_the_last_free_phone_is_added_once(office: Browser, driver: Person, database: Pool) -> None:
    await database.execute(
        "insert into driver_devices (driver_id, login, kind)"
        " select $1, 'p' || n, 'owntracks' from generate_series(3, $2) n",
        *(driver.driver_id, MOST_DEVICES),
    )
    path = f"/api/drivers/{driver.driver_id}/devices"
    async with held(database, f"drivers where id = {driver.driver_id}"):
        added = [asyncio.create_task(office.client.post(path, json={"kind": "owntracks"})) for _ in range(2)]
    assert sorted([(await one).status_code for one in added]) == [201, 409]


async def test_plate_and_model_of_a_driver_are_corrected_at_once(
    office: Browser, driver: Person, database: Pool
) -> None:
    path = f"/api/drivers/{driver.driver_id}"
    async with asyncio.TaskGroup() as group, held(database, f"drivers where id = {driver.driver_id}"):
        for change in ({"vehicle_plate": "02 KG 1 A"}, {"vehicle_model": "DAF XF"}):
            group.create_task(office.patch(path, change, DriverView))
    shown = await office.patch(path, {}, DriverView)
    assert (shown.vehicle_plate, shown.vehicle_model) == ("02 KG 1 A", "DAF XF")


@pytest.mark.parametrize("change", ["mark", "move"])
async def test_what_waits_behind_a_trips_end_is_refused(
    office: Browser, trip: TripView, database: Pool, change: str
) -> None:
    path, stop_id = f"/api/trips/{trip.id}", trip.stops[1].id
    async with held(database, f"tracks where trip_id = {trip.id}"):
        ending = asyncio.create_task(office.client.post(f"{path}/end", json={"action": "cancel", "reason": "нет"}))
        await until_locked(database, 1)
        if change == "mark":
            body: dict[str, object] = {"stop_id": stop_id, "kind": "departed"}
            late = asyncio.create_task(office.client.post(f"{path}/marks", json=body))
        else:
            late = asyncio.create_task(office.client.patch(f"{path}/stops/{stop_id}", json={"lat": 40.6}))
    assert ((await ending).status_code, (await late).status_code) == (200, 409)
    after = await office.get(path, TripDetail)
    assert after.trip.delivered_at is None and after.trip.stops == trip.stops
    assert [event.kind for event in after.events] == ["assigned", "cancelled"]


async def test_a_driver_whose_delivery_is_being_taken_back_gets_no_other_trip(
    office: Browser, trip: TripView, driver: Person, database: Pool
) -> None:
    marks = f"/api/trips/{trip.id}/marks"
    mark = {"stop_id": trip.stops[1].id, "kind": "departed"}
    assert (await office.post(marks, mark, TripView)).stage == "delivered"
    async with held(database, f"trips where id = {trip.id}"):
        undoing = asyncio.create_task(office.client.post(marks, json={**mark, "undo": True}))
        await until_locked(database, 1)
        giving = asyncio.create_task(office.client.post("/api/trips", json=new_trip(driver)))
    assert ((await undoing).status_code, (await giving).status_code) == (200, 409)
    shown = (await office.get(f"/api/trips/{trip.id}", TripDetail)).trip
    assert (shown.stage, shown.window_to) == ("assigned", None)


async def test_a_delivery_is_not_taken_back_while_the_driver_is_given_another_trip(
    office: Browser, trip: TripView, dispatcher: Person, driver: Person, database: Pool
) -> None:
    marks = f"/api/trips/{trip.id}/marks"
    mark = {"stop_id": trip.stops[1].id, "kind": "departed"}
    await office.post(marks, mark, TripView)
    await database.execute("update trips set window_to = now()")
    async with database.acquire() as turn, turn.transaction():
        await turn.execute(
            "with made as (insert into orders (organisation_id, state) values ($1, 'assigned') returning id)"
            " insert into trips (order_id, organisation_id, driver_id, window_from) select id, $1, $2, now() from made",
            *(dispatcher.organisation_id, driver.driver_id),
        )
        undoing = asyncio.create_task(office.client.post(marks, json={**mark, "undo": True}))
        await until_locked(database)
    assert ((await undoing).status_code, (await undoing).json()["code"]) == (409, "driver_busy")
    assert (await office.get(f"/api/trips/{trip.id}", TripDetail)).trip.stage == "delivered"


async def test_a_route_planned_slowly_does_not_replace_that_of_a_later_move(
    trip: TripView, database: Pool, bus: Bus, dispatcher: Person
) -> None:
    asked, later = asyncio.Event(), asyncio.Event()

    async def plan(points: Sequence[tuple[float, float]]) -> RouteView:
        if points[1][0] == trip.stops[1].lat:
            asked.set()
            await later.wait()
        return RouteView(f"through {points}", 1.0, 1.0, False, "embedded")

    async def move(stop: int, lat: float) -> None:
        stop_id, change = trip.stops[stop].id, ChangeStop(lat=lat)
        planned = await plan_with(database, plan, owned, (stop_id, change))
        async with by(dispatcher, database, bus) as work:
            await change_stop(work, owned, stop_id, change, planned, partial(plan_again, database, bus, plan, owned))

    assert dispatcher.organisation_id is not None
    async with database.acquire() as connection:
        owned = await owned_trip(connection, dispatcher.organisation_id, trip.id)
    slow = asyncio.create_task(move(0, 42.9))
    await asked.wait()
    await move(1, 40.6)
    later.set()
    await slow
    async with database.acquire() as connection:
        route = await route_view(connection, trip.id)
    assert route is not None and route.line == f"through {[(42.9, trip.stops[0].lon), (40.6, trip.stops[1].lon)]}"


async def test_a_route_that_waits_while_a_stop_is_moved_again_is_not_taken(
    trip: TripView, database: Pool, bus: Bus, dispatcher: Person
) -> None:
    async def plan(points: Sequence[tuple[float, float]]) -> RouteView:
        await turn.execute(LOCK_TRACK, trip.id)
        await turn.execute("update order_stops set lat = 43.1 where id = $1", trip.stops[0].id)
        await turn.execute(RAISE_PLAN_VERSION, trip.id)
        return RouteView("through where the stop was", 1.0, 1.0, False, "embedded")

    assert dispatcher.organisation_id is not None
    async with database.acquire() as turn:
        owned = await owned_trip(turn, dispatcher.organisation_id, trip.id)
        before = await route_view(turn, trip.id)
        async with turn.transaction():
            planning = asyncio.create_task(plan_again(database, bus, plan, owned))
            await until_locked(database)
        await planning
        assert await route_view(turn, trip.id) == before


async def test_a_driver_who_is_disabled_while_his_row_is_waited_for_gets_no_trip(
    database: Pool, bus: Bus, dispatcher: Person, driver: Person
) -> None:
    async def give() -> None:
        async with by(dispatcher, database, bus) as work:
            new = msgspec.convert(new_trip(driver), NewTrip)
            await create_trip(work, new, RouteView("", 1.0, 1.0, False, "embedded"))

    async with database.acquire() as turn, turn.transaction():
        await turn.execute("select 1 from drivers where id = $1 for no key update", driver.driver_id)
        giving = asyncio.create_task(give())
        await until_locked(database)
        await turn.execute("update users set disabled_at = now() where id = $1", driver.user_id)
    with pytest.raises(Conflict) as refusal:
        await giving
    assert refusal.value.code == "driver_disabled"


async def test_a_phone_is_removed_once(office: Browser, driver: Person, database: Pool) -> None:
    device = await database.fetchrow("select id from driver_devices where driver_id = $1", driver.driver_id)
    assert device is not None
    path = f"/api/devices/{device['id']}"
    async with held(database, f"driver_devices where id = {device['id']}"):
        removing = [asyncio.create_task(office.client.delete(path)) for _ in range(2)]
    assert sorted([(await one).status_code for one in removing]) == [204, 404]
    assert await database.fetchval("select count(*) from audit where action = 'device_removed'") == 1
