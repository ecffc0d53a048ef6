"""Drivers of an organisation, their one-time links, phones and trackers, and what the broker knows of these."""

import asyncio
from typing import Any

import asyncpg
import msgspec

from freight.accounts.actions import audit, check_signed_in, create_link, create_user, lock_out
from freight.accounts.rules import check_name
from freight.accounts.views import UserView
from freight.config import FreightConfig, Language
from freight.drivers import queries
from freight.drivers.credentials import device_password, new_login
from freight.drivers.rules import MOST_DEVICES, broker_version, tidy_plate
from freight.drivers.setup import DEVICE_NAME, Device, device_setup, qr_svg
from freight.drivers.shifts import forget_shift_fix, kept_fixes, shift_places
from freight.drivers.views import (
    ChangeDriver,
    DeviceKind,
    DeviceSetup,
    DriverHome,
    DriverLink,
    DriverView,
    NewDevice,
    NewDriver,
)
from freight.errors import Conflict, NotAllowed, NotFound
from freight.shares.actions import watchers
from freight.texts import tidy
from freight.trips.reading import last_ended, route_view, trip_of_driver
from store.broker import BrokerControl, DeviceAccess
from store.bus import Bus
from store.jobs import enqueue
from store.pool import Connection, Pool

# The worker's job that makes the broker agree with a device; payload: the device's id in decimal digits.
BROKER_DEVICE = "broker_device"


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
    return _view(await _mine(connection, organisation_id, driver_id))


async def create_driver(connection: Connection, organisation_id: int, user_id: int, new: NewDriver) -> DriverView:
    """A new driver of mine, with the app's credentials ready.

    Raises Invalid for an impossible name or number, Conflict when the number already belongs to someone: nobody
    may take over another's driver by knowing his number.
    """
    async with connection.transaction():
        created = await create_user(connection, organisation_id=None, role="driver", name=new.name, phone=new.phone)
        driver_id = await connection.fetchval(
            queries.INSERT_DRIVER, created, tidy_plate(new.vehicle_plate), tidy(new.vehicle_model)
        )
        await connection.execute(queries.INSERT_MINE, organisation_id, driver_id)
        await _insert_device(connection, driver_id, "app", "")
        await audit(connection, user_id, organisation_id, "driver_created", driver_id=driver_id)
    return await driver_view(connection, organisation_id, driver_id)


async def change_driver(
    connection: Connection, organisation_id: int, driver_id: int, change: ChangeDriver
) -> DriverView:
    """Correct a driver's name or vehicle. Raises NotFound, Invalid."""
    async with connection.transaction():
        await _mine(connection, organisation_id, driver_id)
        plate = None if change.vehicle_plate is msgspec.UNSET else tidy_plate(change.vehicle_plate)
        model = None if change.vehicle_model is msgspec.UNSET else tidy(change.vehicle_model)
        await connection.execute(queries.UPDATE_DRIVER, driver_id, plate, model)
        if change.name is not msgspec.UNSET:
            await connection.execute(queries.UPDATE_NAME, driver_id, check_name(change.name))
    return await driver_view(connection, organisation_id, driver_id)


async def create_driver_link(
    connection: Connection, config: FreightConfig, organisation_id: int, user_id: int, driver_id: int
) -> DriverLink:
    """A one-time link that signs a driver of mine in on his phone. Raises NotFound, Conflict when he is disabled."""
    row = await _mine(connection, organisation_id, driver_id)
    if row["disabled"]:
        raise Conflict("driver_disabled", "this driver is disabled")
    async with connection.transaction():
        token, expires_at = await create_link(connection, row["user_id"], user_id)
        await audit(connection, user_id, organisation_id, "driver_link_created", driver_id=driver_id)
    url = f"{config.public_url}/d#{token}"
    return DriverLink(url, qr_svg(url), expires_at)


async def _mine(connection: Connection, organisation_id: int, driver_id: int) -> asyncpg.Record:
    row: asyncpg.Record | None = await connection.fetchrow(queries.ONE, organisation_id, driver_id)
    if row is None:
        raise NotFound("driver")
    return row


def _view(row: asyncpg.Record) -> DriverView:
    return DriverView(**{name: row[name] for name in DriverView.__struct_fields__ if name != "shift_place"})


# --- devices ---


async def list_devices(
    connection: Connection, config: FreightConfig, organisation_id: int, driver_id: int
) -> list[DeviceSetup]:
    """The phones and trackers of a driver of mine. Raises NotFound."""
    await _mine(connection, organisation_id, driver_id)
    return await _devices(connection, config, driver_id)


async def add_device(
    connection: Connection, config: FreightConfig, organisation_id: int, driver_id: int, new: NewDevice
) -> DeviceSetup:
    """One more phone or tracker of a driver of mine. Raises NotFound, Conflict when he has ten."""
    await _mine(connection, organisation_id, driver_id)
    return await add_own_device(connection, config, driver_id, new)


async def add_own_device(connection: Connection, config: FreightConfig, driver_id: int, new: NewDevice) -> DeviceSetup:
    """One more phone or tracker of the driver himself. Raises Conflict when he has ten."""
    async with connection.transaction():
        await connection.execute(queries.LOCK_DRIVER, driver_id)
        if await connection.fetchval(queries.COUNT_DEVICES, driver_id) >= MOST_DEVICES:
            raise Conflict("too_many_devices", "remove a device first", data={"maximum": MOST_DEVICES})
        device_id = await _insert_device(connection, driver_id, new.kind, tidy(new.name))
    return device_setup(_device(await connection.fetchrow(queries.DEVICE, device_id)), config)


