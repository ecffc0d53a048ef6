"""The maintainer's tools that make the road file: curated roads in a toy network, rounded lines, closed roads."""

import itertools
from pathlib import Path

import pytest

from geo.data import far_roads
from geo.data.curves import rounded
from geo.data.far_roads import far_edges, shortened
from geo.data.make_roads import (
    CLOSED_ROADS_FILE,
    EXTRA_ROADS_FILE,
    CuratedRoad,
    Roads,
    close_roads,
    decode_topology,
    largest_connected,
    lay_road,
    offset_along,
    read_curated_roads,
    spread_countries,
    truck_speed,
)
from geo.fences import apart_m

WEST, MIDDLE, EAST = (42.0, 74.0), (42.3, 74.5), (42.0, 75.0)


def toy_network() -> Roads:
    """Two towns joined by a straight edge of 100 km, each with a street."""
    roads = Roads()
    west, east = roads.node(*WEST), roads.node(*EAST)
    roads.edge(west, roads.node(42.01, 73.99), 2.0, 45)
    roads.edge(east, roads.node(42.01, 75.01), 2.0, 45)
    roads.edge(west, east, 100.0, 65)
    return roads


def length_between(roads: Roads, start: int, end: int) -> float:
    """Kilometres along the only way between two nodes."""
    lengths = {start: 0.0}
    front = [start]
    while front:
        node = front.pop()
        for (one, other), (length_km, _) in roads.edges.items():
            for here, there in ((one, other), (other, one)):
                if here == node and there not in lengths:
                    lengths[there] = lengths[node] + length_km
                    front.append(there)
    return lengths[end]


def test_a_curated_road_takes_the_straight_edges_place() -> None:
    roads = toy_network()
    lay_road(roads, CuratedRoad("over the pass", [WEST, MIDDLE, EAST], 120.0, 50, "KG"), {})
    assert (0, 1) not in roads.edges
    assert length_between(roads, 0, 1) == pytest.approx(120.0, abs=0.5)


def test_a_curated_road_is_drawn_through_its_vertices_in_a_curve() -> None:
    roads = toy_network()
    lay_road(roads, CuratedRoad("over the pass", [WEST, MIDDLE, EAST], 0.0, 50, ""), {})
    assert MIDDLE in roads.nodes
    assert len(roads.nodes) > 20


def test_a_curated_road_elsewhere_leaves_the_network_alone() -> None:
    roads = toy_network()
    before = dict(roads.edges)
    lay_road(roads, CuratedRoad("far away", [(50.0, 60.0), (50.2, 60.5)], 0.0, 50, ""), {})
    assert before.items() <= roads.edges.items()
    assert len(largest_connected(roads)) == 4


def test_a_curated_roads_end_is_tied_to_the_road_nearby() -> None:
    roads = toy_network()
    lay_road(roads, CuratedRoad("a branch", [(42.05, 74.05), (42.5, 74.1)], 0.0, 50, ""), {})
    assert len(largest_connected(roads)) == len(roads.nodes)


def test_curated_roads_that_name_the_same_place_meet_there() -> None:
    roads, shared = Roads(), {}
    lay_road(roads, CuratedRoad("one", [(41.0, 71.0), (41.0, 72.0)], 0.0, 50, ""), shared)
    lay_road(roads, CuratedRoad("other", [(41.0, 72.0), (41.5, 72.5)], 0.0, 50, ""), shared)
    assert len(largest_connected(roads)) == len(roads.nodes)


def test_the_country_of_a_curated_road_holds_for_all_of_it() -> None:
    roads = toy_network()
    lay_road(roads, CuratedRoad("over the pass", [WEST, MIDDLE, EAST], 120.0, 50, "KG"), {})
    assert set(roads.countries.values()) == {"KG"}
    assert len(roads.countries) >= len(roads.nodes) - 2


def test_a_closed_road_is_removed_whichever_way_round_it_is_named(tmp_path: Path) -> None:
    roads = toy_network()
    listed = tmp_path / "closed.csv"
    listed.write_text("lat,lon,other_lat,other_lon,reason\n42.0,75.0,42.0,74.0,landslide\n")
    close_roads(roads, listed)
    assert (0, 1) not in roads.edges
    assert len(roads.edges) == 2


def test_a_closed_road_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    listed = tmp_path / "closed.csv"
    listed.write_text("lat,lon,other_lat,other_lon,reason\n10.0,10.0,11.0,11.0,a slip of the pen\n")
    with pytest.raises(SystemExit, match="no edge"):
        close_roads(toy_network(), listed)


def test_nodes_beside_a_border_belong_where_their_road_comes_from() -> None:
    assert spread_countries([1, 0, 0, 2], [(0, 1), (1, 2), (2, 3)]) in ([1, 1, 2, 2], [1, 1, 1, 2], [1, 2, 2, 2])
    assert spread_countries([1, 0, 0], [(0, 1), (1, 2)]) == [1, 1, 1]
    assert spread_countries([0, 0], [(0, 1)]) == [0, 0]


