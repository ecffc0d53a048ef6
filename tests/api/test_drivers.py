"""Drivers, their links and phones, through the door."""

import base64
import datetime as dt
import json
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from freight.accounts.views import SessionView
from freight.driver_page.views import DriverHome
from freight.drivers.broker import BROKER_DEVICE
from freight.drivers.credentials import device_password, tracker_id
from freight.drivers.setup import traccar_configuration
from freight.drivers.shifts import ShiftFix, keep_shift_fixes
from freight.drivers.views import DeviceList, DeviceSetup, DeviceView, DriverLink, DriverList, DriverView
from freight.live import Changed, Ended, organisation
from freight.trips.views import TripView
from store.bus import CONTROL, Bus
from store.pool import Pool
from tests.api.browser import ORIGIN, SECRET, Browser, new_trip
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
    await ears.hear(organisation(dispatcher.organisation_id), Changed("trip", trip.id))


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


async def test_owntracks_is_set_up_by_one_link(cab: Browser) -> None:
    body = {"kind": "owntracks", "name": "Старый телефон"}
    device = await cab.post("/api/driver/devices", body, DeviceSetup, status=201)
    assert device.password == device_password(SECRET, device.login, 1)
    assert device.topic == f"owntracks/{device.login}/{device.device_name}"
    assert device.owntracks_http_url == f"{ORIGIN}/phone"
    parts = urlsplit(device.owntracks_url)
    assert (parts.scheme, parts.path) == ("owntracks", "/config")
    configuration = json.loads(base64.b64decode(unquote(parts.query.removeprefix("inline="))))
    assert configuration["_type"] == "configuration"
    assert (configuration["username"], configuration["password"]) == (device.login, device.password)
    # Base topic and QoS are the app's own: owntracks/<username>/<deviceId>, at least once.
    assert (configuration["deviceId"], configuration["mode"], configuration["pubQos"]) == ("phone", 0, 1)
    assert device.owntracks_qr_svg.startswith("<svg")


async def test_traccar_is_set_up_by_one_qr_code(cab: Browser) -> None:
    device = await cab.post("/api/driver/devices", {"kind": "traccar"}, DeviceSetup, status=201)
    assert device.traccar_url == f"{ORIGIN}/phone"
    assert device.traccar_id == tracker_id(SECRET, device.login, 1)
    address = traccar_configuration(device.traccar_url, device.traccar_id)
    assert parse_qs(urlsplit(address).query)["id"] == [device.traccar_id]
    assert device.socket_url == "ws://hub.test/mqtt"


async def test_a_phone_the_dispatcher_adds_is_set_up_on_the_drivers_page(
    office: Browser, cab: Browser, driver: Person
) -> None:
    path = f"/api/drivers/{driver.driver_id}/devices"
    added = await office.post(path, {"kind": "owntracks", "name": "Старый телефон"}, DeviceView, status=201)
    assert (await office.get(path, DeviceList)).devices[-1] == added
    [_, setup] = (await cab.get("/api/driver", DriverHome)).devices
    assert (setup.id, setup.kind, setup.name) == (added.id, "owntracks", "Старый телефон")
    assert setup.password == device_password(SECRET, setup.login, 1)


async def test_a_removed_device_is_locked_out(office: Browser, driver: Person, database: Pool) -> None:
    path = f"/api/drivers/{driver.driver_id}/devices"
    device = await office.post(path, {"kind": "traccar"}, DeviceView, status=201)
    assert (await office.client.delete(f"/api/devices/{device.id}")).status_code == 204
    assert device.id not in [one.id for one in (await office.get(path, DeviceList)).devices]
    assert (await jobs(database, BROKER_DEVICE))[-1] == str(device.id).encode()
    assert (await office.refusal("DELETE", f"/api/devices/{device.id}"))[0] == 404


async def test_the_driver_adds_a_phone_of_his_own(cab: Browser) -> None:
    device = await cab.post("/api/driver/devices", {"kind": "owntracks", "name": "Мой"}, DeviceSetup, status=201)
    home = await cab.get("/api/driver", DriverHome)
    assert [one.id for one in home.devices] == [home.app.id, device.id]


