"""Trips as they are told: snapshots, pages, one trip, its facts."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import asyncpg
import msgspec

from freight.errors import NotFound
from freight.events.reading import trip_events
from freight.orders.rules import CARRIED, FINISHED
from freight.orders.views import StopView
from freight.routes.views import RouteView
from freight.tracking.views import PositionView
from freight.trips import queries
from freight.trips.rules import Hearing, silence_of
from freight.trips.views import EndedTrip, TripDetail, TripDriver, TripPage, TripView
from geo.fences import Fence
from geo.fix import flag_names
from store.pool import Connection

TripState = Literal["open", "finished", "all"]
STATES: dict[TripState, tuple[str, ...]] = {"open": CARRIED, "finished": FINISHED, "all": (*CARRIED, *FINISHED)}


async def shown_trips(connection: Connection, organisation_id: int) -> list[TripView]:
    """The live picture: open trips and those finished in the last 24 hours, newest first; two queries in all."""
    return await _views(connection, await connection.fetch(queries.SHOWN, organisation_id))


async def shown_of(connection: Connection, organisation_id: int, trip_ids: Sequence[int]) -> list[TripView]:
    """Which of these trips are in an organisation's live picture."""
    return await _views(connection, await connection.fetch(queries.SHOWN_OF, organisation_id, trip_ids))


async def trip_view(connection: Connection, organisation_id: int, trip_id: int) -> TripView:
    """One trip of an organisation. Raises NotFound, also for another organisation's."""
    views = await _views(connection, await connection.fetch(queries.ONE, organisation_id, trip_id))
    if not views:
        raise NotFound("trip")
    return views[0]


async def trip_views(connection: Connection, trip_ids: Sequence[int]) -> dict[int, TripView]:
    """Trips by id, whosesoever: for listeners that already know whom they tell. Unknown ids are left out."""
    views = await _views(connection, await connection.fetch(queries.BY_ID, list(trip_ids)))
    return {view.id: view for view in views}


async def trip_of_driver(connection: Connection, driver_id: int) -> TripView | None:
    """What a driver carries now."""
    views = await _views(connection, await connection.fetch(queries.OF_DRIVER, driver_id))
    return views[0] if views else None


async def last_ended(connection: Connection, driver_id: int) -> EndedTrip | None:
    """The newest trip of a driver that was cancelled or failed within a day."""
    row = await connection.fetchrow(queries.LAST_ENDED, driver_id)
    return EndedTrip(**dict(row)) if row else None


async def trip_page(
    connection: Connection, organisation_id: int, state: TripState, search: str, before_id: int | None, limit: int
) -> TripPage:
    """A page of an organisation's trips, open ones first and then the last to end, searched by driver, plate, cargo,
    customer, city or number."""
    pattern = f"%{_escaped(search.strip())}%" if search.strip() else None
    rows = await connection.fetch(queries.PAGE, organisation_id, STATES[state], pattern, before_id, limit + 1)
    views = await _views(connection, rows[:limit])
    return TripPage(views, views[-1].id if len(rows) > limit else None)


async def trip_detail(connection: Connection, organisation_id: int, trip_id: int) -> TripDetail:
    """One trip with its route and facts. Raises NotFound."""
    trip = await trip_view(connection, organisation_id, trip_id)
    return TripDetail(
        trip, await route_view(connection, trip_id), await trip_events(connection, organisation_id, trip_id)
    )


async def route_view(connection: Connection, trip_id: int) -> RouteView | None:
    """A trip's planned route; None when none was found."""
    stored = await connection.fetchval(queries.ROUTE, trip_id)
    return msgspec.convert(stored, RouteView) if stored else None


async def _views(connection: Connection, rows: Sequence[asyncpg.Record]) -> list[TripView]:
    if not rows:
        return []
    stops: dict[int, list[StopView]] = defaultdict(list)
    for row in await connection.fetch(queries.STOPS, [row["id"] for row in rows]):
        stops[row["order_id"]].append(_stop(row))
    now = dt.datetime.now(dt.UTC)
    return [_trip(row, stops[row["order_id"]], now) for row in rows]


def _trip(row: asyncpg.Record, stops: list[StopView], now: dt.datetime) -> TripView:
    return TripView(
        id=row["id"],
        order_id=row["order_id"],
        stage=row["stage"],
        cargo_name=row["cargo_name"],
        customer_name=row["customer_name"],
        weight_kg=row["weight_kg"],
        note=row["note"],
        driver=TripDriver(
            row["driver_id"], row["driver_name"], row["driver_phone"], row["vehicle_plate"], row["vehicle_model"]
        ),
        stops=stops,
        plan_version=row["plan_version"],
        window_from=row["window_from"],
        window_to=row["window_to"],
        delivered_at=row["delivered_at"],
        route_length_m=row["route_length_m"],
        route_duration_s=row["route_duration_s"],
        route_approximate=row["route_approximate"],
        position=_position(row),
        silence=silence_of(_hearing(row), now),
        share_count=row["share_count"],
    )


def _hearing(row: asyncpg.Record) -> Hearing:
    reported = row["reported_battery_pct"]
    return Hearing(
        device_count=row["device_count"],
        received_at=row["received_at"],
        reported_at=row["reported_at"],
        offline_at=row["offline_at"],
        battery_pct=row["battery_pct"] if reported is None else reported,
        window_to=row["window_to"],
    )


def _position(row: asyncpg.Record) -> PositionView | None:
    if row["fix_time"] is None or row["lat"] is None:
        return None
    length_m, progress_m = row["route_length_m"], row["progress_m"]
    left_m = None if length_m is None or progress_m is None else max(0.0, length_m - progress_m)
    return PositionView(
        trip_id=row["id"],
        sequence=row["sequence"],
        fix_time_ms=_milliseconds(row["fix_time"]),
        received_at_ms=_milliseconds(row["received_at"] or row["fix_time"]),
        lat=row["lat"],
        lon=row["lon"],
        accuracy_m=row["accuracy_m"],
        speed_mps=row["speed_mps"],
        bearing_deg=row["bearing_deg"],
        battery_pct=row["battery_pct"],
        flags=flag_names(row["flags"]),
        progress_m=progress_m,
        distance_left_m=left_m,
        eta_at_ms=_milliseconds(row["eta_at"]) if row["eta_at"] else None,
        eta_computed_at_ms=_milliseconds(row["eta_computed_at"]) if row["eta_computed_at"] else None,
    )


def _stop(row: asyncpg.Record) -> StopView:
    return StopView(
        id=row["id"],
        position=row["position"],
        kind=row["kind"],
        name=row["name"],
        address=row["address"],
        country=row["country"],
        timezone=row["timezone"],
        lat=row["lat"],
        lon=row["lon"],
        fence=msgspec.convert(row["fence"], Fence | None),
        window_from=row["window_from"],
        window_to=row["window_to"],
        arrived_at=row["arrived_at"],
        arrived_source=row["arrived_source"],
        departed_at=row["departed_at"],
        departed_source=row["departed_source"],
    )


def _milliseconds(moment: dt.datetime) -> int:
    return int(moment.timestamp() * 1000)


def _escaped(search: str) -> str:
    # The wildcards of LIKE are letters like any other to whoever types them.
    return search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
