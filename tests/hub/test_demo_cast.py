"""The demonstration's people and trips in a real database, made by the dispatcher's own actions."""

import datetime as dt
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from freight.config import FreightConfig
from freight.drivers.reading import list_drivers
from freight.orders.views import NewStop
from freight.routes.router import RoadRouter, RoutingConfig
from freight.trips.actions import create_trip
from freight.trips.reading import shown_trips, trip_of_driver
from freight.trips.views import NewTrip
from hub.demo import history
from hub.demo.cast import Theatre, hire, invite, open_next, phone_access, plan_open_trip, set_the_scenes
from hub.demo.play import Play
from hub.demo.script import DEPOTS, SCENES
from store.broker import BrokerConfig
from store.bus import Bus
from store.pool import Pool

CONFIG = FreightConfig("Reis", "http://localhost:8080", b"s" * 32)


@pytest_asyncio.fixture
async def theatre(database: Pool, bus: Bus) -> AsyncIterator[Theatre]:
    async with RoadRouter(RoutingConfig()) as router:
        yield Theatre(database, bus, CONFIG, BrokerConfig("127.0.0.1", 1883, "", ""), router, 1.0)


async def test_the_scenes_are_set_once_however_often_it_starts(theatre: Theatre) -> None:
    notebook = await hire(theatre)
    await set_the_scenes(theatre, notebook)
    assert len(notebook.drives) == len(SCENES)
    again = await hire(theatre)
    assert (again.organisation_id, again.user_id) == (notebook.organisation_id, notebook.user_id)
    await set_the_scenes(theatre, again)
    async with theatre.pool.acquire() as connection:
        assert len(await list_drivers(connection, notebook.organisation_id)) == len(SCENES) + 1
        trips = await shown_trips(connection, notebook.organisation_id)
    assert len(trips) == len(SCENES) + 1
    now = dt.datetime.now(dt.UTC)
    assert all(trip.window_from <= now for trip in trips)
    # The one whose phone is the visitor's waits for him.
    assert notebook.yours not in notebook.drives
    await invite(theatre, notebook, notebook.drives[notebook.drivers[0]].trip_id)
    assert notebook.share_url.startswith("http://localhost:8080/s#")
    assert notebook.driver_url.startswith("http://localhost:8080/d#")


async def test_whoever_has_delivered_carries_on_from_there(theatre: Theatre) -> None:
    notebook = await hire(theatre)
    await set_the_scenes(theatre, notebook)
    driver_id = notebook.drivers[0]
    async with theatre.pool.acquire() as connection:
        last = await trip_of_driver(connection, driver_id)
        assert last is not None
        await connection.execute("update trips set window_to = now() where id = $1", last.id)
        await connection.execute("update orders set state = 'delivered' where id = $1", last.order_id)
    plan = await open_next(theatre, notebook, driver_id, last)
    async with theatre.pool.acquire() as connection:
        trip = await trip_of_driver(connection, driver_id)
    assert trip is not None
    assert trip.id == plan.trip_id
    assert trip.stops[0].name == last.stops[-1].name
    assert plan.began_at_s <= time.time()


async def test_trips_that_ended_while_nobody_drove_are_not_waited_for(theatre: Theatre, tmp_path: Path) -> None:
    notebook = await hire(theatre)
    await set_the_scenes(theatre, notebook)
    play, plans = Play(theatre, notebook, tmp_path), list(notebook.drives.values())
    assert not await play.all_stored(plans)
    await theatre.pool.execute("update trips set window_to = now()")
    assert await play.all_stored(plans)


async def test_a_trip_the_visitor_makes_is_driven_too(theatre: Theatre) -> None:
    notebook = await hire(theatre)
    await set_the_scenes(theatre, notebook)
    driver_id = notebook.drivers[-1]
    await theatre.pool.execute("update trips set window_to = now() where driver_id = $1", driver_id)
    stops = [
        NewStop("loading", "A", DEPOTS["bishkek"].lat, DEPOTS["bishkek"].lon),
        NewStop("unloading", "B", DEPOTS["talas"].lat, DEPOTS["talas"].lon),
    ]
    route = await theatre.router.plan([(stop.lat, stop.lon) for stop in stops])
    async with theatre.as_dispatcher(notebook) as work:
        trip = await create_trip(work, NewTrip(stops, "Cargo", driver_id=driver_id), route)
    plan = await plan_open_trip(theatre, trip, driver_id)
    assert plan is not None
    assert plan.trip_id == trip.id
    assert plan.journey.duration_s > 3 * 3600
    access = await phone_access(theatre, notebook, driver_id)
    assert access.topic.startswith(f"owntracks/{access.login}/")


async def test_the_past_is_dated_back(theatre: Theatre) -> None:
    notebook = await hire(theatre)
    await set_the_scenes(theatre, notebook)
    trip_ids = [plan.trip_id for plan in notebook.drives.values()]
    async with theatre.pool.acquire() as connection:
        await connection.execute(
            "update tracks set fix_time = now() - interval '3 hours', received_at = now(), flags = 16, lat = 42,"
            " lon = 74"
        )
        await history.date_back(connection, notebook.drivers, trip_ids)
        await history.date_notifications_back(connection, trip_ids)
        tracks = await connection.fetch(
            "select received_at - fix_time as late, flags from tracks where trip_id = any($1::int[])", trip_ids
        )
        late = await connection.fetchval(
            "select count(*) from events where late and trip_id = any($1::int[])", trip_ids
        )
    assert {(row["late"], row["flags"]) for row in tracks} == {(dt.timedelta(seconds=2), 0)}
    assert late == 0
