"""Trips: lists, one trip with its route, path and facts; creating, marking, moving, ending."""

from functools import partial
from typing import Annotated

import msgspec

from api.context import Context
from api.http import Endpoints
from api.news import call_page
from freight.accounts.rules import organisation_of
from freight.accounts.views import UserView
from freight.events.reading import trip_events
from freight.events.views import EventList
from freight.fields import Id, ShortText
from freight.orders.views import ChangeStop
from freight.routes.views import PlanRoute, RouteView
from freight.tracking.views import TrackView
from freight.trips import actions, reading, stops
from freight.trips.paths import track_view
from freight.trips.reading import TripState
from freight.trips.stops import PlannedRoute
from freight.trips.views import EndTrip, NewMark, NewTrip, TripDetail, TripPage, TripView
from freight.work import Work
from store.pool import Connection

endpoints = Endpoints("Trips")


class TripsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`q` searches driver, plate, cargo, customer, city and order number."""

    state: TripState = "open"
    q: ShortText = ""
    before_id: Id | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 50


@endpoints.add("GET", "/api/trips")
async def list_trips(connection: Connection, user: UserView, query: TripsQuery) -> TripPage:
    """My organisation's trips, open ones first and then the last to end."""
    return await reading.trip_page(
        connection, organisation_of(user), query.state, query.q, query.before_id, query.limit
    )


async def plan(context: Context, user: UserView, body: NewTrip) -> RouteView:
    """The road of a trip to be, planned before anything is locked."""
    async with context.pool.acquire() as connection:
        await actions.check_trip(connection, organisation_of(user), body)
    return await context.roads.plan([(stop.lat, stop.lon) for stop in body.stops])


@endpoints.add("POST", "/api/trips", status=201, prepare=plan)
async def create_trip(context: Context, work: Work, body: NewTrip, prepared: RouteView) -> TripView:
    """Give an order straight to one of my drivers; tracking begins now."""
    return await _told(context, work, await actions.create_trip(work, body, prepared))


@endpoints.add("GET", "/api/trips/{trip_id}")
async def trip(connection: Connection, user: UserView, trip_id: int) -> TripDetail:
    """One trip with its planned route and facts."""
    return await reading.trip_detail(connection, organisation_of(user), trip_id)


@endpoints.add("GET", "/api/trips/{trip_id}/track")
async def track(connection: Connection, user: UserView, trip_id: int) -> TrackView:
    """The travelled path of a trip."""
    await actions.owned_trip(connection, organisation_of(user), trip_id)
    return await track_view(connection, trip_id)


@endpoints.add("GET", "/api/trips/{trip_id}/events")
async def events(connection: Connection, user: UserView, trip_id: int) -> EventList:
    """A trip's facts in the order they happened."""
    await actions.owned_trip(connection, organisation_of(user), trip_id)
    return EventList(await trip_events(connection, organisation_of(user), trip_id))


@endpoints.add("POST", "/api/trips/{trip_id}/marks")
async def mark(context: Context, work: Work, trip_id: int, body: NewMark) -> TripView:
    """Press a stage by hand, move its time, or take it back."""
    trip = await actions.owned_trip(work.connection, work.organisation_id, trip_id)
    return await _told(context, work, await actions.mark(work, trip, body, "dispatcher"))


@endpoints.add("POST", "/api/trips/{trip_id}/end")
async def end(context: Context, work: Work, trip_id: int, body: EndTrip) -> TripView:
    """Cancel a trip (before loading is left) or declare it failed."""
    trip = await actions.owned_trip(work.connection, work.organisation_id, trip_id)
    return await _told(context, work, await actions.end_trip(work, trip, body))


async def plan_moved(
    context: Context, user: UserView, trip_id: int, stop_id: int, body: ChangeStop
) -> PlannedRoute | None:
    """The road of a trip whose stop is about to move; None when it stays where it is."""
    if (body.lat, body.lon) == (msgspec.UNSET, msgspec.UNSET):
        return None
    await context.limits.check("routes", str(user.id))
    async with context.pool.acquire() as connection:
        trip = await actions.owned_trip(connection, organisation_of(user), trip_id)
    return await stops.plan_with(context.pool, context.roads.plan, trip, (stop_id, body))


@endpoints.add("PATCH", "/api/trips/{trip_id}/stops/{stop_id}", prepare=plan_moved)
async def change_stop(
    context: Context, work: Work, trip_id: int, stop_id: int, body: ChangeStop, prepared: PlannedRoute | None
) -> TripView:
    """Rename, move, fence or reschedule a stop that is not left yet."""
    trip = await actions.owned_trip(work.connection, work.organisation_id, trip_id)
    plan_again = partial(stops.plan_again, context.pool, context.bus, context.roads.plan, trip)
    return await _told(context, work, await stops.change_stop(work, trip, stop_id, body, prepared, plan_again))


async def _told(context: Context, work: Work, trip: TripView) -> TripView:
    """The driver on his way must not learn of it only when he looks next."""
    await call_page(context, work, trip.driver.id)
    return trip


@endpoints.add("POST", "/api/routes")
async def plan_route(context: Context, user: UserView, body: PlanRoute) -> RouteView:
    """A road route through points, before a trip is made."""
    await context.limits.check("routes", str(user.id))
    return await context.roads.plan(body.points)
