"""Drivers, their links and phones, through the door."""

import base64
import json
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from freight.accounts.views import SessionView
from freight.drivers.actions import BROKER_DEVICE
from freight.drivers.credentials import device_password, tracker_id
from freight.drivers.setup import traccar_configuration
from freight.drivers.views import DeviceList, DeviceSetup, DriverHome, DriverLink, DriverList, DriverView
from freight.trips.live import LiveTrip
from freight.trips.views import TripView
from store.bus import live_channel
from store.pool import Pool
from tests.api.browser import ORIGIN, SECRET, Browser
from tests.api.ears import Ears
from tests.api.queue import jobs
from tests.cast import Person


async def test_a_new_driver_has_the_apps_device_at_once(office: Browser, database: Pool) -> None:
    body = {
        "name": " Нурбек  Алиев ",
        "phone": "0700 12 34 56",
        "vehicle_plate": " 01kg 123 abc",
        "vehicle_model": "Volvo",
    }
    driver = await office.post("/api/drivers", body, DriverView, status=201)
    assert (driver.name, driver.phone, driver.vehicle_plate) == ("Нурбек Алиев", "+996700123456", "01KG 123 ABC")
    assert (driver.device_count, driver.open_trip_id, driver.disabled) == (1, None, False)
    devices = (await office.get(f"/api/drivers/{driver.id}/devices", DeviceList)).devices
    assert [device.kind for device in devices] == ["app"]
    assert await jobs(database, BROKER_DEVICE) == [str(devices[0].id).encode()]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"name": "Нурбек", "phone": "12"}, "not_a_phone", "phone"),
        ({"name": "Нурбек", "phone": "не телефон"}, "not_a_phone", "phone"),
        ({"name": "   ", "phone": "0700123456"}, "bad_length", "name"),
    ],
)
async def test_it_refuses_an_impossible_driver(office: Browser, body: dict[str, str], code: str, field: str) -> None:
    assert await office.refusal("POST", "/api/drivers", body) == (422, code, field)


async def test_a_number_belongs_to_one_person(office: Browser, driver: Person, database: Pool) -> None:
    body = {"name": "Другой", "phone": "+996 555 12-34-56"}
    assert await office.refusal("POST", "/api/drivers", body) == (409, "taken", "phone")
    assert len((await office.get("/api/drivers", DriverList)).drivers) == 1


async def test_a_corrected_driver_is_shown_on_open_maps(
    office: Browser, dispatcher: Person, driver: Person, trip: TripView, ears: Ears
) -> None:
    ears.messages.clear()
    await office.patch(f"/api/drivers/{driver.driver_id}", {"vehicle_plate": "02 KG 1 A"}, DriverView)
    assert dispatcher.organisation_id is not None
    await ears.hear(live_channel(dispatcher.organisation_id), LiveTrip(trip.id))


async def test_a_driver_can_be_corrected(office: Browser, driver: Person) -> None:
    changed = await office.patch(f"/api/drivers/{driver.driver_id}", {"vehicle_model": "DAF XF"}, DriverView)
    assert (changed.name, changed.vehicle_plate, changed.vehicle_model) == ("Бакыт Асанов", "01 KG 777 ABC", "DAF XF")
    renamed = await office.patch(f"/api/drivers/{driver.driver_id}", {"name": "Бакыт А."}, DriverView)
    assert (renamed.name, renamed.vehicle_model) == ("Бакыт А.", "DAF XF")


async def test_a_link_opens_the_drivers_page(office: Browser, visitor: Browser, driver: Person) -> None:
    link = await office.post(f"/api/drivers/{driver.driver_id}/link", None, DriverLink, status=201)
    assert link.url.startswith(f"{ORIGIN}/d#") and link.qr_svg.startswith("<svg")
    token = link.url.partition("#")[2]
    session = await visitor.post("/api/session/link", {"token": token}, SessionView)
    assert session.user.name == "Бакыт Асанов"
    home = await visitor.get("/api/driver", DriverHome)
    assert (home.driver_id, home.trip, home.on_shift, home.watchers) == (driver.driver_id, None, False, [])