async def remove_device(connection: Connection, organisation_id: int, user_id: int, device_id: int) -> int | None:
    """Lock a device of a driver of mine out; the broker is told at once.

    Locking out the driver's page locks its driver out of the page, until he gets a new link: then the person whose
    sessions ended is returned, for the caller to tell open sockets after the commit. Raises NotFound.
    """
    async with connection.transaction():
        row = await connection.fetchrow(queries.MY_DEVICE, device_id, organisation_id)
        if row is None:
            raise NotFound("device")
        await connection.execute(queries.DISABLE_DEVICE, device_id)
        await enqueue(connection, BROKER_DEVICE, [str(device_id).encode()])
        kind, driver_id = row["kind"], row["driver_id"]
        await audit(connection, user_id, organisation_id, "device_removed", driver_id=driver_id, kind=kind)
        if kind != "app":
            return None
        await lock_out(connection, row["user_id"])
        return int(row["user_id"])


async def _insert_device(connection: Connection, driver_id: int, kind: DeviceKind, name: str) -> int:
    device_id: int | None = None
    while device_id is None:
        # A login that is taken, once in a trillion, is drawn again.
        device_id = await connection.fetchval(queries.INSERT_DEVICE, driver_id, new_login(), kind, name)
    await enqueue(connection, BROKER_DEVICE, [str(device_id).encode()])
    return device_id


async def _ready_app(connection: Connection, driver_id: int) -> None:
    """See to it that the page has its device; one that was locked out gets another password under its old login."""
    async with connection.transaction():
        await connection.execute(queries.LOCK_DRIVER, driver_id)
        renewed = await connection.fetchval(queries.RENEW_APP_DEVICE, driver_id)
        if renewed is not None:
            await enqueue(connection, BROKER_DEVICE, [str(renewed).encode()])
        elif await connection.fetchval(queries.APP_DEVICE, driver_id) is None:
            await _insert_device(connection, driver_id, "app", "")


async def _devices(connection: Connection, config: FreightConfig, driver_id: int) -> list[DeviceSetup]:
    rows = await connection.fetch(queries.DEVICES, driver_id)
    return [device_setup(_device(row), config) for row in rows]


def _device(row: Any) -> Device:
    return Device(**dict(row))


# --- the driver himself ---


async def driver_of(connection: Connection, user: UserView) -> int:
    """The driver a signed-in person is. Raises NotAllowed when he is none."""
    row = await connection.fetchrow(queries.OF_USER, user.id)
    if row is None:
        raise NotAllowed
    return int(row["id"])


async def driver_home(connection: Connection, config: FreightConfig, user: UserView) -> DriverHome:
    """The tracking page's whole content. Raises NotAllowed for someone who is no driver, NotSignedIn for one whose page
    was locked out since he asked."""
    row = await connection.fetchrow(queries.OF_USER, user.id)
    if row is None:
        raise NotAllowed
    if await connection.fetchval(queries.APP_DEVICE, row["id"]) is None:
        await check_signed_in(connection, user.id)
        await _ready_app(connection, row["id"])
    devices = await _devices(connection, config, row["id"])
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


async def page_topics(connection: Connection, driver_id: int) -> list[str]:
    """Where the driver's page listens for news."""
    rows = await connection.fetch(queries.APP_LOGINS, driver_id)
    return [f"owntracks/{row['login']}/{DEVICE_NAME}/cmd" for row in rows]


async def set_shift(connection: Connection, bus: Bus, driver_id: int, on_shift: bool) -> None:
    """Begin or end a shift; with its end the last place is forgotten."""
    await connection.execute(queries.SET_SHIFT, driver_id, on_shift)
    if not on_shift:
        await forget_shift_fix(bus, driver_id)


# --- the broker ---


async def tell_broker_of(connection: Connection, user_id: int) -> int:
    """After a person was disabled or enabled: the broker is told of each of his devices; how many there are."""
    rows = await connection.fetch(queries.DEVICES_OF_USER, user_id)
    await enqueue(connection, BROKER_DEVICE, [str(row["id"]).encode() for row in rows])
    return len(rows)


async def sync_device(control: BrokerControl, pool: Pool, secret: bytes, device_id: int) -> None:
    """Make the broker agree with one device; for the worker's job. An unknown id is no error.

    Raises BrokerError when the broker refuses, aiomqtt.MqttError when it is away.
    """
    async with pool.acquire() as connection:
        row = await connection.fetchrow(queries.BROKER_DEVICE, device_id)
    if row is not None:
        await _put(control, pool, secret, row)


async def reconcile_devices(control: BrokerControl, pool: Pool, secret: bytes) -> int:
    """Make the broker agree with every device it is behind on or has forgotten; how many that were.

    For the worker's regular round: a broker restored from an old backup heals itself. Raises as `sync_device`.
    """
    known = await control.known_clients()
    async with pool.acquire() as connection:
        rows = await connection.fetch(queries.BROKER_DEVICES)
    behind = [
        row
        for row in rows
        if row["broker_version"] != broker_version(row["secret_version"], row["enabled"])
        or (row["enabled"] and row["login"] not in known)
    ]
    for row in behind:
        await _put(control, pool, secret, row)
    return len(behind)


async def _put(control: BrokerControl, pool: Pool, secret: bytes, row: asyncpg.Record) -> None:
    password = device_password(secret, row["login"], row["secret_version"])
    await control.put_device(DeviceAccess(row["login"], password, row["enabled"]))
    async with pool.acquire() as connection:
        await connection.execute(
            queries.SET_BROKER_VERSION, row["id"], broker_version(row["secret_version"], row["enabled"])
        )
