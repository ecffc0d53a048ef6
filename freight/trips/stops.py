"""Stops of a trip under way changed, and the road planned anew where one was moved."""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from freight.errors import NotFound
from freight.live import Changed, to_organisation
from freight.orders.actions import save_stop
from freight.orders.stop_rules import StopNow, changed_stop, moves_the_plan
from freight.orders.views import ChangeStop
from freight.routes.views import RouteView
from freight.tracking.refolds import refold
from freight.trips import queries
from freight.trips.actions import Owned, take_turn
from freight.trips.reading import trip_view
from freight.trips.views import TripView
from freight.work import Step, Work, unit_of_work
from store.bus import Bus
from store.pool import Connection, Pool

# Asks for a road route through (lat, lon) points; see `freight.routes.router`.
RoutePlanner = Callable[[Sequence[tuple[float, float]]], Awaitable[RouteView]]


class PlannedRoute(msgspec.Struct, frozen=True):
    """A route and the places it was planned through; it fits while the stops are still there."""

    lats: list[float]
    lons: list[float]
    route: RouteView


async def change_stop(
    work: Work, trip: Owned, stop_id: int, change: ChangeStop, planned: PlannedRoute | None, plan_again: Step
) -> TripView:
    """Rename, move, fence or reschedule a stop that is not left yet; a moved one brings the route planned for it.

    When another stop was moved meanwhile the road through both is planned by whoever came last: `plan_again`, once
    the change stands.

    Raises NotFound, Conflict when the stop is left or the trip finished, Invalid for an impossible fence or window.
    """
    connection = work.connection
    await take_turn(connection, trip.id)
    row = await connection.fetchrow(queries.STOP_OF_TRIP, trip.id, stop_id)
    if row is None:
        raise NotFound("stop")
    before = msgspec.convert(dict(row), StopNow)
    after = changed_stop(before, change)
    await save_stop(connection, stop_id, after)
    told = to_organisation(trip.organisation_id, Changed("trip", trip.id))
    if moves_the_plan(before, after):
        told = await refold(connection, trip.id)
    if planned is not None and not await set_route(connection, trip.id, planned):
        work.then(plan_again)
    work.tell(told)
    return await trip_view(connection, trip.organisation_id, trip.id)


async def set_route(connection: Connection, trip_id: int, planned: PlannedRoute) -> bool:
    """Write a trip's route, unless its stops are elsewhere by now: whoever moved one planned for himself."""
    row = await connection.fetchrow(
        queries.SET_ROUTE, trip_id, msgspec.to_builtins(planned.route), planned.lats, planned.lons
    )
    return row is not None


async def plan_with(
    pool: Pool, plan_route: RoutePlanner, trip: Owned, moved: tuple[int, ChangeStop] | None = None
) -> PlannedRoute | None:
    """The route through a trip's stops as they will be with one `moved` (stop id, change); None when none moves."""
    async with pool.acquire() as connection:
        stops = [dict(row) for row in await connection.fetch(queries.PLACES, trip.order_id)]
    if moved is not None:
        stop_id, change = moved
        if not _move(stops, stop_id, change):
            return None
    lats, lons = [stop["lat"] for stop in stops], [stop["lon"] for stop in stops]
    return PlannedRoute(lats, lons, await plan_route(list(zip(lats, lons, strict=True))))


async def plan_again(pool: Pool, bus: Bus, plan_route: RoutePlanner, trip: Owned) -> None:
    """The route through a trip's stops as they are now, after the change that moved one."""
    planned = await plan_with(pool, plan_route, trip)
    if planned is not None:
        async with unit_of_work(pool, bus) as work:
            await take_turn(work.connection, trip.id)
            if await set_route(work.connection, trip.id, planned):
                work.tell(to_organisation(trip.organisation_id, Changed("trip", trip.id)))


def _move(stops: Sequence[dict[str, float]], stop_id: int, change: ChangeStop) -> bool:
    """Put the changed place in; whether it is another one."""
    wanted = {name: value for name in ("lat", "lon") if (value := getattr(change, name)) is not msgspec.UNSET}
    for stop in stops:
        if stop["id"] == stop_id and any(stop[name] != value for name, value in wanted.items()):
            stop.update(wanted)
            return True
    return False
