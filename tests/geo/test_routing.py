"""Routes over the embedded roads: lengths known from signposts, stops off the road, stops nowhere near one."""

import time

import numpy as np
import pytest

from geo.errors import RoutePointOutOfRange, RoutePointsMissing
from geo.fences import apart_m
from geo.road_graph import road_graph
from geo.routing import RoadRoute, route

BISHKEK = (42.874, 74.590)
OSH = (40.530, 72.800)
ALMATY = (43.250, 76.910)
TASHKENT = (41.300, 69.270)
KASHGAR = (39.470, 75.990)
URUMQI = (43.820, 87.600)
NARYN = (41.430, 76.000)
DUSHANBE = (38.560, 68.780)
KHUJAND = (40.280, 69.620)
JALAL_ABAD = (40.930, 73.000)
ASTANA = (51.170, 71.440)
MOSCOW = (55.750, 37.620)
KARAKOL = (42.490, 78.390)
BATKEN = (40.060, 70.820)

SIGNPOSTED_KM = [
    ("Bishkek - Osh over Too-Ashuu", BISHKEK, OSH, 635),
    ("Bishkek - Almaty over Korday", BISHKEK, ALMATY, 240),
    ("Bishkek - Tashkent through Kazakhstan", BISHKEK, TASHKENT, 620),
    ("Osh - Kashgar over Irkeshtam", OSH, KASHGAR, 500),
    ("Naryn - Kashgar over Torugart", NARYN, KASHGAR, 350),
    ("Bishkek - Kashgar over Torugart", BISHKEK, KASHGAR, 690),
    ("Almaty - Urumqi through Khorgos", ALMATY, URUMQI, 1000),
    ("Osh - Dushanbe through Karamyk", OSH, DUSHANBE, 660),
    ("Dushanbe - Khujand through the tunnels", DUSHANBE, KHUJAND, 305),
    ("Almaty - Astana along Balkhash", ALMATY, ASTANA, 1220),
    ("Bishkek - Karakol", BISHKEK, KARAKOL, 390),
    ("Osh - Batken", OSH, BATKEN, 225),
    ("Bishkek - Moscow through Aktobe", BISHKEK, MOSCOW, 3750),
]


def kilometres(found: RoadRoute) -> float:
    return found.length_m / 1000


@pytest.mark.parametrize(
    ("origin", "destination", "signposted_km"),
    [case[1:] for case in SIGNPOSTED_KM],
    ids=[case[0] for case in SIGNPOSTED_KM],
)
def test_a_route_is_as_long_as_the_signposts_say(
    origin: tuple[float, float], destination: tuple[float, float], signposted_km: float
) -> None:
    found = route([origin, destination])
    assert kilometres(found) == pytest.approx(signposted_km, rel=0.10)
    assert not found.approximate


@pytest.mark.parametrize(("origin", "destination"), [case[1:3] for case in SIGNPOSTED_KM])
def test_a_loaded_truck_is_neither_a_racing_car_nor_a_mule(
    origin: tuple[float, float], destination: tuple[float, float]
) -> None:
    found = route([origin, destination])
    assert 40 < kilometres(found) / (found.duration_s / 3600) < 80


def test_mountains_are_slower_than_the_steppe() -> None:
    mountains, steppe = route([BISHKEK, OSH]), route([ALMATY, ASTANA])
    assert mountains.length_m / mountains.duration_s < 0.9 * steppe.length_m / steppe.duration_s


def test_the_way_back_is_as_long_as_the_way_there() -> None:
    assert route([OSH, BISHKEK]).length_m == pytest.approx(route([BISHKEK, OSH]).length_m, rel=1e-6)


def test_a_domestic_route_stays_at_home() -> None:
    assert route([BISHKEK, OSH]).countries == ("KG",)
    assert route([OSH, JALAL_ABAD]).countries == ("KG",)
    assert route([OSH, BATKEN]).countries == ("KG",)


def test_it_names_the_countries_in_the_order_they_are_crossed() -> None:
    assert route([TASHKENT, BISHKEK]).countries == ("UZ", "KZ", "KG")
    assert route([ALMATY, URUMQI]).countries == ("KZ", "CN")


def test_the_line_begins_and_ends_at_the_stops() -> None:
    found = route([BISHKEK, OSH])
    assert (found.lats[0], found.lons[0]) == BISHKEK
    assert (found.lats[-1], found.lons[-1]) == OSH


def test_metres_and_seconds_grow_along_the_line_up_to_the_whole() -> None:
    found = route([BISHKEK, NARYN, KASHGAR])
    assert len(found.cumulative_m) == len(found.cumulative_s) == len(found.lats) == len(found.lons)
    assert (np.diff(found.cumulative_m) >= 0).all()
    assert (np.diff(found.cumulative_s) >= 0).all()
    assert found.cumulative_m[-1] == found.length_m
    assert found.cumulative_s[-1] == found.duration_s


def test_metres_are_never_fewer_than_the_drawn_line_has() -> None:
    found = route([BISHKEK, MOSCOW])
    drawn = [apart_m(*places) for places in zip(found.lats, found.lons, found.lats[1:], found.lons[1:], strict=False)]
    assert (np.diff(found.cumulative_m) >= np.array(drawn) * 0.98 - 120).all()


