"""Trackers that come by HTTP end up on the same map as those that come by MQTT."""

import base64
import datetime as dt
from urllib.parse import urlencode

import pytest

from store.pool import Pool
from tests.flows.office import Carriage, Office
from tests.ingest.world import LOADING
from tests.waiting import until

KNOTS_36_KMH = 19.438


def fields(carriage: Carriage, minute: int) -> dict[str, str]:
    """What Traccar Client says, with its units: knots, seconds, percent."""
    at = carriage.fix(minute, LOADING)["tst"]
    return {
        "id": carriage.device.traccar_id,
        "lat": str(LOADING[0]),
        "lon": str(LOADING[1]),
        "timestamp": str(int(at)),
        "speed": str(KNOTS_36_KMH if minute == 2 else 0),
        "bearing": "15",
        "accuracy": "12",
        "batt": "77",
    }


def coordinates(carriage: Carriage, minute: int) -> dict[str, object]:
    """The same as Traccar Client 9 says it in JSON: metres a second, level 0..1."""
    coords = {"latitude": LOADING[0], "longitude": LOADING[1], "accuracy": 12, "speed": 10 if minute == 2 else 0}
    at = (carriage.since + dt.timedelta(minutes=minute)).isoformat()
    location = {"coords": {**coords, "heading": 15}, "battery": {"level": 0.77, "is_charging": False}, "timestamp": at}
    return {"location": location, "device_id": carriage.device.traccar_id}


@pytest.mark.parametrize("form", ["query", "form", "json"])
async def test_a_traccar_phone_reaches_the_map_in_each_of_its_formats(office: Office, story: Pool, form: str) -> None:
    number = ["query", "form", "json"].index(form)
    carriage = await office.carriage(f"Traccar {form}", f"+99655520000{number}", "traccar")
    async with office.page() as page:
        for minute in range(3):
            match form:
                case "query":
                    answer = await office.client.get(f"/phone?{urlencode(fields(carriage, minute))}")
                case "form":
                    answer = await office.client.post("/phone", data=fields(carriage, minute))
                case _:
                    answer = await office.client.post("/phone", json=coordinates(carriage, minute))
            assert answer.status_code == 200
        await until(lambda: page.trips.get(carriage.id, {}).get("stage") == "at_loading", what="the stage")
        await until(lambda: page.positions[carriage.id]["sequence"] >= 1)
    newest = await story.fetchrow(
        "select speed_mps, bearing_deg, accuracy_m, battery_pct from positions where trip_id = $1"
        " order by fix_time desc limit 1",
        carriage.id,
    )
    assert newest["speed_mps"] == pytest.approx(10, abs=0.01)
    assert (newest["bearing_deg"], newest["accuracy_m"], newest["battery_pct"]) == (15, 12, 77)


async def test_owntracks_over_http_is_confirmed_by_an_empty_list(office: Office, story: Pool) -> None:
    carriage = await office.carriage("OwnTracks HTTP", "+996555200009")
    credentials = base64.b64encode(f"{carriage.device.login}:{carriage.device.password}".encode()).decode()
    answer = await office.client.post(
        "/phone", json=carriage.fix(1, LOADING), headers={"Authorization": f"Basic {credentials}"}
    )
    assert (answer.status_code, answer.json()) == (200, [])
    await until(lambda: story.fetchval("select count(*) = 1 from positions where trip_id = $1", carriage.id))
