"""A driver whom two companies have on their lists is safe from both, and neither's things are the other's."""

import pytest
import pytest_asyncio

from freight.accounts.views import SessionView
from freight.driver_page.views import DriverHome
from freight.drivers.shifts import ShiftFix, keep_shift_fixes
from freight.drivers.views import DeviceList, DriverList, DriverView
from freight.tracking.views import TrackView
from freight.trips.views import TripDetail, TripView
from store.bus import Bus
from store.pool import Pool
from tests.api.browser import Browser, new_trip
from tests.cast import Person, share_driver

PASSWORD = "перевал Долон"


@pytest_asyncio.fixture
async def shared(database: Pool, rival: Person, driver: Person, cab: Browser) -> Person:
    """The dispatcher's driver on the rival's list as well; he is signed in and has a password."""
    assert driver.driver_id is not None
    await share_driver(database, rival, driver.driver_id)
    assert (await cab.client.post("/api/driver/password", json={"new": PASSWORD})).status_code == 204
    return driver


@pytest.fixture(params=["office", "rival_office"])
def either(request: pytest.FixtureRequest, office: Browser, rival_office: Browser) -> Browser:
    """One of the two, whoever had him first."""
    return office if request.param == "office" else rival_office


async def his(office: Browser) -> DriverView:
    """The driver as an office sees him."""
    [driver] = (await office.get("/api/drivers", DriverList)).drivers
    return driver


async def test_neither_ends_his_sessions_or_his_password(
    either: Browser, cab: Browser, visitor: Browser, shared: Person
) -> None:
    app = (await cab.get("/api/driver", DriverHome)).app
    assert (await either.refusal("DELETE", f"/api/devices/{app.id}"))[:2] == (409, "driver_shared")
    assert (await cab.get("/api/driver", DriverHome)).app == app
    session = await visitor.post("/api/session", {"login": "0555 123 456", "password": PASSWORD}, SessionView)
    assert session.user.name == shared.name


async def test_neither_removes_a_phone_the_other_relies_on(either: Browser, cab: Browser, shared: Person) -> None:
    await cab.client.post("/api/driver/devices", json={"kind": "traccar"})
    path = f"/api/drivers/{shared.driver_id}/devices"
    devices = (await either.get(path, DeviceList)).devices
    assert [device.kind for device in devices] == ["app", "traccar"]
    assert (await either.refusal("DELETE", f"/api/devices/{devices[1].id}"))[:2] == (409, "driver_shared")
    assert (await either.refusal("POST", path, {"kind": "traccar"}))[:2] == (409, "driver_shared")
    assert (await either.get(path, DeviceList)).devices == devices


async def test_neither_comes_into_his_page_by_a_link(either: Browser, shared: Person) -> None:
    assert (await his(either)).shared
    assert (await either.refusal("POST", f"/api/drivers/{shared.driver_id}/link"))[:2] == (409, "driver_shared")


async def test_neither_renames_him_or_his_vehicle(either: Browser, office: Browser, shared: Person) -> None:
    before = await his(office)
    for change in ({"name": "Другой"}, {"vehicle_plate": "09 KG 9"}, {"vehicle_model": "DAF"}):
        refusal = await either.refusal("PATCH", f"/api/drivers/{shared.driver_id}", change)
        assert refusal[:2] == (409, "driver_shared")
    assert await his(office) == before


async def test_a_driver_of_one_company_is_that_companys_to_look_after(office: Browser, driver: Person) -> None:
    assert not (await his(office)).shared
    assert (await office.client.post(f"/api/drivers/{driver.driver_id}/link")).status_code == 201


async def test_neither_sees_the_others_trip_in_him(
    office: Browser, rival_office: Browser, cab: Browser, shared: Person, database: Pool, bus: Bus
) -> None:
    assert shared.driver_id is not None
    await cab.client.post("/api/driver/shift", json={"on_shift": True})
    fix_time_ms = await database.fetchval("select (extract(epoch from now()) * 1000)::bigint")
    assert await keep_shift_fixes(bus, [ShiftFix(shared.driver_id, fix_time_ms, 42.47, 76.19)])
    assert (await his(rival_office)).shift_place is not None
    trip = await office.post("/api/trips", new_trip(shared, cargo_name="Тайный груз"), TripView, status=201)
    await database.execute("update tracks set received_at = now(), fix_time = now(), lat = 42, lon = 74")

    mine, theirs = await his(office), await his(rival_office)
    assert mine.open_trip_id == trip.id and mine.last_heard_at is not None
    assert (theirs.open_trip_id, theirs.last_heard_at) == (None, None)
    for seen in (mine, theirs):
        assert (seen.on_shift, seen.shift_place) == (False, None)
    # All the rival learns is that he is busy.
    busy = await rival_office.client.post("/api/trips", json=new_trip(shared))
    assert (busy.status_code, busy.json()["code"], "Тайный" in busy.text) == (409, "driver_busy", False)
    assert (await rival_office.client.get("/api/trips?state=all")).json()["trips"] == []


async def test_a_trip_that_ended_tells_nothing_of_what_his_phone_says_on_the_next(
    office: Browser, rival_office: Browser, shared: Person, database: Pool
) -> None:
    first = await office.post("/api/trips", new_trip(shared), TripView, status=201)
    body = {"action": "cancel", "reason": "заказчик передумал"}
    assert (await office.client.post(f"/api/trips/{first.id}/end", json=body)).is_success
    second = await rival_office.post("/api/trips", new_trip(shared), TripView, status=201)
    await database.execute(
        "insert into device_reports (device_id, last_heard_at, offline_at, battery_pct)"
        " select id, now(), now(), 77 from driver_devices where driver_id = $1",
        shared.driver_id,
    )
    now = (await rival_office.get(f"/api/trips/{second.id}", TripDetail)).trip.silence
    assert (now.battery_pct, now.last_heard_at is None, now.offline_at is None) == (77, False, False)
    before = (await office.get(f"/api/trips/{first.id}", TripDetail)).trip.silence
    assert (before.battery_pct, before.last_heard_at, before.offline_at) == (None, None, None)
    assert (await office.get(f"/api/trips/{first.id}/track", TrackView)).stored_count == 0
