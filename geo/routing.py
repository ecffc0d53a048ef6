"""Road routes for trucks over the embedded graph: the quickest way, its line, length and hours.

Hours are driving hours of a loaded truck; waiting at borders and rest are not in them. Borders count
only when ways are compared.
Source of the data: see `geo.road_graph`.
"""

from __future__ import annotations

import functools
import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo.errors import RoutePointOutOfRange, RoutePointsMissing
from geo.fences import apart_m, haversine_m
from geo.road_graph import Floats, RoadGraph, Snap, road_graph

# Between a stop and the road, and where no road is known: how much longer than the straight line, and how fast.
CONNECTOR_WINDING = 1.25
CONNECTOR_SPEED_MPS = 30 / 3.6
STRAIGHT_WINDING = 1.3
STRAIGHT_SPEED_MPS = 45 / 3.6
APPROXIMATE_CONNECTOR_M = 15_000.0
# A stop farther from every road we know lies on roads we don't know: better one straight line than a long detour.
FARTHEST_CONNECTOR_M = 150_000.0

# In place of the node before, for the first nodes of a way.
ORIGIN = -1

# No edge is faster, so straight-line time at this speed never overestimates what is left (A* stays exact).
FASTEST_MPS = 90 / 3.6

# A truck loses hours at any border; without this a route would take a short cut through a neighbour's country.
BORDER_COST_S = 4 * 3600.0
# Transit through Turkmenistan needs a visa and permits most carriers of the region don't hold.
BORDER_COST_BY_COUNTRY_S = {"TM": 10 * 3600.0, "AF": 16 * 3600.0}


@dataclass(frozen=True, slots=True)
class RoadLeg:
    """The way between two consecutive points: driving length and time, and its slice of the route's line.

    `line[first:last + 1]` is the leg. `approximate` where a straight stand-in was needed.
    """

    length_m: float
    duration_s: float
    approximate: bool
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class RoadRoute:
    """A route through all points in the order given.

    `lats`, `lons` (degrees) draw it; `cumulative_m` and `cumulative_s` give, at each vertex, the road length and
    the driving time from the start (both grow monotonically, and follow the real road even where it is drawn
    straight). `countries` are the ISO codes passed through, in order.
    """

    lats: Floats
    lons: Floats
    cumulative_m: Floats
    cumulative_s: Floats
    length_m: float
    duration_s: float
    approximate: bool
    legs: tuple[RoadLeg, ...]
    countries: tuple[str, ...]


@dataclass(slots=True)
class _Line:
    """A route being drawn vertex by vertex."""

    lats: list[float]
    lons: list[float]
    metres: list[float]
    seconds: list[float]

    def extend(self, lat: float, lon: float, length_m: float, duration_s: float) -> None:
        self.lats.append(lat)
        self.lons.append(lon)
        self.metres.append(self.metres[-1] + length_m)
        self.seconds.append(self.seconds[-1] + duration_s)


def route(points: Sequence[tuple[float, float]]) -> RoadRoute:
    """The quickest truck route through `points`, each (lat, lon) in degrees, at least two.

    Takes 5-150 ms of pure computation: call it in a thread from asynchronous code. Raises RoutePointsMissing for
    fewer than two points and RoutePointOutOfRange for coordinates off the globe.
    """
    if len(points) < 2:
        raise RoutePointsMissing(len(points))
    for lat, lon in points:
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise RoutePointOutOfRange(lat, lon)
    graph = road_graph()
    line = _Line([points[0][0]], [points[0][1]], [0.0], [0.0])
    legs: list[RoadLeg] = []
    countries: list[str] = []
    for origin, destination in itertools.pairwise(points):
        first = len(line.lats) - 1
        approximate = _draw_leg(graph, line, origin, destination, countries)
        legs.append(
            RoadLeg(
                length_m=line.metres[-1] - line.metres[first],
                duration_s=line.seconds[-1] - line.seconds[first],
                approximate=approximate,
                first=first,
                last=len(line.lats) - 1,
            )
        )
    return RoadRoute(
        lats=np.array(line.lats),
        lons=np.array(line.lons),
        cumulative_m=np.array(line.metres),
        cumulative_s=np.array(line.seconds),
        length_m=line.metres[-1],
        duration_s=line.seconds[-1],
        approximate=any(leg.approximate for leg in legs),
        legs=tuple(legs),
        countries=tuple(countries),
    )


def _draw_leg(
    graph: RoadGraph,
    line: _Line,
    origin: tuple[float, float],
    destination: tuple[float, float],
    countries: list[str],
) -> bool:
    """Append the way to `destination`; True when part of it is a straight stand-in worth mentioning."""
    start, goal = graph.snap(*origin), graph.snap(*destination)
    straight_m = apart_m(*origin, *destination)
    # Two stops nearer to each other than to any road: going out to the road and back would be absurd.
    if start.offset_m + goal.offset_m >= straight_m:
        line.extend(*destination, straight_m * STRAIGHT_WINDING, straight_m * STRAIGHT_WINDING / CONNECTOR_SPEED_MPS)
        return straight_m > APPROXIMATE_CONNECTOR_M
    if max(start.offset_m, goal.offset_m) > FARTHEST_CONNECTOR_M:
        line.extend(*destination, straight_m * STRAIGHT_WINDING, straight_m * STRAIGHT_WINDING / STRAIGHT_SPEED_MPS)
        return True
    nodes = _search(graph, start, goal)
    _connect(line, start.lat, start.lon, start.offset_m)
    _follow(graph, line, start, goal, nodes, countries)
    _connect(line, destination[0], destination[1], goal.offset_m)
    return max(start.offset_m, goal.offset_m) > APPROXIMATE_CONNECTOR_M