async def test_a_disabled_driver_gets_no_link(office: Browser, driver: Person, database: Pool) -> None:
    async with database.acquire() as connection:
        await connection.execute("update users set disabled_at = now() where id = $1", driver.user_id)
    assert (await office.refusal("POST", f"/api/drivers/{driver.driver_id}/link"))[:2] == (409, "driver_disabled")


async def test_owntracks_is_set_up_by_one_link(office: Browser, driver: Person) -> None:
    path = f"/api/drivers/{driver.driver_id}/devices"
    device = await office.post(path, {"kind": "owntracks", "name": "Старый телефон"}, DeviceSetup, status=201)
    assert device.password == device_password(SECRET, device.login, 1)
    assert device.topic == f"owntracks/{device.login}/phone"
    parts = urlsplit(device.owntracks_url)
    assert (parts.scheme, parts.path) == ("owntracks", "/config")
    configuration = json.loads(base64.b64decode(unquote(parts.query.removeprefix("inline="))))
    assert configuration["_type"] == "configuration"
    assert (configuration["username"], configuration["password"]) == (device.login, device.password)
    # Base topic and QoS are the app's own: owntracks/<username>/<deviceId>, at least once.
    assert (configuration["deviceId"], configuration["mode"], configuration["pubQos"]) == ("phone", 0, 1)
    assert device.owntracks_qr_svg.startswith("<svg")


async def test_traccar_is_set_up_by_one_qr_code(office: Browser, driver: Person) -> None:
    path = f"/api/drivers/{driver.driver_id}/devices"
    device = await office.post(path, {"kind": "traccar"}, DeviceSetup, status=201)
    assert device.traccar_url == f"{ORIGIN}/phone"
    assert device.traccar_id == tracker_id(SECRET, device.login, 1)
    address = traccar_configuration(device.traccar_url, device.traccar_id)
    assert parse_qs(urlsplit(address).query)["id"] == [device.traccar_id]
    assert device.socket_url == "ws://hub.test/mqtt"


async def test_a_removed_device_is_locked_out(office: Browser, driver: Person, database: Pool) -> None:
    path = f"/api/drivers/{driver.driver_id}/devices"
    device = await office.post(path, {"kind": "traccar"}, DeviceSetup, status=201)
    assert (await office.client.delete(f"/api/devices/{device.id}")).status_code == 204
    assert device.id not in [one.id for one in (await office.get(path, DeviceList)).devices]
    assert (await jobs(database, BROKER_DEVICE))[-1] == str(device.id).encode()
    assert (await office.refusal("DELETE", f"/api/devices/{device.id}"))[0] == 404


async def test_the_driver_adds_a_phone_of_his_own(cab: Browser) -> None:
    device = await cab.post("/api/driver/devices", {"kind": "owntracks", "name": "Мой"}, DeviceSetup, status=201)
    home = await cab.get("/api/driver", DriverHome)
    assert [one.id for one in home.devices] == [home.app.id, device.id]


async def test_the_app_gets_new_credentials_when_its_device_was_removed(office: Browser, cab: Browser) -> None:
    before = (await cab.get("/api/driver", DriverHome)).app
    await office.client.delete(f"/api/devices/{before.id}")
    after = (await cab.get("/api/driver", DriverHome)).app
    assert after.login != before.login


async def test_a_driver_has_a_bounded_number_of_devices(cab: Browser) -> None:
    for _ in range(9):
        await cab.post("/api/driver/devices", {"kind": "traccar"}, DeviceSetup, status=201)
    refusal = await cab.refusal("POST", "/api/driver/devices", {"kind": "traccar"})
    assert refusal[:2] == (409, "too_many_devices")


async def test_a_driver_begins_and_ends_his_shift(cab: Browser) -> None:
    for on_shift in (True, False):
        answer = await cab.client.post("/api/driver/shift", json={"on_shift": on_shift})
        assert answer.status_code == 204
        assert (await cab.get("/api/driver", DriverHome)).on_shift is on_shift
