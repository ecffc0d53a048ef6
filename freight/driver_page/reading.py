"""The driver's page as it is told."""

from freight.accounts.actions import check_signed_in
from freight.accounts.views import UserView
from freight.config import FreightConfig
from freight.driver_page.views import DriverHome
from freight.drivers import queries
from freight.drivers.devices import devices_of, ready_app
from freight.errors import NotAllowed
from freight.shares.actions import watchers
from freight.trips.reading import last_ended, route_view, trip_of_driver
from store.pool import Connection


async def driver_home(connection: Connection, config: FreightConfig, user: UserView) -> DriverHome:
    """The tracking page's whole content. Raises NotAllowed for someone who is no driver, NotSignedIn for one whose page
    was locked out since he asked. A page without its device gets one: call it in a transaction."""
    row = await connection.fetchrow(queries.OF_USER, user.id)
    if row is None:
        raise NotAllowed
    if await connection.fetchval(queries.APP_DEVICE, row["id"]) is None:
        await check_signed_in(connection, user.id)
        await ready_app(connection, row["id"])
    devices = await devices_of(connection, config, row["id"])
    trip = await trip_of_driver(connection, row["id"])
    return DriverHome(
        user=user,
        driver_id=row["id"],
        has_password=row["has_password"],
        on_shift=row["on_shift"],
        trip=trip,
        route=await route_view(connection, trip.id) if trip else None,
        last_ended=await last_ended(connection, row["id"]),
        app=next(device for device in devices if device.kind == "app"),
        former_logins=[former["login"] for former in await connection.fetch(queries.FORMER_LOGINS, row["id"])],
        devices=devices,
        watchers=await watchers(connection, trip.id) if trip else [],
    )
