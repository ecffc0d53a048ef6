"""Trips changed: opened, marked, moved, ended; each in the transaction of its `Work`.

Reading is in `freight.trips.reading`.
"""

import datetime as dt

import asyncpg
import msgspec

from freight.checks import check_moment
from freight.errors import Conflict, NotFound
from freight.live import Changed, to_organisation
from freight.orders.actions import check_order, create_order
from freight.orders.rules import CARRIED
from freight.orders.states import move
from freight.orders.views import Source
from freight.routes.views import RouteView
from freight.tracking.outcomes import FINISH_TRIP
from freight.tracking.refolds import refold
from freight.trips import queries
from freight.trips.reading import trip_view
from freight.trips.rules import check_mark
from freight.trips.views import EndTrip, NewMark, NewTrip, TripView
from freight.work import Work
from store.jobs import enqueue
from store.pool import Connection


class Owned(msgspec.Struct, frozen=True):
    """A trip whose ownership was checked."""

    id: int
    order_id: int
    organisation_id: int
    driver_id: int
    window_from: dt.datetime
    window_to: dt.datetime | None
    state: str


async def owned_trip(connection: Connection, organisation_id: int, trip_id: int) -> Owned:
    """A trip of this organisation. Raises NotFound, also for another's."""
    row = await connection.fetchrow(queries.OWNED, trip_id, organisation_id)
    if row is None:
        raise NotFound("trip")
    return Owned(**dict(row))


async def carried_trip(connection: Connection, driver_id: int, stop_id: int) -> Owned:
    """The trip of a stop that this driver carries, or carried until three days ago: what he pressed without network
    arrives late. Raises NotFound for any other stop."""
    row = await connection.fetchrow(queries.CARRIED_STOP, driver_id, stop_id)
    if row is None:
        raise NotFound("stop")
    return Owned(**dict(row))


async def check_trip(connection: Connection, organisation_id: int, new: NewTrip) -> None:
    """Whether a trip could be opened now, asked without a lock: nobody waits for a route to be refused then.

    Raises as `create_trip`.
    """
    check_order(new)
    _check_free(await connection.fetchrow(queries.DRIVER, organisation_id, new.driver_id))
    _carried(await connection.fetchrow(queries.OPEN_TRIP_OF_DRIVER, new.driver_id))


async def create_trip(work: Work, new: NewTrip, route: RouteView, *, at: dt.datetime | None = None) -> TripView:
    """Give an order straight to one of my drivers, along a route planned before. Its tracking window begins at `at`
    (now when omitted).

    Raises Invalid for impossible stops or a cargo without a name, NotFound for a driver who is not mine, Conflict when
    he is disabled or carries something already.
    """
    check_order(new)
    check_moment("at", at)
    connection, organisation_id = work.connection, work.organisation_id
    await _free_driver(connection, organisation_id, new.driver_id)
    order_id = await create_order(work, new)
    window_from = at or dt.datetime.now(dt.UTC)
    try:
        trip_id = await connection.fetchval(
            queries.INSERT_TRIP, order_id, organisation_id, new.driver_id, window_from, msgspec.to_builtins(route)
        )
    except asyncpg.UniqueViolationError:
        raise _busy() from None
    await connection.execute(queries.INSERT_TRACK, trip_id)
    await move(work, order_id, "assign", "dispatcher", at=window_from)
    work.tell(to_organisation(organisation_id, Changed("trip", trip_id)))
    return await trip_view(connection, organisation_id, trip_id)


async def _free_driver(connection: Connection, organisation_id: int, driver_id: int) -> None:
    """Lock a driver who may be given a trip; a delivered one he has not left yet ends with it."""
    await connection.execute(queries.LOCK_DRIVER, driver_id)
    _check_free(await connection.fetchrow(queries.DRIVER, organisation_id, driver_id))
    previous = _carried(await connection.fetchrow(queries.OPEN_TRIP_OF_DRIVER, driver_id))
    if previous is not None:
        await take_turn(connection, previous)
        # The delivery may just have been taken back.
        _carried(await connection.fetchrow(queries.OPEN_TRIP_OF_DRIVER, driver_id))
        # Delivered, and only still on its way out of the fence: the next trip ends its window.
        await _close_window(connection, previous)


def _check_free(driver: asyncpg.Record | None) -> None:
    if driver is None:
        raise NotFound("driver")
    if driver["disabled"]:
        raise Conflict("driver_disabled", "this driver is disabled", field="driver_id")


def _carried(trip: asyncpg.Record | None) -> int | None:
    """The delivered trip a driver has not left yet, if any; raises Conflict for one under way."""
    if trip is None:
        return None
    if trip["state"] in CARRIED:
        raise _busy()
    return int(trip["id"])


def _busy() -> Conflict:
    return Conflict("driver_busy", "this driver carries another trip", field="driver_id")


async def mark(work: Work, trip: Owned, request: NewMark, source: Source) -> TripView:
    """A stage pressed by hand, moved or taken back; the trip as the fold sees it then.

    Raises NotFound for a stop of another trip, Conflict when the trip is cancelled or failed, Invalid for a time
    that cannot be.
    """
    connection, now = work.connection, dt.datetime.now(dt.UTC)
    at = request.at or now
    await take_turn(connection, trip.id)
    fresh = await owned_trip(connection, trip.organisation_id, trip.id)
    check_moment("at", at)
    check_mark(fresh.state, fresh.window_from, at, now)  # type: ignore[arg-type]
    if await connection.fetchval(queries.STOP_BELONGS, trip.order_id, request.stop_id) is None:
        raise NotFound("stop")
    key = (trip.id, request.stop_id, request.kind, source)
    if request.undo:
        await connection.execute(queries.DELETE_MARK, *key)
    else:
        await connection.execute(queries.PUT_MARK, *key, at, work.user_id)
    work.tell(await refold(connection, trip.id, caused_by=work.user_id))
    if request.undo and await connection.fetchval(queries.CARRIED_WITHOUT_WINDOW, trip.id):
        # A delivery taken back would have to be followed on, but the driver is on another trip by now.
        raise Conflict("driver_busy", "the driver carries another trip by now")
    return await trip_view(connection, trip.organisation_id, trip.id)


async def end_trip(work: Work, trip: Owned, request: EndTrip) -> TripView:
    """Cancel (before loading is left) or declare failed; the tracking window ends with it.

    Raises Conflict from any state that does not allow it.
    """
    connection = work.connection
    await take_turn(connection, trip.id)
    await move(work, trip.order_id, request.action, "dispatcher", data={"reason": request.reason.strip()})
    await _close_window(connection, trip.id)
    work.tell(to_organisation(trip.organisation_id, Changed("trip", trip.id)))
    return await trip_view(connection, trip.organisation_id, trip.id)


async def take_turn(connection: Connection, trip_id: int) -> None:
    """Lock the track first, as every writer of a trip: what others have in hand is finished before this is decided."""
    await connection.execute(queries.LOCK_TRACK, trip_id)


async def _close_window(connection: Connection, trip_id: int) -> None:
    await connection.execute(queries.CLOSE_WINDOW, trip_id, dt.datetime.now(dt.UTC))
    await enqueue(connection, FINISH_TRIP, [str(trip_id).encode()])
