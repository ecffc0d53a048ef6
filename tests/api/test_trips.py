"""Trips through the door: opened, read, marked, moved, ended."""

import asyncio
import datetime as dt
import json

import pytest

from freight.driver_page.views import DriverHome
from freight.drivers.views import DriverList
from freight.events.actions import NOTIFY
from freight.events.views import EventList
from freight.live import Changed, organisation
from freight.tracking.outcomes import FINISH_TRIP
from freight.tracking.views import TrackView
from freight.trips.views import TripDetail, TripPage, TripView
from geo.fences import Circle, Polygon
from store.pool import Pool
from tests.api.browser import BISHKEK, OSH, Browser, ago, new_trip
from tests.api.ears import Ears
from tests.api.queue import jobs
from tests.cast import Person, make_driver

ALMATY = {"name": "Алматы", "lat": 43.2389, "lon": 76.8897, "country": "KZ", "timezone": "Asia/Almaty"}
SQUARE = {"type": "polygon", "points": [[74.56, 42.87], [74.58, 42.87], [74.58, 42.88], [74.56, 42.88]]}


async def test_it_opens_a_trip_with_its_route_event_and_job(
    office: Browser, driver: Person, dispatcher: Person, database: Pool, ears: Ears
) -> None:
    trip = await office.post("/api/trips", new_trip(driver, weight_kg=20_000), TripView, status=201)
    assert (trip.stage, trip.weight_kg, trip.driver.vehicle_plate) == ("assigned", 20_000, "01 KG 777 ABC")
    assert [(stop.kind, stop.name) for stop in trip.stops] == [("loading", "Бишкек"), ("unloading", "Ош")]
    assert trip.stops[0].fence == Circle(42.8746, 74.5698, 300)
    assert trip.window_to is None and trip.position is None
    assert trip.silence.reason == "never_connected"
    assert trip.route_length_m is not None and 500_000 < trip.route_length_m < 750_000
    detail = await office.get(f"/api/trips/{trip.id}", TripDetail)
    assert detail.route is not None and detail.route.source == "embedded"
    assert [(event.kind, event.source, event.late) for event in detail.events] == [("assigned", "dispatcher", False)]
    assert await jobs(database, NOTIFY) == [str(detail.events[0].id).encode()]
    assert dispatcher.organisation_id is not None
    await ears.hear(organisation(dispatcher.organisation_id), Changed("trip", trip.id))


async def test_a_stop_known_only_to_its_city_has_no_fence(office: Browser, driver: Person) -> None:
    stops = [
        {"kind": "loading", **BISHKEK, "exact": False},
        {"kind": "loading", **ALMATY, "fence": SQUARE},
        {"kind": "unloading", **OSH, "fence": {"type": "circle", "lat": 40.5, "lon": 72.8, "radius_m": 900}},
    ]
    trip = await office.post("/api/trips", new_trip(driver, stops=stops), TripView, status=201)
    fences = [stop.fence for stop in trip.stops]
    assert fences[0] is None
    assert isinstance(fences[1], Polygon)
    assert fences[2] == Circle(40.5, 72.8, 900)


IMPOSSIBLE_STOPS: list[tuple[list[tuple[str, dict[str, object]]], str, str]] = [
    ([("unloading", {}), ("unloading", {})], "loading_first", "stops[0].kind"),
    ([("loading", {}), ("loading", {})], "unloading_last", "stops[1].kind"),
    ([("loading", {"timezone": "Mars/Olympus"}), ("unloading", {})], "unknown_timezone", "stops[0].timezone"),
    (
        [("loading", {"fence": {"type": "circle", "lat": 1, "lon": 1, "radius_m": 5}}), ("unloading", {})],
        "fence_value_out_of_range",
        "stops[0].fence.radius_m",
    ),
    (
        [
            ("loading", {"window_from": "2026-05-02T10:00:00Z", "window_to": "2026-05-01T10:00:00Z"}),
            ("unloading", {}),
        ],
        "window_reversed",
        "stops[0].window_to",
    ),
    (
        [
            ("loading", {"window_from": "2026-05-02T10:00:00Z"}),
            ("unloading", {"window_to": "2026-05-01T10:00:00Z"}),
        ],
        "windows_disordered",
        "stops[1].window_to",
    ),
    (
        [("loading", {"window_from": "0001-01-01T00:00:00+14:00"}), ("unloading", {})],
        "out_of_range",
        "stops[0].window_from",
    ),
]


