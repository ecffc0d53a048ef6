"""Puts the cast of the demonstration into the database through the same actions a dispatcher uses."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import numpy as np

from freight.accounts.actions import create_organisation, create_user
from freight.accounts.passwords import hash_password
from freight.config import FreightConfig
from freight.drivers.actions import create_driver, create_driver_link
from freight.drivers.devices import devices_of
from freight.drivers.reading import list_drivers
from freight.drivers.views import NewDriver
from freight.orders.views import NewStop
from freight.routes.router import RoadRouter
from freight.shares.actions import create_share
from freight.shares.views import NewShare
from freight.trips.actions import create_trip
from freight.trips.reading import route_view, trip_of_driver
from freight.trips.views import NewTrip, TripView
from freight.work import Doer, Work, unit_of_work
from geo.routing import route as road_route
from hub.demo.notebook import Notebook
from hub.demo.phone import PhoneAccess
from hub.demo.plans import DrivePlan, plan_drive, plan_scene
from hub.demo.script import (
    COMPANY,
    DEPOTS,
    DISPATCHER_EMAIL,
    DISPATCHER_NAME,
    NEXT_CARGOES,
    SCENES,
    YOUR_ACTOR,
    YOUR_SCENE,
    Actor,
    Depot,
    Scene,
)
from store.broker import BrokerConfig
from store.bus import Bus
from store.pool import Pool

ADOPT = "select id, organisation_id from users where email = $1"
NEW_PASSWORD = "update users set password_hash = $2 where id = $1"
# Windows are agreed in half hours.
HALF_HOUR_S = 1800
LATE_S = 3 * 3600.0
# Words that are easy to read aloud and to type.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Theatre:
    """What the demonstration works with."""

    pool: Pool
    bus: Bus
    config: FreightConfig
    broker: BrokerConfig
    router: RoadRouter
    speed_up: float

    def as_dispatcher(self, notebook: Notebook) -> AbstractAsyncContextManager[Work]:
        """A change by the dispatcher's hand."""
        return unit_of_work(self.pool, self.bus, Doer(notebook.user_id, notebook.organisation_id))


async def hire(theatre: Theatre) -> Notebook:
    """The organisation with its dispatcher under a fresh password, found again if an earlier start made them."""
    password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
    async with theatre.pool.acquire() as connection, connection.transaction():
        known = await connection.fetchrow(ADOPT, DISPATCHER_EMAIL)
        if known is not None:
            await connection.execute(NEW_PASSWORD, known["id"], await hash_password(password))
            return Notebook(known["organisation_id"], known["id"], DISPATCHER_EMAIL, password)
        organisation_id = await create_organisation(connection, COMPANY)
        user_id = await create_user(
            connection,
            organisation_id=organisation_id,
            role="dispatcher",
            name=DISPATCHER_NAME,
            email=DISPATCHER_EMAIL,
            password=password,
        )
    return Notebook(organisation_id, user_id, DISPATCHER_EMAIL, password)


async def engage(theatre: Theatre, notebook: Notebook, actors: Sequence[Actor]) -> dict[str, int]:
    """The drivers by phone number, those an earlier start made among them."""
    async with theatre.pool.acquire() as connection:
        drivers = {view.phone: view.id for view in await list_drivers(connection, notebook.organisation_id)}
    async with theatre.as_dispatcher(notebook) as work:
        for actor in actors:
            if actor.phone not in drivers:
                new = NewDriver(actor.name, actor.phone, actor.plate, actor.model)
                drivers[actor.phone] = (await create_driver(work, new)).id
    return {actor.phone: drivers[actor.phone] for actor in actors}


async def phone_access(theatre: Theatre, notebook: Notebook, driver_id: int) -> PhoneAccess:
    """How the driver's phone reaches the broker."""
    async with theatre.pool.acquire() as connection:
        devices = await devices_of(connection, theatre.config, driver_id)
    device, broker = devices[0], theatre.broker
    return PhoneAccess(broker.host, broker.port, broker.tls, device.login, device.password, device.topic)


async def open_scene(theatre: Theatre, notebook: Notebook, scene: Scene, driver_id: int, seed: int) -> DrivePlan | None:
    """Give a scene's trip to its driver, begun as long ago as the script says; None when he carries one already."""
    async with theatre.pool.acquire() as connection:
        if await trip_of_driver(connection, driver_id) is not None:
            return None
    origin, destination = DEPOTS[scene.origin], DEPOTS[scene.destination]
    points = [(origin.lat, origin.lon), (destination.lat, destination.lon)]
    route = await theatre.router.plan(points)
    countries = await countries_of(points)
    plan = plan_scene(route, scene, countries, seed=seed, speed_up=theatre.speed_up, now_s=time.time())
    late_s = LATE_S if scene.quirk == "late" else 0.0
    new = NewTrip(
        _stops(plan, [origin, destination], late_s),
        scene.cargo,
        driver_id=driver_id,
        customer_name=scene.customer,
        weight_kg=scene.weight_kg,
    )
    began_at = dt.datetime.fromtimestamp(plan.began_at_s, dt.UTC)
    async with theatre.as_dispatcher(notebook) as work:
        plan.trip_id = (await create_trip(work, new, route, at=began_at)).id
    plan.driver_id = driver_id
    return plan


