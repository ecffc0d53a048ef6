"""My drivers and their devices; the driver's own page."""

from functools import partial

from api.context import Context
from api.http import Endpoints
from freight.accounts.actions import NewPassword, first_password, set_first_password
from freight.accounts.rules import organisation_of
from freight.accounts.views import FirstPassword, UserView
from freight.driver_page.reading import driver_home
from freight.driver_page.views import DriverHome
from freight.drivers import actions, devices, reading
from freight.drivers.shifts import note_shift
from freight.drivers.views import (
    ChangeDriver,
    DeviceList,
    DeviceSetup,
    DeviceView,
    DriverLink,
    DriverList,
    DriverView,
    NewDevice,
    NewDriver,
    Shift,
)
from freight.trips.actions import carried_trip
from freight.trips.actions import mark as mark_trip
from freight.trips.views import NewMark, TripView
from freight.work import Work
from store.pool import Connection

endpoints = Endpoints("Drivers")


@endpoints.add("GET", "/api/drivers")
async def list_drivers(context: Context, connection: Connection, user: UserView) -> DriverList:
    """My drivers, and where those on shift were last."""
    return DriverList(await reading.drivers_with_places(connection, context.bus, organisation_of(user), user.language))


@endpoints.add("POST", "/api/drivers", status=201)
async def create_driver(work: Work, body: NewDriver) -> DriverView:
    """A new driver of mine."""
    return await actions.create_driver(work, body)


@endpoints.add("PATCH", "/api/drivers/{driver_id}")
async def change_driver(work: Work, driver_id: int, body: ChangeDriver) -> DriverView:
    """Correct a driver's name or vehicle; open maps show it at once."""
    return await actions.change_driver(work, driver_id, body)


@endpoints.add("POST", "/api/drivers/{driver_id}/link", status=201)
async def create_link(context: Context, work: Work, driver_id: int) -> DriverLink:
    """A one-time link that opens the tracking page on the driver's phone."""
    return await actions.create_driver_link(work, context.config, driver_id)


@endpoints.add("GET", "/api/drivers/{driver_id}/devices")
async def list_devices(connection: Connection, user: UserView, driver_id: int) -> DeviceList:
    """A driver's phones and trackers."""
    return DeviceList(await devices.list_devices(connection, organisation_of(user), driver_id))


@endpoints.add("POST", "/api/drivers/{driver_id}/devices", status=201)
async def add_device(work: Work, driver_id: int, body: NewDevice) -> DeviceView:
    """One more phone or tracker of a driver, which he sets up on his page."""
    return await devices.add_device(work, driver_id, body)


@endpoints.add("DELETE", "/api/devices/{device_id}")
async def remove_device(work: Work, device_id: int) -> None:
    """Lock a phone or tracker out; without the driver's page its driver needs a new link."""
    await devices.remove_device(work, device_id)


@endpoints.add("GET", "/api/driver")
async def home(context: Context, work: Work, user: UserView) -> DriverHome:
    """The tracking page: who I am, what I carry, my app's credentials, who is watching."""
    return await driver_home(work.connection, context.config, user)


@endpoints.add("POST", "/api/driver/marks")
async def mark(work: Work, user: UserView, body: NewMark) -> TripView:
    """Press a stage of the trip I carry, move its time, or take it back."""
    driver_id = await reading.driver_of(work.connection, user)
    return await mark_trip(work, await carried_trip(work.connection, driver_id, body.stop_id), body, "driver")


@endpoints.add("POST", "/api/driver/shift")
async def shift(context: Context, work: Work, user: UserView, body: Shift) -> None:
    """Begin or end my shift; with either the last place is forgotten."""
    driver_id = await reading.driver_of(work.connection, user)
    if await actions.set_shift(work, driver_id, body.on_shift):
        work.then(partial(note_shift, context.bus, driver_id, body.on_shift))


async def hash_first(context: Context, user: UserView, body: FirstPassword) -> NewPassword:
    """The password checked and hashed."""
    await context.limits.check("password", str(user.id))
    return await first_password(context.pool, user.id, body.new)


@endpoints.add("POST", "/api/driver/password", prepare=hash_first)
async def set_password(work: Work, user: UserView, prepared: NewPassword) -> None:
    """My first password, with which I sign in without a new link."""
    await set_first_password(work, user.id, prepared)


@endpoints.add("POST", "/api/driver/devices", status=201)
async def add_own_device(context: Context, work: Work, user: UserView, body: NewDevice) -> DeviceSetup:
    """One more phone or tracker of mine."""
    driver_id = await reading.driver_of(work.connection, user)
    return await devices.add_own_device(work, context.config, driver_id, body)
