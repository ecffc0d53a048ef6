"""My drivers and their devices; the driver's own page."""

from api.context import Context
from api.http import Endpoints
from freight.accounts.actions import set_first_password
from freight.accounts.rules import organisation_of
from freight.accounts.views import FirstPassword, UserView
from freight.driver_page.reading import driver_home
from freight.driver_page.views import DriverHome
from freight.drivers import actions, devices, reading
from freight.drivers.views import (
    ChangeDriver,
    DeviceList,
    DeviceSetup,
    DriverLink,
    DriverList,
    DriverView,
    NewDevice,
    NewDriver,
    Shift,
)
from freight.live import Changed, ended, publish, to_organisation
from freight.trips.actions import carried_trip
from freight.trips.actions import mark as mark_trip
from freight.trips.views import NewMark, TripView
from store.pool import Connection

endpoints = Endpoints("Drivers")


@endpoints.add("GET", "/api/drivers", "dispatcher")
async def list_drivers(context: Context, connection: Connection, user: UserView) -> DriverList:
    """My drivers, and where those on shift were last."""
    return DriverList(await reading.drivers_with_places(connection, context.bus, organisation_of(user), user.language))


@endpoints.add("POST", "/api/drivers", "dispatcher", status=201)
async def create_driver(connection: Connection, user: UserView, body: NewDriver) -> DriverView:
    """A new driver of mine."""
    return await actions.create_driver(connection, organisation_of(user), user.id, body)


@endpoints.add("PATCH", "/api/drivers/{driver_id}", "dispatcher")
async def change_driver(
    context: Context, connection: Connection, user: UserView, driver_id: int, body: ChangeDriver
) -> DriverView:
    """Correct a driver's name or vehicle; open maps show it at once."""
    changed = await actions.change_driver(connection, organisation_of(user), driver_id, body)
    if changed.open_trip_id is not None:
        await publish(context.bus, to_organisation(organisation_of(user), Changed("trip", changed.open_trip_id)))
    return changed


@endpoints.add("POST", "/api/drivers/{driver_id}/link", "dispatcher", status=201)
async def create_link(context: Context, connection: Connection, user: UserView, driver_id: int) -> DriverLink:
    """A one-time link that opens the tracking page on the driver's phone."""
    return await actions.create_driver_link(connection, context.config, organisation_of(user), user.id, driver_id)


@endpoints.add("GET", "/api/drivers/{driver_id}/devices", "dispatcher")
async def list_devices(context: Context, connection: Connection, user: UserView, driver_id: int) -> DeviceList:
    """A driver's phones and trackers, with what each needs."""
    return DeviceList(await devices.list_devices(connection, context.config, organisation_of(user), driver_id))


@endpoints.add("POST", "/api/drivers/{driver_id}/devices", "dispatcher", status=201)
async def add_device(
    context: Context, connection: Connection, user: UserView, driver_id: int, body: NewDevice
) -> DeviceSetup:
    """One more phone or tracker of a driver."""
    return await devices.add_device(connection, context.config, organisation_of(user), driver_id, body)


@endpoints.add("DELETE", "/api/devices/{device_id}", "dispatcher")
async def remove_device(context: Context, connection: Connection, user: UserView, device_id: int) -> None:
    """Lock a phone or tracker out; without the driver's page its driver needs a new link."""
    signed_out = await devices.remove_device(connection, organisation_of(user), user.id, device_id)
    if signed_out is not None:
        await publish(context.bus, [ended("sessions", signed_out)])


@endpoints.add("GET", "/api/driver", "driver")
async def home(context: Context, connection: Connection, user: UserView) -> DriverHome:
    """The tracking page: who I am, what I carry, my app's credentials, who is watching."""
    return await driver_home(connection, context.config, user)


@endpoints.add("POST", "/api/driver/marks", "driver")
async def mark(context: Context, user: UserView, body: NewMark) -> TripView:
    """Press a stage of the trip I carry, move its time, or take it back."""
    async with context.pool.acquire() as connection:
        carried = await carried_trip(connection, await reading.driver_of(connection, user), body.stop_id)
    return await mark_trip(context.pool, context.bus, carried, user.id, body, "driver")


@endpoints.add("POST", "/api/driver/shift", "driver")
async def shift(context: Context, connection: Connection, user: UserView, body: Shift) -> None:
    """Begin or end my shift."""
    await actions.set_shift(connection, context.bus, await reading.driver_of(connection, user), body.on_shift)


@endpoints.add("POST", "/api/driver/password", "driver")
async def set_password(context: Context, user: UserView, body: FirstPassword) -> None:
    """My first password, with which I sign in without a new link."""
    await context.limits.check("password", str(user.id))
    await set_first_password(context.pool, user.id, body.new)


@endpoints.add("POST", "/api/driver/devices", "driver", status=201)
async def add_own_device(context: Context, connection: Connection, user: UserView, body: NewDevice) -> DeviceSetup:
    """One more phone or tracker of mine."""
    driver_id = await reading.driver_of(connection, user)
    return await devices.add_own_device(connection, context.config, driver_id, body)