async def test_a_locked_out_page_is_signed_out_until_a_new_link_renews_its_login(
    office: Browser, cab: Browser, visitor: Browser, driver: Person, database: Pool, ears: Ears
) -> None:
    before = (await cab.get("/api/driver", DriverHome)).app
    spare = await office.post(f"/api/drivers/{driver.driver_id}/link", None, DriverLink, status=201)
    assert (await cab.client.post("/api/driver/password", json={"new": "перевал Долон"})).status_code == 204

    assert (await office.client.delete(f"/api/devices/{before.id}")).status_code == 204
    await ears.hear(CONTROL, Ended("sessions", driver.user_id))
    assert (await cab.client.get("/api/driver")).status_code == 401
    token = spare.url.partition("#")[2]
    assert (await visitor.refusal("POST", "/api/session/link", {"token": token}))[:2] == (401, "link_ended")
    body = {"login": "+996555123456", "password": "перевал Долон"}
    assert (await visitor.refusal("POST", "/api/session", body))[:2] == (401, "wrong_credentials")
    # Nothing but the driver himself brings it back.
    assert (await office.get(f"/api/drivers/{driver.driver_id}/devices", DeviceList)).devices == []

    await cab.sign_in(driver, database)
    home = await cab.get("/api/driver", DriverHome)
    assert (home.app.id, home.app.login) == (before.id, before.login)
    assert home.app.password == device_password(SECRET, before.login, 2) != before.password
    assert (await jobs(database, BROKER_DEVICE))[-1] == str(before.id).encode()
    assert (await cab.get("/api/driver", DriverHome)).app.password == home.app.password


async def test_removing_a_tracker_signs_nobody_out(office: Browser, cab: Browser, driver: Person) -> None:
    path = f"/api/drivers/{driver.driver_id}/devices"
    device = await office.post(path, {"kind": "owntracks"}, DeviceView, status=201)
    assert (await office.client.delete(f"/api/devices/{device.id}")).status_code == 204
    assert (await cab.get("/api/driver", DriverHome)).devices[0].kind == "app"


async def test_logins_the_page_had_before_are_told(cab: Browser, driver: Person, database: Pool) -> None:
    async with database.acquire() as connection:
        await connection.execute(
            "insert into driver_devices (driver_id, login, kind, disabled_at) values ($1, 'dformer', 'app', now())",
            driver.driver_id,
        )
    home = await cab.get("/api/driver", DriverHome)
    assert home.former_logins == ["dformer"]
    assert home.app.login != "dformer"


async def test_a_driver_sets_his_first_password_and_signs_in_with_it(cab: Browser, visitor: Browser) -> None:
    assert not (await cab.get("/api/driver", DriverHome)).has_password
    assert await cab.refusal("POST", "/api/driver/password", {"new": "1234"}) == (422, "password_too_short", "new")
    assert (await cab.client.post("/api/driver/password", json={"new": "перевал Долон"})).status_code == 204
    assert (await cab.get("/api/driver", DriverHome)).has_password
    refusal = await cab.refusal("POST", "/api/driver/password", {"new": "перевал Төө-Ашуу"})
    assert refusal[:2] == (409, "password_exists")
    session = await visitor.post("/api/session", {"login": "0555 12 34 56", "password": "перевал Долон"}, SessionView)
    assert session.user.name == "Бакыт Асанов"


async def test_the_driver_is_told_why_his_trip_ended(office: Browser, cab: Browser, trip: TripView) -> None:
    assert (await cab.get("/api/driver", DriverHome)).last_ended is None
    body = {"action": "cancel", "reason": "заказчик передумал"}
    assert (await office.client.post(f"/api/trips/{trip.id}/end", json=body)).is_success
    home = await cab.get("/api/driver", DriverHome)
    ended = home.last_ended
    assert home.trip is None and ended is not None
    assert (ended.trip_id, ended.order_id, ended.stage) == (trip.id, trip.order_id, "cancelled")
    assert (ended.from_name, ended.to_name, ended.reason) == ("Бишкек", "Ош", "заказчик передумал")


async def test_an_ended_trip_is_news_for_a_day(office: Browser, cab: Browser, trip: TripView, database: Pool) -> None:
    body = {"action": "fail", "reason": "авария"}
    assert (await office.client.post(f"/api/trips/{trip.id}/end", json=body)).is_success
    await database.execute("update events set at = at - interval '25 hours' where kind = 'failed'")
    assert (await cab.get("/api/driver", DriverHome)).last_ended is None