def test_winding_roads_and_streets_are_slow() -> None:
    plain = truck_speed((43.0, 70.0), 20.0, 19.9)
    assert truck_speed((43.0, 70.0), 20.0, 12.0) < truck_speed((43.0, 70.0), 20.0, 17.0) < plain
    assert truck_speed((43.0, 70.0), 1.0, 1.0) < plain
    assert truck_speed((43.0, 85.0), 20.0, 19.9) > plain


def test_a_places_offset_is_measured_along_and_beside_a_line() -> None:
    along_km, beside_km = offset_along([(42.0, 74.0), (42.0, 75.0)], (42.1, 74.5))
    assert along_km == pytest.approx(41.3, abs=0.3)
    assert beside_km == pytest.approx(11.1, abs=0.1)


def test_the_curated_files_can_be_read() -> None:
    roads = read_curated_roads(EXTRA_ROADS_FILE)
    assert len(roads) > 80
    assert all(len(road.vertices) > 1 and 20 <= road.speed_kmh <= 90 for road in roads)
    assert CLOSED_ROADS_FILE.read_text(encoding="utf-8").count("curated") > 10


def test_no_curated_road_claims_to_be_much_longer_or_shorter_than_it_is_drawn() -> None:
    for road in read_curated_roads(EXTRA_ROADS_FILE):
        drawn_km = sum(apart_m(*one, *other) / 1000 for one, other in itertools.pairwise(road.vertices))
        if road.length_km:
            assert 0.93 < road.length_km / drawn_km < 1.75, road.name


def test_a_rounded_line_stays_near_its_vertices() -> None:
    vertices = [(42.0, 74.0), (42.3, 74.5), (42.0, 75.0), (42.3, 75.5)]
    gaps = rounded(vertices, step_km=2.0)
    assert len(gaps) == 3
    for gap, (start, end) in zip(gaps, itertools.pairwise(vertices), strict=True):
        assert len(gap) > 10
        for point in gap:
            assert apart_m(*point, *start) + apart_m(*point, *end) < 1.12 * apart_m(*start, *end)


def test_a_line_of_two_vertices_stays_straight() -> None:
    assert rounded([(42.0, 74.0), (42.3, 74.5)]) == [[]]


def test_pieces_of_one_far_road_are_put_together() -> None:
    chain = {(0, 1): (4.0, 80), (1, 2): (4.0, 40), (2, 3): (4.0, 80)}
    assert shortened(chain, {1, 2}) == {(0, 3): (12.0, 60)}


def test_long_pieces_junctions_and_near_roads_stay_as_they_are() -> None:
    long = {(0, 1): (10.0, 80), (1, 2): (10.0, 80)}
    junction = {(0, 1): (1.0, 80), (1, 2): (1.0, 80), (1, 3): (1.0, 80)}
    triangle = {(0, 1): (1.0, 80), (1, 2): (1.0, 80), (0, 2): (1.0, 80)}
    assert shortened(long, {0, 1, 2}) == long
    assert shortened(junction, {0, 1, 2, 3}) == junction
    assert shortened(triangle, {0, 1, 2}) == triangle
    assert shortened({(0, 1): (1.0, 80), (1, 2): (1.0, 80)}, set()) == {(0, 1): (1.0, 80), (1, 2): (1.0, 80)}


def test_far_roads_are_the_ways_from_a_market_to_large_towns(monkeypatch: pytest.MonkeyPatch) -> None:
    # Bishkek and Moscow; Karakol, where no freight to far away begins.
    places = [place for place in far_roads.places() if place.id in (1528675, 524901, 1528121)]
    monkeypatch.setattr(far_roads, "places", lambda: places)
    located = [[42.87, 74.59], [50.0, 55.0], [55.75, 37.62], [30.0, 60.0], [70.0, 60.0], [42.49, 78.39]]
    from_bishkek, halfway = {1: 10.0, 3: 1.0, 4: 1.0}, {0: 10.0, 2: 10.0, 3: 9.5}
    graph = [from_bishkek, halfway, {1: 10.0, 4: 1.0}, {0: 1.0, 1: 9.5}, {0: 1.0, 2: 1.0}, {}]
    # The short cut over node 4 lies north of all roads; the way over node 3 is longer by half a kilometre.
    assert len(places) == 3
    assert far_edges(graph, located) == {(0, 1), (1, 2)}


def test_country_outlines_are_read_from_quantised_arcs() -> None:
    topology = {
        "transform": {"scale": [0.5, 0.5], "translate": [70.0, 40.0]},
        "arcs": [[[0, 0], [4, 0], [0, 4]], [[4, 4], [-4, 0], [0, -4]], [[0, 0], [0, 1]]],
        "objects": {
            "countries": {
                "geometries": [
                    {"type": "Polygon", "id": "417", "arcs": [[0, 1]]},
                    {"type": "MultiPolygon", "id": "398", "arcs": [[[-2, -1]], [[2]]]},
                ]
            }
        },
    }
    (first, outline), (second, reversed_outline) = decode_topology(topology)
    assert (first["id"], second["id"]) == ("417", "398")
    assert outline.bounds == (70.0, 40.0, 72.0, 42.0)
    assert reversed_outline.equals(outline)
