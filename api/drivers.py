"""My drivers and their devices; the driver's own page."""

from api.context import Context
from api.http import Endpoints
from freight.accounts.views import UserView
from freight.drivers import actions
from freight.drivers.views import (
    ChangeDriver,
    DeviceList,
    DeviceSetup,
    DriverHome,
    DriverLink,
    DriverList,
    DriverView,
    NewDevice,
    NewDriver,
    Shift,
)
from freight.trips.actions import announce, carried_trip
from freight.trips.actions import mark as mark_trip
from freight.trips.live import LiveTrip
from freight.trips.reading import organisation_of
from freight.trips.views import NewMark, TripView
from store.pool import Connection

endpoints = Endpoints("Drivers")


@endpoints.add("GET", "/api/drivers", "dispatcher")
async def list_drivers(connection: Connection, user: UserView) -> DriverList:
    """My drivers."""
    return DriverList(await actions.list_drivers(connection, organisation_of(user)))


@endpoints.add("POST", "/api/drivers", "dispatcher", status=201)
async def create_driver(context: Context, connection: Connection, user: UserView, body: NewDriver) -> DriverView:
    """A new driver of mine."""
    await context.limits.check("changes", str(user.id))
    return await actions.create_driver(connection, organisation_of(user), user.id, body)


@endpoints.add("PATCH", "/api/drivers/{driver_id}", "dispatcher")
async def change_driver(
    context: Context, connection: Connection, user: UserView, driver_id: int, body: ChangeDriver
) -> DriverView:
    """Correct a driver's name or vehicle; open maps show it at once."""
    changed = await actions.change_driver(connection, organisation_of(user), driver_id, body)
    if changed.open_trip_id is not None:
        await announce(context.bus, organisation_of(user), [LiveTrip(changed.open_trip_id)])
    return changed


@endpoints.add("POST", "/api/drivers/{driver_id}/link", "dispatcher", status=201)
async def create_link(context: Context, connection: Connection, user: UserView, driver_id: int) -> DriverLink:
    """A one-time link that opens the tracking page on the driver's phone."""
    return await actions.create_driver_link(connection, context.config, organisation_of(user), user.id, driver_id)


@endpoints.add("GET", "/api/drivers/{driver_id}/devices", "dispatcher")
async def list_devices(context: Context, connection: Connection, user: UserView, driver_id: int) -> DeviceList:
    """A driver's phones and trackers, with what each needs."""
    return DeviceList(await actions.list_devices(connection, context.config, organisation_of(user), driver_id))


@endpoints.add("POST", "/api/drivers/{driver_id}/devices", "dispatcher", status=201)
async def add_device(
    context: Context, connection: Connection, user: UserView, driver_id: int, body: NewDevice
) -> DeviceSetup:
    """One more phone or tracker of a driver."""
    return await actions.add_device(connection, context.config, organisation_of(user), driver_id, body)


@endpoints.add("DELETE", "/api/devices/{device_id}", "dispatcher")
async def remove_device(connection: Connection, user: UserView, device_id: int) -> None:
    """Lock a phone or tracker out."""
    await actions.remove_device(connection, organisation_of(user), device_id)


@endpoints.add("GET", "/api/driver", "driver")
async def home(context: Context, connection: Connection, user: UserView) -> DriverHome:
    """The tracking page: who I am, what I carry, my app's credentials, who is watching."""
    return await actions.driver_home(connection, context.config, user)


@endpoints.add("POST", "/api/driver/marks", "driver")
async def mark(context: Context, user: UserView, body: NewMark) -> TripView:
    """Press a stage of the trip I carry, move its time, or take it back."""
    async with context.pool.acquire() as connection:
        carried = await carried_trip(connection, await actions.driver_of(connection, user), body.stop_id)
    return await mark_trip(context.pool, context.bus, carried, user.id, body, "driver")


@endpoints.add("POST", "/api/driver/shift", "driver")
async def shift(connection: Connection, user: UserView, body: Shift) -> None:
    """Begin or end my shift."""
    await actions.set_shift(connection, await actions.driver_of(connection, user), body.on_shift)


@endpoints.add("POST", "/api/driver/devices", "driver", status=201)
async def add_own_device(context: Context, connection: Connection, user: UserView, body: NewDevice) -> DeviceSetup:
    """One more phone or tracker of mine."""
    driver_id = await actions.driver_of(connection, user)
    return await actions.add_own_device(connection, context.config, driver_id, body)
