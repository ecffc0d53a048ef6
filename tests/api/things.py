"""What one office has, by the name of each thing's id: to be asked for by its owner, by a rival, by nobody."""

from dataclasses import dataclass

from freight.config import FreightConfig
from freight.drivers.devices import devices_of
from freight.drivers.views import DeviceView
from freight.shares.views import ShareView
from freight.trips.views import TripView
from store.pool import Pool
from tests.api.browser import Browser, new_trip
from tests.cast import Person, make_driver

NOBODYS = 2_000_000_000


@dataclass(frozen=True)
class Things:
    """`ids` by name; `words` that nobody else may read; `secrets` of the phones, which are their drivers' alone."""

    ids: dict[str, int]
    words: list[str]
    secrets: list[str]
    carrying: Person


async def make_things(office: Browser, database: Pool, dispatcher: Person, config: FreightConfig, digit: int) -> Things:
    """A driver on a trip that is shared, and a free one with a tracker; `digit` tells one office's from another's."""
    name = f"Фирма{digit}"
    carrying = await make_driver(database, dispatcher, f"{name} Везущий", f"+99670055511{digit}", f"0{digit}KG111")
    free = await make_driver(database, dispatcher, f"{name} Свободный", f"+99670055522{digit}", f"0{digit}KG222")
    assert carrying.driver_id is not None and free.driver_id is not None
    body = new_trip(carrying, cargo_name=f"{name} груз", customer_name=f"{name} заказчик", note=f"{name} заметка")
    trip = await office.post("/api/trips", body, TripView, status=201)
    share = await office.post(f"/api/trips/{trip.id}/shares", {"label": f"{name} ссылка"}, ShareView, status=201)
    path = f"/api/drivers/{free.driver_id}/devices"
    device = await office.post(path, {"kind": "traccar", "name": f"{name} трекер"}, DeviceView, status=201)
    async with database.acquire() as connection:
        setups = [
            setup
            for driver_id in (carrying.driver_id, free.driver_id)
            for setup in await devices_of(connection, config, driver_id)
        ]
    secrets = [
        secret
        for one in setups
        for secret in (one.login, one.password, one.traccar_id, one.owntracks_url, one.owntracks_qr_svg)
    ]
    ids = {
        "trip_id": trip.id,
        "stop_id": trip.stops[0].id,
        "share_id": share.id,
        "driver_id": free.driver_id,
        "device_id": device.id,
        "before_id": trip.id,
        "up_to_id": trip.id,
    }
    words = [name, share.url, f"+99670055511{digit}", f"+99670055522{digit}", f"0{digit}KG111", f"0{digit}KG222"]
    return Things(ids, words, secrets, carrying)