async def test_it_refuses_impossible_stops_naming_them(office: Browser, driver: Person) -> None:
    for stops, code, field in IMPOSSIBLE_STOPS:
        made = [{"kind": kind, **place, **more} for (kind, more), place in zip(stops, (BISHKEK, OSH), strict=True)]
        assert await office.refusal("POST", "/api/trips", new_trip(driver, stops=made)) == (422, code, field)


async def test_a_driver_carries_one_trip_at_a_time(office: Browser, driver: Person, trip: TripView) -> None:
    assert await office.refusal("POST", "/api/trips", new_trip(driver)) == (409, "driver_busy", "driver_id")


async def test_of_many_at_once_one_opens_the_trip(office: Browser, driver: Person) -> None:
    answers = await asyncio.gather(*(office.client.post("/api/trips", json=new_trip(driver)) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5


async def test_a_disabled_driver_is_given_nothing(office: Browser, driver: Person, database: Pool) -> None:
    async with database.acquire() as connection:
        await connection.execute("update users set disabled_at = now() where id = $1", driver.user_id)
    assert await office.refusal("POST", "/api/trips", new_trip(driver)) == (409, "driver_disabled", "driver_id")


async def test_a_delivered_trip_ends_when_the_next_begins(
    office: Browser, driver: Person, trip: TripView, database: Pool
) -> None:
    for stop, kind in ((0, "arrived"), (0, "departed"), (1, "arrived")):
        await office.post(f"/api/trips/{trip.id}/marks", {"stop_id": trip.stops[stop].id, "kind": kind}, TripView)
    delivered = await office.post(
        f"/api/trips/{trip.id}/marks", {"stop_id": trip.stops[1].id, "kind": "departed"}, TripView
    )
    assert (delivered.stage, delivered.delivered_at is not None) == ("delivered", True)
    following = await office.post("/api/trips", new_trip(driver), TripView, status=201)
    ended = (await office.get(f"/api/trips/{trip.id}", TripDetail)).trip
    assert ended.window_to is not None and following.window_to is None
    assert str(trip.id).encode() in await jobs(database, FINISH_TRIP)
    # Taking the delivery back would follow the driver on two trips.
    undo = {"stop_id": trip.stops[1].id, "kind": "departed", "undo": True}
    assert (await office.refusal("POST", f"/api/trips/{trip.id}/marks", undo))[:2] == (409, "driver_busy")


async def test_a_mark_moves_the_stage_and_can_be_taken_back(office: Browser, trip: TripView) -> None:
    mark = {"stop_id": trip.stops[0].id, "kind": "arrived"}
    marked = await office.post(f"/api/trips/{trip.id}/marks", mark, TripView)
    assert marked.stage == "at_loading"
    assert marked.stops[0].arrived_source == "dispatcher"
    assert marked.plan_version > trip.plan_version
    events = (await office.get(f"/api/trips/{trip.id}/events", EventList)).events
    assert [event.kind for event in events] == ["assigned", "arrived"]
    back = await office.post(f"/api/trips/{trip.id}/marks", {**mark, "undo": True}, TripView)
    assert (back.stage, back.stops[0].arrived_at) == ("assigned", None)
    events = (await office.get(f"/api/trips/{trip.id}/events", EventList)).events
    assert [(event.kind, event.withdrawn) for event in events] == [("assigned", False), ("arrived", True)]


async def test_both_witnesses_of_an_arrival_are_kept(
    office: Browser, cab: Browser, trip: TripView, database: Pool
) -> None:
    mark = {"stop_id": trip.stops[0].id, "kind": "arrived"}
    await office.post(f"/api/trips/{trip.id}/marks", mark, TripView)
    seen = await cab.post("/api/driver/marks", mark, TripView)
    assert seen.stage == "at_loading"
    async with database.acquire() as connection:
        sources = await connection.fetch("select source from marks order by source")
    assert [row["source"] for row in sources] == ["dispatcher", "driver"]


async def test_pressing_again_moves_the_time(office: Browser, trip: TripView, database: Pool) -> None:
    async with database.acquire() as connection:
        await connection.execute("update trips set window_from = now() - interval '5 hours'")
    mark = {"stop_id": trip.stops[0].id, "kind": "arrived"}
    await office.post(f"/api/trips/{trip.id}/marks", mark, TripView)
    earlier = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
    moved = await office.post(f"/api/trips/{trip.id}/marks", {**mark, "at": earlier.isoformat()}, TripView)
    assert moved.stops[0].arrived_at == earlier


@pytest.mark.parametrize(
    ("at", "code"),
    [(ago(hours=-1), "in_the_future"), (ago(days=9), "before_the_trip")],
    ids=["future", "long ago"],
)
async def test_it_refuses_a_mark_at_an_impossible_time(office: Browser, trip: TripView, at: str, code: str) -> None:
    mark = {"stop_id": trip.stops[0].id, "kind": "arrived", "at": at}
    assert await office.refusal("POST", f"/api/trips/{trip.id}/marks", mark) == (422, code, "at")


async def test_a_driver_marks_only_stops_he_carries(
    cab: Browser, office: Browser, dispatcher: Person, trip: TripView, database: Pool
) -> None:
    colleague = await make_driver(database, dispatcher, "Нурлан", "+996555000999")
    foreign = await office.post("/api/trips", new_trip(colleague), TripView, status=201)
    for stop_id in (foreign.stops[0].id, 999_999):
        mark = {"stop_id": stop_id, "kind": "arrived"}
        assert (await cab.refusal("POST", "/api/driver/marks", mark))[:2] == (404, "not_found")


async def test_what_a_driver_pressed_without_network_counts_after_the_trip_ended(
    cab: Browser, trip: TripView, database: Pool
) -> None:
    pressed_at = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
    async with database.acquire() as connection:
        await connection.execute(
            "update trips set window_from = now() - interval '9 hours', window_to = now() - interval '1 hour'"
        )
    mark = {"stop_id": trip.stops[0].id, "kind": "arrived", "at": pressed_at.isoformat()}
    seen = await cab.post("/api/driver/marks", mark, TripView)
    assert (seen.stops[0].arrived_at, seen.stops[0].arrived_source) == (pressed_at, "driver")


async def test_it_cancels_before_loading_is_left(office: Browser, trip: TripView) -> None:
    ended = await office.post(
        f"/api/trips/{trip.id}/end", {"action": "cancel", "reason": "  заказчик передумал "}, TripView
    )
    assert ended.stage == "cancelled" and ended.window_to is not None
    last = (await office.get(f"/api/trips/{trip.id}", TripDetail)).events[-1]
    assert (last.kind, last.data) == ("cancelled", {"reason": "заказчик передумал"})
    assert (await office.refusal("POST", f"/api/trips/{trip.id}/end", {"action": "fail", "reason": ""}))[:2] == (
        409,
        "wrong_state",
    )
    mark = {"stop_id": trip.stops[0].id, "kind": "arrived"}
    assert (await office.refusal("POST", f"/api/trips/{trip.id}/marks", mark))[:2] == (409, "trip_finished")


async def test_what_is_on_the_road_can_fail_but_not_be_cancelled(office: Browser, trip: TripView) -> None:
    for kind in ("arrived", "departed"):
        mark = {"stop_id": trip.stops[0].id, "kind": kind}
        await office.post(f"/api/trips/{trip.id}/marks", mark, TripView)
    path = f"/api/trips/{trip.id}/end"
    assert (await office.refusal("POST", path, {"action": "cancel", "reason": ""}))[:2] == (409, "wrong_state")
    failed = await office.post(path, {"action": "fail", "reason": "авария"}, TripView)
    assert failed.stage == "failed"


async def test_moving_a_stop_moves_its_circle_and_the_route(office: Browser, trip: TripView) -> None:
    path = f"/api/trips/{trip.id}/stops/{trip.stops[1].id}"
    moved = await office.patch(path, {"name": "Джалал-Абад", "lat": 40.9333, "lon": 73.0}, TripView)
    assert (moved.stops[1].name, moved.stops[1].fence) == ("Джалал-Абад", Circle(40.9333, 73.0, 300))
    assert moved.plan_version > trip.plan_version
    assert moved.route_length_m != trip.route_length_m


async def test_a_fence_can_be_drawn_and_taken_away(office: Browser, trip: TripView) -> None:
    path = f"/api/trips/{trip.id}/stops/{trip.stops[0].id}"
    drawn = await office.patch(path, {"fence": SQUARE}, TripView)
    assert isinstance(drawn.stops[0].fence, Polygon)
    none = await office.patch(path, {"fence": None}, TripView)
    assert none.stops[0].fence is None
    crossed = {"type": "polygon", "points": [[74.56, 42.87], [74.58, 42.88], [74.58, 42.87], [74.56, 42.88]]}
    assert await office.refusal("PATCH", path, {"fence": crossed}) == (422, "fence_crosses_itself", "fence.points")


async def test_a_stop_that_is_left_stays_as_it_was(office: Browser, trip: TripView) -> None:
    for kind in ("arrived", "departed"):
        mark = {"stop_id": trip.stops[0].id, "kind": kind}
        await office.post(f"/api/trips/{trip.id}/marks", mark, TripView)
    path = f"/api/trips/{trip.id}/stops/{trip.stops[0].id}"
    assert (await office.refusal("PATCH", path, {"name": "Токмок"}))[:2] == (409, "stop_left")


async def test_it_pages_and_searches(
    office: Browser, dispatcher: Person, driver: Person, trip: TripView, database: Pool
) -> None:
    others = [await make_driver(database, dispatcher, f"Водитель {n}", f"+99655500010{n}") for n in range(3)]
    for n, person in enumerate(others):
        await office.post("/api/trips", new_trip(person, cargo_name=f"Груз {n}_%"), TripView, status=201)
    first = await office.get("/api/trips?limit=3", TripPage)
    rest = await office.get(f"/api/trips?limit=3&before_id={first.next_before_id}", TripPage)
    ids = [one.id for one in (*first.trips, *rest.trips)]
    assert ids == sorted(ids, reverse=True) and len(set(ids)) == 4
    assert rest.next_before_id is None
    # Those that ended come after the open ones, the last to end first.
    hours_ago = {ids[0]: 2, ids[2]: 3, ids[3]: 1}
    for trip_id, hours in hours_ago.items():
        span = "window_from = now() - interval '1 day', window_to = now() - make_interval(hours => $2)"
        await database.execute(f"update trips set {span} where id = $1", trip_id, hours)
    first = await office.get("/api/trips?limit=2", TripPage)
    rest = await office.get(f"/api/trips?limit=2&before_id={first.next_before_id}", TripPage)
    assert [one.id for one in (*first.trips, *rest.trips)] == [ids[1], ids[3], ids[0], ids[2]]
    for search, count in (("бакыт", 1), ("777", 1), ("репчатый", 1), ("ош", 4), ("_%", 3), ("%", 3), ("нет такого", 0)):
        page = (await office.client.get("/api/trips", params={"q": search})).json()
        assert len(page["trips"]) == count, search


async def test_finished_trips_have_a_list_of_their_own(office: Browser, trip: TripView) -> None:
    await office.post(f"/api/trips/{trip.id}/end", {"action": "cancel", "reason": ""}, TripView)
    for state, count in (("open", 0), ("finished", 1), ("all", 1)):
        assert len((await office.get(f"/api/trips?state={state}", TripPage)).trips) == count


async def test_a_trip_without_positions_has_an_empty_path(office: Browser, trip: TripView) -> None:
    track = await office.get(f"/api/trips/{trip.id}/track", TrackView)
    assert track == TrackView("1,0,", 0, 0, False)


async def test_it_plans_a_route_before_there_is_a_trip(office: Browser) -> None:
    answer = await office.client.post("/api/routes", json={"points": [[42.8746, 74.5698], [43.2389, 76.8897]]})
    assert 200_000 < answer.json()["length_m"] < 300_000
    for points in ([[42.0, 74.0]], [[95.0, 74.0], [42.0, 74.0]]):
        assert (await office.client.post("/api/routes", json={"points": points})).status_code == 422


async def test_a_driver_sees_what_he_carries(office: Browser, cab: Browser, trip: TripView, driver: Person) -> None:
    home = await cab.get("/api/driver", DriverHome)
    assert home.trip is not None and home.trip.id == trip.id
    assert home.route is not None and home.driver_id == driver.driver_id
    drivers = await office.get("/api/drivers", DriverList)
    assert drivers.drivers[0].open_trip_id == trip.id


@pytest.mark.parametrize("nothing", [" ", "\u200b", "\u202e\n"])
async def test_a_name_of_which_nothing_is_seen_is_refused(
    office: Browser, driver: Person, trip: TripView, nothing: str
) -> None:
    nowhere = new_trip(driver)
    nowhere["stops"][1] |= {"name": nothing}
    for method, path, body, field in (
        ("POST", "/api/trips", new_trip(driver, cargo_name=nothing), "cargo_name"),
        ("POST", "/api/trips", nowhere, "stops[1].name"),
        ("PATCH", f"/api/trips/{trip.id}/stops/{trip.stops[0].id}", {"name": nothing}, "name"),
    ):
        assert await office.refusal(method, path, body) == (422, "bad_length", field)


async def test_hostile_text_comes_back_as_it_went(office: Browser, driver: Person) -> None:
    hostile = "<script>alert(1)</script>\"';--\u202e🚚\r\n{{7*7}}"
    trip = await office.post("/api/trips", new_trip(driver, cargo_name=hostile, note=hostile), TripView, status=201)
    assert (trip.cargo_name, trip.note) == (hostile, hostile)
    answer = await office.client.get(f"/api/trips/{trip.id}")
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.content)["trip"]["note"] == hostile
