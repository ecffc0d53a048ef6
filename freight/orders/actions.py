"""Orders and their stops written down."""

from collections.abc import Sequence

import msgspec

from freight.checks import check_seen
from freight.orders import queries
from freight.orders.stop_rules import StopNow, check_stops, fence_of
from freight.orders.views import NewOrder, NewStop
from freight.work import Work
from geo.fences import Fence
from store.pool import Connection


def check_order(new: NewOrder) -> None:
    """Raises Invalid for impossible stops or a cargo without a name."""
    check_seen("cargo_name", new.cargo_name)
    check_stops(new.stops)


async def create_order(work: Work, new: NewOrder) -> int:
    """A draft with its stops; its id. Its lines are the caller's to check first (`check_order`)."""
    connection = work.connection
    order_id: int = await connection.fetchval(
        queries.INSERT_ORDER,
        work.organisation_id,
        work.user_id,
        new.cargo_name,
        new.weight_kg,
        new.volume_m3,
        new.body_type,
        new.customer_name,
        new.note,
    )
    await _insert_stops(connection, order_id, new.stops)
    return order_id


async def save_stop(connection: Connection, stop_id: int, stop: StopNow) -> None:
    """Write a changed stop back."""
    await connection.execute(
        queries.UPDATE_STOP,
        stop_id,
        stop.name,
        stop.address,
        stop.lat,
        stop.lon,
        _stored(stop.fence),
        stop.window_from,
        stop.window_to,
    )


async def _insert_stops(connection: Connection, order_id: int, stops: Sequence[NewStop]) -> None:
    await connection.execute(
        queries.INSERT_STOPS,
        order_id,
        list(range(len(stops))),
        [stop.kind for stop in stops],
        [stop.name for stop in stops],
        [stop.address for stop in stops],
        [stop.country.upper() for stop in stops],
        [stop.timezone for stop in stops],
        [stop.place_id for stop in stops],
        [stop.lat for stop in stops],
        [stop.lon for stop in stops],
        [_stored(fence_of(stop)) for stop in stops],
        [stop.window_from for stop in stops],
        [stop.window_to for stop in stops],
    )


def _stored(fence: Fence | None) -> object:
    return None if fence is None else msgspec.to_builtins(fence)