def _stops(plan: DrivePlan, depots: Sequence[Depot], late_s: float) -> list[NewStop]:
    """Stops whose windows suit the plan; with `late_s`, the last one was agreed that much too early."""
    legs = [leg for leg in plan.journey.legs if leg.kind in ("loading", "unloading")]
    stops = []
    for depot, leg in zip(depots, legs, strict=True):
        early_s = late_s if depot is depots[-1] else 0.0
        arrives_s = plan.began_at_s + leg.from_s - early_s
        stops.append(
            NewStop(
                "loading" if depot is depots[0] else "unloading",
                depot.name,
                depot.lat,
                depot.lon,
                address=depot.address,
                country=depot.country,
                timezone=depot.timezone,
                window_from=_half_hour(arrives_s - 3600),
                window_to=_half_hour(arrives_s + 5400),
            )
        )
    return stops


def _half_hour(at_s: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(at_s // HALF_HOUR_S * HALF_HOUR_S, dt.UTC)


async def countries_of(points: Sequence[tuple[float, float]]) -> tuple[str, ...]:
    """The countries a road passes, in order."""
    road = await asyncio.to_thread(road_route, points)
    return road.countries


async def plan_open_trip(theatre: Theatre, trip: TripView, driver_id: int) -> DrivePlan | None:
    """A plan, beginning now, for a trip somebody gave the driver in the cabinet; None when it has no route."""
    async with theatre.pool.acquire() as connection:
        route = await route_view(connection, trip.id)
    if route is None:
        return None
    stops = [(stop.kind, stop.lat, stop.lon) for stop in trip.stops]
    plan = plan_drive(
        trip.id,
        driver_id,
        route,
        stops,
        seed=trip.id,
        speed_up=theatre.speed_up,
        began_at_s=float(int(time.time())),
        countries=await countries_of([(lat, lon) for _, lat, lon in stops]),
    )
    if trip.position is not None:
        # Where the truck is already, as after a lost notebook, it goes on.
        plan.began_at_s -= plan.journey.when_at(plan.start_m + (trip.position.progress_m or 0.0))
    return plan


async def open_next(theatre: Theatre, notebook: Notebook, driver_id: int, last: TripView | None) -> DrivePlan:
    """A further trip for a driver who has delivered, from where he is to somewhere else."""
    chance = np.random.default_rng()
    origin = _depot_named(last.stops[-1].name if last else "Бишкек")
    others = [depot for depot in DEPOTS.values() if depot is not origin and depot.country != "CN"]
    destination = others[int(chance.integers(len(others)))]
    cargo, customer, weight_kg = NEXT_CARGOES[int(chance.integers(len(NEXT_CARGOES)))]
    points = [(origin.lat, origin.lon), (destination.lat, destination.lon)]
    route = await theatre.router.plan(points)
    stops = [("loading", origin.lat, origin.lon), ("unloading", destination.lat, destination.lon)]
    plan = plan_drive(
        0,
        driver_id,
        route,
        stops,
        seed=int(chance.integers(1_000_000)),
        speed_up=theatre.speed_up,
        began_at_s=float(int(time.time())),
        countries=await countries_of(points),
    )
    windows = _stops(plan, [origin, destination], 0.0)
    new = NewTrip(windows, cargo, driver_id=driver_id, customer_name=customer, weight_kg=weight_kg)
    async with theatre.as_dispatcher(notebook) as work:
        plan.trip_id = (await create_trip(work, new, route)).id
    return plan


def _depot_named(name: str) -> Depot:
    return next((depot for depot in DEPOTS.values() if depot.name == name), DEPOTS["bishkek"])


async def invite(theatre: Theatre, notebook: Notebook, shared_trip_id: int | None) -> None:
    """Links to look at: a share of one trip if there is none yet, and a fresh one-time link of your driver."""
    async with theatre.as_dispatcher(notebook) as work:
        if not notebook.share_url and shared_trip_id is not None:
            share = await create_share(work, theatre.config, shared_trip_id, NewShare("Заказчик"))
            notebook.share_url = share.url
        notebook.driver_url = (await create_driver_link(work, theatre.config, notebook.yours)).url


async def set_the_scenes(theatre: Theatre, notebook: Notebook) -> None:
    """Everyone and every trip of the script; what an earlier start made is left as it is."""
    scenes = (*SCENES, YOUR_SCENE)
    drivers = await engage(theatre, notebook, [scene.actor for scene in scenes])
    notebook.yours = drivers[YOUR_ACTOR.phone]
    notebook.drivers = [drivers[scene.actor.phone] for scene in SCENES]
    for seed, scene in enumerate(scenes):
        plan = await open_scene(theatre, notebook, scene, drivers[scene.actor.phone], seed)
        if plan is not None and scene is not YOUR_SCENE:
            notebook.drives[plan.driver_id] = plan