def _connect(line: _Line, lat: float, lon: float, offset_m: float) -> None:
    length_m = offset_m * CONNECTOR_WINDING
    line.extend(lat, lon, length_m, length_m / CONNECTOR_SPEED_MPS)


def _follow(graph: RoadGraph, line: _Line, start: Snap, goal: Snap, nodes: list[int], countries: list[str]) -> None:
    """Append the road from `start` over `nodes` to `goal`."""
    if not nodes:
        share = abs(goal.fraction - start.fraction)
        _drive(graph, line, goal.lat, goal.lon, start.edge, share)
        return
    _drive(graph, line, graph.lats[nodes[0]], graph.lons[nodes[0]], start.edge, _share(graph, start, nodes[0]))
    _pass_through(graph, nodes[0], countries)
    for node, following in itertools.pairwise(nodes):
        edge = min(
            (edge for neighbour, edge in graph.neighbours[node] if neighbour == following),
            key=lambda edge: graph.durations_s[edge],
        )
        _drive(graph, line, graph.lats[following], graph.lons[following], edge, 1.0)
        _pass_through(graph, following, countries)
    _drive(graph, line, goal.lat, goal.lon, goal.edge, _share(graph, goal, nodes[-1]))


def _drive(graph: RoadGraph, line: _Line, lat: float, lon: float, edge: int, share: float) -> None:
    line.extend(float(lat), float(lon), float(graph.lengths_m[edge]) * share, float(graph.durations_s[edge]) * share)


def _pass_through(graph: RoadGraph, node: int, countries: list[str]) -> None:
    code = graph.country_codes[graph.countries[node]]
    if code and (not countries or countries[-1] != code):
        countries.append(code)


def _share(graph: RoadGraph, snap: Snap, node: int) -> float:
    """How much of the snapped edge lies between the snap and its end `node`."""
    return snap.fraction if graph.starts[snap.edge] == node else 1.0 - snap.fraction


def _search(graph: RoadGraph, start: Snap, goal: Snap) -> list[int]:
    """Nodes of the quickest way between two snaps (A*), none within one edge. Every node is reachable (tested)."""
    if start.edge == goal.edge:
        return []
    least_left, steps = _least_time_left(graph, goal), _steps(graph)
    queue: list[tuple[float, float, int, int]] = []
    for node in _ends(graph, start):
        cost = float(graph.durations_s[start.edge]) * _share(graph, start, node)
        heapq.heappush(queue, (cost + least_left[node], cost, node, ORIGIN))
    goal_cost = {node: float(graph.durations_s[goal.edge]) * _share(graph, goal, node) for node in _ends(graph, goal)}
    came_from: dict[int, int] = {}
    arrived, best = ORIGIN, float("inf")
    while queue and queue[0][0] < best:
        _, cost, node, previous = heapq.heappop(queue)
        if node in came_from:
            continue
        came_from[node] = previous
        if cost + goal_cost.get(node, float("inf")) < best:
            best, arrived = cost + goal_cost[node], node
        for neighbour, step_cost in steps[node]:
            if neighbour not in came_from:
                onward = cost + step_cost
                heapq.heappush(queue, (onward + least_left[neighbour], onward, neighbour, node))
    nodes = []
    while arrived != ORIGIN:
        nodes.append(arrived)
        arrived = came_from[arrived]
    return nodes[::-1]


def _ends(graph: RoadGraph, snap: Snap) -> tuple[int, int]:
    return int(graph.starts[snap.edge]), int(graph.ends[snap.edge])


@functools.cache
def _steps(graph: RoadGraph) -> list[list[tuple[int, float]]]:
    """For every node its neighbours and what going there weighs, in seconds: plain numbers for the inner loop."""
    durations_s = graph.durations_s.tolist()
    return [
        [(neighbour, durations_s[edge] + _border_cost(graph, node, neighbour)) for neighbour, edge in neighbours]
        for node, neighbours in enumerate(graph.neighbours)
    ]


def _border_cost(graph: RoadGraph, node: int, neighbour: int) -> float:
    """What crossing from one country to another weighs, in seconds; land of no country (index 0) has no border."""
    country, other = graph.countries[node], graph.countries[neighbour]
    if country == other or not country or not other:
        return 0.0
    return max(
        BORDER_COST_BY_COUNTRY_S.get(graph.country_codes[country], BORDER_COST_S),
        BORDER_COST_BY_COUNTRY_S.get(graph.country_codes[other], BORDER_COST_S),
    )


def _least_time_left(graph: RoadGraph, goal: Snap) -> list[float]:
    """For every node, a time to the goal no truck can beat (seconds)."""
    straight_m = haversine_m(goal.lat, goal.lon, graph.lats, graph.lons)
    return list((straight_m / FASTEST_MPS).tolist())
