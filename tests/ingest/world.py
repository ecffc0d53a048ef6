"""A dispatcher's organisation with drivers, phones and trips, written straight into the tables."""

import datetime as dt
import itertools
import json
from dataclasses import dataclass
from typing import Any

import mqtt5
import msgspec

from freight.moments import microseconds
from ingest.message import Message
from ingest.pipeline import Aftermath, Pipeline
from store.pool import Connection

numbers = itertools.count(1)

LOADING = (42.8746, 74.5698)
UNLOADING = (40.5283, 72.7985)


@dataclass(frozen=True)
class Carried:
    """A driver on a trip: its rows' ids and the login of the phone."""

    organisation_id: int
    driver_id: int
    device_id: int
    login: str
    order_id: int
    trip_id: int
    stop_ids: list[int]
    window_from: dt.datetime


def circle(lat: float, lon: float, radius_m: float = 300.0) -> dict[str, Any]:
    """A stop's fence as it is stored."""
    return {"type": "circle", "lat": lat, "lon": lon, "radius_m": radius_m}


async def make_organisation(connection: Connection) -> int:
    return int(await connection.fetchval("insert into organisations (name) values ('Ала-Тоо') returning id"))


async def make_driver(connection: Connection, login: str = "", kind: str = "owntracks") -> tuple[int, int, str]:
    """A driver with one phone: (driver, device, login)."""
    user_id = await connection.fetchval("insert into users (role, name) values ('driver', 'Бакыт') returning id")
    driver_id = await connection.fetchval("insert into drivers (user_id) values ($1) returning id", user_id)
    login = login or f"phone{next(numbers)}"
    device_id = await connection.fetchval(
        "insert into driver_devices (driver_id, login, kind) values ($1, $2, $3) returning id", driver_id, login, kind
    )
    return driver_id, device_id, login


async def make_trip(
    connection: Connection,
    *,
    hours_ago: float = 6,
    stops: list[tuple[str, float, float, dict[str, Any] | None]] | None = None,
    organisation_id: int | None = None,
    driver: tuple[int, int, str] | None = None,
    kind: str = "owntracks",
) -> Carried:
    """An open trip of a new driver from Bishkek to Osh, confirmed some hours ago."""
    organisation_id = organisation_id or await make_organisation(connection)
    driver_id, device_id, login = driver or await make_driver(connection, kind=kind)
    order_id = await connection.fetchval(
        "insert into orders (organisation_id, state) values ($1, 'assigned') returning id", organisation_id
    )
    stops = stops or [("loading", *LOADING, circle(*LOADING)), ("unloading", *UNLOADING, circle(*UNLOADING))]
    stop_ids = [
        await connection.fetchval(
            "insert into order_stops (order_id, position, kind, name, lat, lon, fence)"
            " values ($1, $2, $3, $4, $5, $6, $7) returning id",
            *(order_id, position, stop_kind, f"stop {position}", lat, lon, fence),
        )
        for position, (stop_kind, lat, lon, fence) in enumerate(stops)
    ]
    window_from = dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours_ago)
    trip_id = await connection.fetchval(
        "insert into trips (order_id, organisation_id, driver_id, window_from) values ($1, $2, $3, $4) returning id",
        *(order_id, organisation_id, driver_id, window_from),
    )
    await connection.execute("insert into tracks (trip_id) values ($1)", trip_id)
    return Carried(organisation_id, driver_id, device_id, login, order_id, trip_id, stop_ids, window_from)


def fix(at: dt.datetime, lat: float, lon: float, **more: Any) -> dict[str, Any]:
    """An OwnTracks location."""
    return {"_type": "location", "tst": at.timestamp(), "lat": lat, "lon": lon, "acc": 10, "vel": 0, **more}


def message(login: str, content: object, *, device: str = "phone", at: dt.datetime | None = None) -> Message:
    """A message as the subscriber hands it on; `content` is JSON unless it is bytes already."""
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    packet = mqtt5.PublishPacket(
        f"owntracks/{login}/{device}", payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=next(numbers) % 60_000 + 1
    )
    return Message(packet, microseconds(at or dt.datetime.now(dt.UTC)), 1)


def drive(trip: Carried) -> list[dict[str, Any]]:
    """A whole trip: loading for ten minutes, the road in an hour of fixes a minute apart, unloading, off again."""
    start = trip.window_from + dt.timedelta(minutes=5)
    track = [fix(start + dt.timedelta(minutes=minute), *LOADING) for minute in range(10)]
    for minute in range(1, 240):
        share = minute / 240
        place = [a + (b - a) * share for a, b in zip(LOADING, UNLOADING, strict=True)]
        track.append(fix(start + dt.timedelta(minutes=10 + minute), place[0], place[1], vel=90, cog=200))
    at = start + dt.timedelta(minutes=250)
    track += [fix(at + dt.timedelta(minutes=minute), *UNLOADING) for minute in range(10)]
    away = at + dt.timedelta(minutes=10)
    track += [
        fix(away + dt.timedelta(minutes=minute), UNLOADING[0] - 0.02 * minute, UNLOADING[1]) for minute in (1, 2, 3)
    ]
    return track


def decoded(payload: bytes) -> Any:
    return msgspec.json.decode(payload)


def at(trip: Carried, minutes: float) -> dt.datetime:
    """So many minutes after the trip's window began."""
    return trip.window_from + dt.timedelta(minutes=minutes)


async def send(pipeline: Pipeline, trip: Carried, *contents: Any) -> Aftermath:
    """One batch of what the trip's phone says."""
    return await pipeline.take([message(trip.login, one) for one in contents])