async def test_a_driver_has_a_bounded_number_of_devices(cab: Browser) -> None:
    for _ in range(9):
        await cab.post("/api/driver/devices", {"kind": "traccar"}, DeviceSetup, status=201)
    refusal = await cab.refusal("POST", "/api/driver/devices", {"kind": "traccar"})
    assert refusal[:2] == (409, "too_many_devices")


async def heard_at_balykchy(bus: Bus, driver: Person, ago: dt.timedelta = dt.timedelta()) -> None:
    assert driver.driver_id is not None
    at_ms = int((dt.datetime.now(dt.UTC) - ago).timestamp() * 1000)
    assert await keep_shift_fixes(bus, [ShiftFix(driver.driver_id, at_ms, 42.47, 76.19)])


async def test_on_shift_the_dispatcher_sees_the_last_place_in_words(
    office: Browser, cab: Browser, driver: Person, bus: Bus
) -> None:
    await heard_at_balykchy(bus, driver)
    [off] = (await office.get("/api/drivers", DriverList)).drivers
    assert (off.on_shift, off.shift_place) == (False, None)
    await cab.client.post("/api/driver/shift", json={"on_shift": True})
    await heard_at_balykchy(bus, driver)
    await cab.client.post("/api/driver/shift", json={"on_shift": True})
    [on] = (await office.get("/api/drivers", DriverList)).drivers
    assert on.on_shift and on.shift_place is not None
    assert (on.shift_place.lat, on.shift_place.lon, on.shift_place.near) == (42.47, 76.19, "Балыкчы")
    assert on.shift_place.near_m is not None and on.shift_place.near_m < 3_000


async def test_a_place_told_late_is_not_shown_longer_than_an_hour(
    office: Browser, cab: Browser, driver: Person, bus: Bus
) -> None:
    await cab.client.post("/api/driver/shift", json={"on_shift": True})
    await heard_at_balykchy(bus, driver, dt.timedelta(minutes=61))
    [late] = (await office.get("/api/drivers", DriverList)).drivers
    assert (late.on_shift, late.shift_place) == (True, None)


async def test_the_end_of_a_shift_forgets_the_place(office: Browser, cab: Browser, driver: Person, bus: Bus) -> None:
    await cab.client.post("/api/driver/shift", json={"on_shift": True})
    await heard_at_balykchy(bus, driver)
    for on_shift in (False, True):
        await cab.client.post("/api/driver/shift", json={"on_shift": on_shift})
    [again] = (await office.get("/api/drivers", DriverList)).drivers
    assert (again.on_shift, again.shift_place) == (True, None)


async def test_a_driver_who_is_locked_out_is_on_no_shift_and_nowhere(
    office: Browser, cab: Browser, driver: Person, database: Pool, bus: Bus
) -> None:
    await cab.client.post("/api/driver/shift", json={"on_shift": True})
    await heard_at_balykchy(bus, driver)
    await database.execute("update users set disabled_at = now() where id = $1", driver.user_id)
    [gone] = (await office.get("/api/drivers", DriverList)).drivers
    assert (gone.disabled, gone.on_shift, gone.shift_place) == (True, False, None)


async def test_a_place_of_the_shift_is_hidden_on_any_trip_and_from_strangers(
    office: Browser, rival_office: Browser, cab: Browser, driver: Person, bus: Bus
) -> None:
    await cab.client.post("/api/driver/shift", json={"on_shift": True})
    await heard_at_balykchy(bus, driver)
    assert (await rival_office.get("/api/drivers", DriverList)).drivers == []
    await office.post("/api/trips", new_trip(driver), TripView, status=201)
    [carrying] = (await office.get("/api/drivers", DriverList)).drivers
    assert (carrying.on_shift, carrying.shift_place) == (False, None)


async def test_a_driver_begins_and_ends_his_shift(cab: Browser) -> None:
    for on_shift in (True, False):
        answer = await cab.client.post("/api/driver/shift", json={"on_shift": on_shift})
        assert answer.status_code == 204
        assert (await cab.get("/api/driver", DriverHome)).on_shift is on_shift
