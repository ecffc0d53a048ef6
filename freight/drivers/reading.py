"""Drivers as they are told."""

import asyncio

import asyncpg
import msgspec

from freight.accounts.views import UserView
from freight.config import Language
from freight.drivers import queries
from freight.drivers.shifts import kept_fixes, shift_places
from freight.drivers.views import DriverView
from freight.errors import Conflict, NotAllowed, NotFound
from store.bus import Bus
from store.pool import Connection


async def list_drivers(connection: Connection, organisation_id: int) -> list[DriverView]:
    """My drivers by name, disabled ones last."""
    return [_view(row) for row in await connection.fetch(queries.MINE, organisation_id)]


async def drivers_with_places(
    connection: Connection, bus: Bus, organisation_id: int, language: Language
) -> list[DriverView]:
    """My drivers, and of those on shift where they were last."""
    views = await list_drivers(connection, organisation_id)
    fixes = await kept_fixes(bus, [view.id for view in views if view.on_shift])
    places = await asyncio.to_thread(shift_places, fixes, language)
    return [msgspec.structs.replace(view, shift_place=places.get(view.id)) for view in views]


async def driver_view(connection: Connection, organisation_id: int, driver_id: int) -> DriverView:
    """One of my drivers. Raises NotFound, also for another organisation's."""
    return _view(await my_driver(connection, organisation_id, driver_id))


async def my_driver(connection: Connection, organisation_id: int, driver_id: int) -> asyncpg.Record:
    """The row of one of my drivers. Raises NotFound, also for another organisation's."""
    row: asyncpg.Record | None = await connection.fetchrow(queries.ONE, organisation_id, driver_id)
    if row is None:
        raise NotFound("driver")
    return row


async def driver_of_mine_alone(connection: Connection, organisation_id: int, driver_id: int) -> asyncpg.Record:
    """The row of a driver who is mine and nobody else's. Raises NotFound, Conflict when he is shared."""
    row = await my_driver(connection, organisation_id, driver_id)
    check_not_shared(row["shared"])
    return row


def check_not_shared(shared: bool) -> None:
    """What two companies rely on neither changes: his name, his vehicle, his phones, how he signs in. A link of one's
    making would even show the other's trip to whoever opened it. Raises Conflict."""
    if shared:
        raise Conflict("driver_shared", "another company gives this driver trips as well: neither can change this")


async def driver_of(connection: Connection, user: UserView) -> int:
    """The driver a signed-in person is. Raises NotAllowed when he is none."""
    row = await connection.fetchrow(queries.OF_USER, user.id)
    if row is None:
        raise NotAllowed
    return int(row["id"])


def _view(row: asyncpg.Record) -> DriverView:
    return DriverView(**{name: row[name] for name in DriverView.__struct_fields__ if name != "shift_place"})
