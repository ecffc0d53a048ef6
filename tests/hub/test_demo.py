"""The demonstration's trucks drive like trucks, and its phones speak like phones."""

import asyncio
import stat
import time
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import numpy as np
import pytest

from freight.routes.router import embedded_route
from geo.fences import Circle, haversine_m
from geo.fix import FOLDED, Columns, columns, intrinsic_flags
from geo.plan import Plan, Stop
from geo.routing import route as road_route
from geo.stages import fold, initial, stage_of
from hub.demo.journey import Journey, Road, Stay, there_and_away
from hub.demo.notebook import Notebook, read_notebook, sign_ins, write_notebook
from hub.demo.phone import Phone, PhoneAccess, moments
from hub.demo.plans import SILENT_FOR_S, DrivePlan, plan_drive, plan_scene
from hub.demo.script import DEPOTS, SCENES, Scene
from store.broker import BrokerControl, DeviceAccess
from tests.services import RealServices
from tests.waiting import until

STAGES = {
    "driving": "in_transit",
    "ahead": "assigned",
    "loading": "at_loading",
    "border": "in_transit",
    "before": "in_transit",
    "unloading": "at_unloading",
    "finished": "delivered",
}


def played(scene: Scene, speed_up: float = 1.0, now_s: float | None = None) -> DrivePlan:
    """A scene's plan as the demonstration makes it."""
    points = [(DEPOTS[key].lat, DEPOTS[key].lon) for key in (scene.origin, scene.destination)]
    countries = road_route(points).countries
    route = embedded_route(points)
    return plan_scene(route, scene, countries, seed=3, speed_up=speed_up, now_s=now_s or time.time())


def told(plan: DrivePlan, until_s: float) -> Columns:
    """What the hub is told of the journey's first seconds, as columns."""
    fixes: list[dict[str, Any]] = plan.receiver.fixes(moments(plan, 0.0, until_s), plan.began_at_s)
    made = columns(
        [fix["tst"] * 1_000_000 for fix in fixes],
        [fix["lat"] for fix in fixes],
        [fix["lon"] for fix in fixes],
        accuracy_m=[fix["acc"] for fix in fixes],
        speed_mps=[fix["vel"] / 3.6 for fix in fixes],
        bearing_deg=[fix["cog"] for fix in fixes],
        battery_pct=[fix["batt"] for fix in fixes],
    )
    return made.with_flags(intrinsic_flags(made, made.fix_time))


def fence_plan(scene: Scene) -> Plan:
    ends = [DEPOTS[scene.origin], DEPOTS[scene.destination]]
    loading, unloading = (Circle(depot.lat, depot.lon) for depot in ends)
    return Plan(
        (
            Stop(0, "loading", loading, ends[0].lat, ends[0].lon),
            Stop(1, "unloading", unloading, ends[1].lat, ends[1].lon),
        )
    )


@pytest.mark.parametrize("speed_up", [1.0, 2.5])
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: f"{scene.origin}-{scene.destination}-{scene.part}")
def test_every_scene_is_where_the_script_has_it_and_looks_like_driving(scene: Scene, speed_up: float) -> None:
    plan = played(scene, speed_up)
    elapsed_s = min(time.time() - plan.began_at_s, plan.journey.duration_s)
    track = told(plan, elapsed_s)
    folded = fold(fence_plan(scene), initial(fence_plan(scene)), track)
    assert stage_of(fence_plan(scene), folded.visits) == STAGES[scene.part]
    # Nothing the plausibility rules would find odd.
    assert not (folded.flags & FOLDED).any()
    apart_m = haversine_m(track.lat[:-1], track.lon[:-1], track.lat[1:], track.lon[1:])
    seconds = np.diff(track.fix_time) / 1_000_000
    assert float((apart_m / seconds).max()) * 3.6 < 230
    assert int(track.fix_time[-1]) <= time.time() * 1_000_000


def test_a_journey_never_goes_back_and_stands_where_it_stays() -> None:
    road = Road.along([42.0, 42.5, 43.0], [74.0, 74.5, 74.2])
    journey = Journey(road, [Stay("loading", 0.0, 600), Stay("border", 60_000.0, 1800)], 16.0, seed=1)
    assert np.all(np.diff(journey.times_s) >= 0)
    assert np.all(np.diff(journey.metres) >= 0)
    border = journey.leg("border")
    where = journey.where(np.linspace(border.from_s + 5, border.to_s - 5, 20))
    assert np.allclose(where.distance_m, 60_000.0)
    assert np.allclose(where.speed_mps, 0.0)
    assert journey.where(np.array([border.to_s + 600])).speed_mps[0] > 5
    with pytest.raises(LookupError):
        journey.leg("unloading")


