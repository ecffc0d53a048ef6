"""Phones and trackers of a driver."""

from typing import Any

from freight.accounts.actions import audit, lock_out
from freight.config import FreightConfig
from freight.drivers import queries
from freight.drivers.broker import BROKER_DEVICE
from freight.drivers.credentials import new_login
from freight.drivers.reading import check_not_shared, driver_of_mine_alone, my_driver
from freight.drivers.rules import MOST_DEVICES
from freight.drivers.setup import DEVICE_NAME, Device, device_setup
from freight.drivers.views import DeviceKind, DeviceSetup, DeviceView, NewDevice
from freight.errors import Conflict, NotFound
from freight.events.facts import Subject
from freight.live import ended
from freight.texts import tidy
from freight.work import Work
from store.jobs import enqueue
from store.pool import Connection


async def list_devices(connection: Connection, organisation_id: int, driver_id: int) -> list[DeviceView]:
    """The phones and trackers of a driver of mine. Raises NotFound."""
    await my_driver(connection, organisation_id, driver_id)
    return [_seen(row) for row in await connection.fetch(queries.DEVICES, driver_id)]


async def add_device(work: Work, driver_id: int, new: NewDevice) -> DeviceView:
    """One more phone or tracker of a driver of mine, which he sets up on his page.

    Raises NotFound, Conflict when he has ten or is shared.
    """
    await driver_of_mine_alone(work.connection, work.organisation_id, driver_id)
    device_id = await _add(work.connection, driver_id, new)
    return _seen(await work.connection.fetchrow(queries.DEVICE, device_id))


async def add_own_device(work: Work, config: FreightConfig, driver_id: int, new: NewDevice) -> DeviceSetup:
    """One more phone or tracker of the driver himself. Raises Conflict when he has ten."""
    device_id = await _add(work.connection, driver_id, new)
    return device_setup(_device(await work.connection.fetchrow(queries.DEVICE, device_id)), config)


async def _add(connection: Connection, driver_id: int, new: NewDevice) -> int:
    await connection.execute(queries.LOCK_DRIVER, driver_id)
    if await connection.fetchval(queries.COUNT_DEVICES, driver_id) >= MOST_DEVICES:
        raise Conflict("too_many_devices", "remove a device first", data={"maximum": MOST_DEVICES})
    return await insert_device(connection, driver_id, new.kind, tidy(new.name))


async def remove_device(work: Work, device_id: int) -> None:
    """Lock a device of a driver of mine out; the broker is told at once.

    Locking out the driver's page locks its driver out of the page, until he gets a new link. Raises NotFound, Conflict
    when he is shared.
    """
    connection, organisation_id = work.connection, work.organisation_id
    row = await connection.fetchrow(queries.MY_DEVICE, device_id, organisation_id)
    if row is None:
        raise NotFound("device")
    check_not_shared(row["shared"])
    if await connection.fetchval(queries.DISABLE_DEVICE, device_id) is None:
        # Someone else was quicker.
        raise NotFound("device")
    await enqueue(connection, BROKER_DEVICE, [str(device_id).encode()])
    kind, subject = row["kind"], Subject("driver", row["driver_id"])
    await audit(connection, work.user_id, organisation_id, "device_removed", subject=subject, kind=kind)
    if kind == "app":
        await lock_out(connection, row["user_id"])
        work.tell([ended("sessions", row["user_id"])])


async def insert_device(connection: Connection, driver_id: int, kind: DeviceKind, name: str) -> int:
    """One more device, of which the broker is told; its id."""
    device_id: int | None = None
    while device_id is None:
        # A login that is taken, once in a trillion, is drawn again.
        device_id = await connection.fetchval(queries.INSERT_DEVICE, driver_id, new_login(), kind, name)
    await enqueue(connection, BROKER_DEVICE, [str(device_id).encode()])
    return device_id


async def ready_app(connection: Connection, driver_id: int) -> None:
    """See to it that the page has its device; one that was locked out gets another password under its old login."""
    await connection.execute(queries.LOCK_DRIVER, driver_id)
    renewed = await connection.fetchval(queries.RENEW_APP_DEVICE, driver_id)
    if renewed is not None:
        await enqueue(connection, BROKER_DEVICE, [str(renewed).encode()])
    elif await connection.fetchval(queries.APP_DEVICE, driver_id) is None:
        await insert_device(connection, driver_id, "app", "")


async def devices_of(connection: Connection, config: FreightConfig, driver_id: int) -> list[DeviceSetup]:
    """A driver's phones and trackers with what each needs, oldest first: for him alone."""
    rows = await connection.fetch(queries.DEVICES, driver_id)
    return [device_setup(_device(row), config) for row in rows]


def _device(row: Any) -> Device:
    return Device(**dict(row))


def _seen(row: Any) -> DeviceView:
    return DeviceView(
        row["id"], row["kind"], row["name"], row["last_heard_at"], row["battery_pct"], row["offline_at"] is not None
    )


async def page_topics(connection: Connection, driver_id: int) -> list[str]:
    """Where the driver's page listens for news."""
    rows = await connection.fetch(queries.APP_LOGINS, driver_id)
    return [f"owntracks/{row['login']}/{DEVICE_NAME}/cmd" for row in rows]
