"""Beyond the region only the ways from its markets to large towns are kept: trunk roads, not a map."""

from __future__ import annotations

import heapq

import numpy as np

from geo.places import Place, places

# West, south, east, north: from Germany to the Chinese coast, to Siberia in the north.
FAR = (10.0, 20.0, 132.0, 61.0)
LARGE_TOWN = 400_000
LARGE_CHINESE_TOWN = 1_500_000
LONGEST_PIECE_KM = 14.0
# Freight of the region begins or ends here: Bishkek, Osh, Almaty, Astana, Tashkent, Dushanbe, Urumqi, Kashgar, Moscow.
ORIGINS = (1528675, 1527534, 1526384, 1526273, 1512569, 1221874, 1529102, 1280849, 524901)

Graph = list[dict[int, float]]


def far_edges(graph: Graph, nodes: list[list[float]]) -> set[tuple[int, int]]:
    """Edges (start < end) of the source graph that lie on a shortest way from an origin to a large town inside FAR."""
    located = np.array(nodes)
    goals = sorted({nearest(located, place) for place in places() if is_goal(place)})
    used: set[tuple[int, int]] = set()
    for place in places():
        if place.id not in ORIGINS:
            continue
        origin = nearest(located, place)
        came_from = shortest_ways(graph, nodes, origin, set(goals))
        for goal in goals:
            while goal in came_from and goal != origin:
                previous = came_from[goal]
                used.add((min(goal, previous), max(goal, previous)))
                goal = previous
        print(f"far roads from {place.name_en}: {len(used)} edges so far", flush=True)
    return used


def is_goal(place: Place) -> bool:
    west, south, east, north = FAR
    inside = west < place.lon < east and south < place.lat < north and place.kind == "city"
    return inside and place.population >= (LARGE_CHINESE_TOWN if place.country == "CN" else LARGE_TOWN)


def nearest(located: np.ndarray, place: Place) -> int:
    east_scale = np.cos(np.radians(place.lat))
    squared = (located[:, 0] - place.lat) ** 2 + ((located[:, 1] - place.lon) * east_scale) ** 2
    return int(np.argmin(squared))


def shortest_ways(graph: Graph, nodes: list[list[float]], origin: int, goals: set[int]) -> dict[int, int]:
    """For every node settled before all goals are, the node the shortest way from `origin` comes from."""
    west, south, east, north = FAR
    came_from: dict[int, int] = {}
    queue: list[tuple[float, int, int]] = [(0.0, origin, origin)]
    missing = set(goals)
    while queue and missing:
        length, node, previous = heapq.heappop(queue)
        if node in came_from:
            continue
        came_from[node] = previous
        missing.discard(node)
        for neighbour, onward in graph[node].items():
            lat, lon = nodes[neighbour]
            if neighbour not in came_from and west < lon < east and south < lat < north:
                heapq.heappush(queue, (length + onward, neighbour, node))
    return came_from


def shortened(
    edges: dict[tuple[int, int], tuple[float, int]], removable: set[int]
) -> dict[tuple[int, int], tuple[float, int]]:
    """The edges with pieces of one road put together up to LONGEST_PIECE_KM: (start, end) -> (km, km/h).

    Only `removable` nodes on exactly two edges disappear; lengths add up, and so do driving times.
    """
    edges = dict(edges)
    around: dict[int, set[int]] = {}
    for start, end in edges:
        around.setdefault(start, set()).add(end)
        around.setdefault(end, set()).add(start)
    for node in sorted(removable):
        neighbours = sorted(around.get(node, ()))
        if len(neighbours) != 2 or (neighbours[0], neighbours[1]) in edges:
            continue
        pieces = [edges[min(node, neighbour), max(node, neighbour)] for neighbour in neighbours]
        length_km = sum(length for length, _ in pieces)
        if length_km > LONGEST_PIECE_KM:
            continue
        hours = sum(length / speed for length, speed in pieces)
        for neighbour in neighbours:
            del edges[min(node, neighbour), max(node, neighbour)]
            around[neighbour].discard(node)
        edges[neighbours[0], neighbours[1]] = (length_km, round(length_km / hours) if hours else 45)
        around[neighbours[0]].add(neighbours[1])
        around[neighbours[1]].add(neighbours[0])
        del around[node]
    return edges