def test_a_truck_comes_from_along_the_road_and_leaves_the_way_it_came() -> None:
    road = Road.along([42.0, 43.0], [74.0, 74.0])
    whole, start_m = there_and_away(road, 5_000.0, 2_000.0)
    assert start_m == pytest.approx(5_000.0, abs=200)
    assert whole.length_m == pytest.approx(road.length_m + 7_000.0, abs=400)
    with pytest.raises(ValueError, match="two different points"):
        Road.along([42.0, 42.0], [74.0, 74.0])


def test_a_restarted_phone_repeats_itself_exactly() -> None:
    plan = played(SCENES[0], now_s=1_800_000_000.0)
    again = msgspec.json.decode(msgspec.json.encode(plan), type=DrivePlan)
    taken = moments(plan, 3_000.0, 4_000.0)
    assert plan.receiver.fixes(taken, plan.began_at_s) == again.receiver.fixes(taken, again.began_at_s)


def test_the_silent_truck_was_last_heard_forty_minutes_ago() -> None:
    silent = next(scene for scene in SCENES if scene.quirk == "silent")
    plan = played(silent)
    phone = Phone(PhoneAccess("", 0, False, "", "", ""), plan, 0.0)
    assert phone.elapsed_s() - phone.speakable_until_s() == pytest.approx(SILENT_FOR_S, abs=5)


def test_a_battery_without_a_charger_is_nearly_empty_now() -> None:
    weak = next(scene for scene in SCENES if scene.quirk == "low_battery")
    plan = played(weak)
    assert told(plan, time.time() - plan.began_at_s).battery_pct[-1] <= 5


def test_a_trip_of_several_stops_is_driven_through_all_of_them() -> None:
    keys = ("bishkek", "tokmok", "karakol")
    points = [(DEPOTS[key].lat, DEPOTS[key].lon) for key in keys]
    stops = [(kind, *point) for kind, point in zip(("loading", "loading", "unloading"), points, strict=True)]
    plan = plan_drive(1, 1, embedded_route(points), stops, seed=1, speed_up=1.0, began_at_s=1_800_000_000.0)
    assert [leg.kind for leg in plan.journey.legs if leg.kind != "rest"] == ["loading", "loading", "unloading"]
    middle = plan.journey.legs[1]
    where = plan.journey.where(np.array([middle.from_s + 60]))
    assert float(haversine_m(where.lat, where.lon, np.array([points[1][0]]), np.array([points[1][1]]))[0]) < 2_000


def test_the_notebook_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    assert read_notebook(tmp_path) is None
    notebook = Notebook(1, 2, "demo@reis.example", "secret", drives={7: played(SCENES[0])})
    write_notebook(tmp_path, notebook)
    assert stat.S_IMODE((tmp_path / "demo.json").stat().st_mode) == 0o600
    read = read_notebook(tmp_path)
    assert read is not None
    assert read.drives[7].line == notebook.drives[7].line
    assert ("  sign in as", "demo@reis.example   password secret") in sign_ins(read, "http://localhost")
    (tmp_path / "demo.json").write_text("{")
    assert read_notebook(tmp_path) is None


async def test_a_phone_tells_its_backlog_and_goes_on(services: RealServices, broker_control: BrokerControl) -> None:
    await broker_control.put_device(DeviceAccess("demophone", "secret", True))
    plan = played(SCENES[0])
    plan.began_at_s = float(int(time.time() - 300))
    access = PhoneAccess(
        "127.0.0.1", services.mosquitto.config.port, False, "demophone", "secret", "owntracks/demophone/app"
    )
    hub = services.broker("ingest-8")
    heard: list[dict[str, Any]] = []
    async with aiomqtt.Client(
        hub.host, hub.port, username=hub.username, password=hub.password, identifier=hub.username
    ) as client:
        await client.subscribe("owntracks/demophone/#", qos=1)

        async def listen() -> None:
            async for message in client.messages:
                body = msgspec.json.decode(bytes(message.payload or b""))
                heard.extend(body if isinstance(body, list) else [body])

        listening = asyncio.create_task(listen())
        phone = Phone(access, plan, 0.0)
        driving = asyncio.create_task(phone.run())
        await until(phone.caught_up.is_set)
        caught_up_at = time.time()
        await until(lambda: heard and heard[-1]["tst"] > caught_up_at)
        for task in (driving, listening):
            task.cancel()
        await asyncio.gather(driving, listening, return_exceptions=True)
    times = [fix["tst"] for fix in heard]
    assert times == sorted(times)
    assert times[0] <= plan.began_at_s + 60
    assert times[-1] <= time.time()
    await broker_control.remove_device("demophone")