def test_legs_meet_at_the_stops_between_and_add_up() -> None:
    found = route([BISHKEK, NARYN, KASHGAR])
    first, second = found.legs
    assert (found.lats[first.last], found.lons[first.last]) == NARYN
    assert first.last == second.first
    assert first.length_m + second.length_m == pytest.approx(found.length_m)
    assert first.duration_s + second.duration_s == pytest.approx(found.duration_s)


def test_the_mountain_road_is_drawn_over_its_pass() -> None:
    found = route([BISHKEK, OSH])
    too_ashuu = (42.336, 73.815)
    nearest_m = min(apart_m(*too_ashuu, lat, lon) for lat, lon in zip(found.lats, found.lons, strict=True))
    assert nearest_m < 3000


def test_a_stop_off_the_road_gets_a_connector_to_it() -> None:
    village = (42.05, 74.60)
    found = route([BISHKEK, village])
    assert (found.lats[-1], found.lons[-1]) == village
    assert found.cumulative_m[-1] - found.cumulative_m[-2] > apart_m(found.lats[-2], found.lons[-2], *village)


def test_a_stop_far_from_any_road_makes_the_route_approximate() -> None:
    desert = (38.90, 82.00)
    assert route([KASHGAR, desert]).approximate


def test_neighbours_in_one_yard_are_joined_directly() -> None:
    found = route([(42.0500, 74.6000), (42.0505, 74.6005)])
    assert len(found.lats) == 2
    assert 60 < found.length_m < 200


def test_two_stops_at_the_same_place_are_no_distance_apart() -> None:
    found = route([BISHKEK, BISHKEK])
    assert found.length_m == 0
    assert found.duration_s == 0


def test_both_stops_on_one_long_road_take_its_share() -> None:
    graph = road_graph()
    edge = int(np.argmax(graph.lengths_m))
    start, end = graph.starts[edge], graph.ends[edge]
    points = [
        (
            float(graph.lats[start] + share * (graph.lats[end] - graph.lats[start])),
            float(graph.lons[start] + share * (graph.lons[end] - graph.lons[start])),
        )
        for share in (0.25, 0.75)
    ]
    assert route(points).length_m == pytest.approx(float(graph.lengths_m[edge]) / 2, rel=0.02)


@pytest.mark.parametrize(
    ("origin", "destination", "known_km"),
    [
        ((23.12, 113.25), BISHKEK, 5200),
        ((56.85, 60.61), BISHKEK, 2380),
        ((52.23, 21.01), BISHKEK, 4950),
        ((41.01, 28.95), TASHKENT, 4850),
    ],
    ids=["Guangzhou", "Yekaterinburg", "Warsaw", "Istanbul"],
)
def test_far_markets_are_reached_by_road(
    origin: tuple[float, float], destination: tuple[float, float], known_km: float
) -> None:
    found = route([origin, destination])
    assert kilometres(found) == pytest.approx(known_km, rel=0.08)
    assert not found.approximate


def test_another_continent_is_reached_by_a_straight_stand_in_and_says_so() -> None:
    buenos_aires = (-34.6, -58.4)
    found = route([BISHKEK, buenos_aires])
    assert found.approximate
    assert found.length_m > apart_m(*BISHKEK, *buenos_aires)


@pytest.mark.parametrize("points", [[], [BISHKEK]])
def test_it_refuses_fewer_than_two_points(points: list[tuple[float, float]]) -> None:
    with pytest.raises(RoutePointsMissing):
        route(points)


@pytest.mark.parametrize("place", [(91.0, 74.0), (42.0, 181.0), (float("nan"), 74.0), (42.0, float("inf"))])
def test_it_refuses_a_place_off_the_globe(place: tuple[float, float]) -> None:
    with pytest.raises(RoutePointOutOfRange):
        route([BISHKEK, place])


def test_a_route_across_the_map_takes_less_than_150_ms_of_computing() -> None:
    route([BISHKEK, OSH])  # reads the graph
    durations = []
    for _ in range(5):
        began = time.thread_time()
        route([BISHKEK, MOSCOW])
        durations.append(time.thread_time() - began)
    assert min(durations) < 0.15


def test_every_road_can_be_reached_from_every_other() -> None:
    graph = road_graph()
    reached = {0}
    front = [0]
    while front:
        for neighbour, _ in graph.neighbours[front.pop()]:
            if neighbour not in reached:
                reached.add(neighbour)
                front.append(neighbour)
    assert len(reached) == len(graph.lats)


def test_no_road_is_shorter_than_the_straight_line_between_its_ends() -> None:
    graph = road_graph()
    east = np.radians(graph.lons[graph.ends] - graph.lons[graph.starts]) * np.cos(
        np.radians((graph.lats[graph.ends] + graph.lats[graph.starts]) / 2)
    )
    north = np.radians(graph.lats[graph.ends] - graph.lats[graph.starts])
    straight_m = 6_371_000 * np.hypot(east, north)
    assert (graph.lengths_m >= straight_m * 0.99 - 50).all()
