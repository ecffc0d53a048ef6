"""What the broker knows of phones and trackers."""

import asyncpg

from freight.drivers import queries
from freight.drivers.credentials import device_password
from freight.drivers.rules import broker_version
from store.broker import BrokerControl, DeviceAccess
from store.jobs import enqueue
from store.pool import Connection, Pool

# The worker's job that makes the broker agree with a device; payload: the device's id in decimal digits.
BROKER_DEVICE = "broker_device"


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
