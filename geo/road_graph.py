"""The embedded road graph: read once from its packaged file, then only asked.

The file is made by `geo.data.make_roads` from OpenStreetMap's main roads (© OpenStreetMap contributors) and the
curated roads of `geo/data/extra_roads.csv`. Junctions and shaping points are nodes alike; an edge knows its real
length even where it is drawn straight.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo.fences import METRES_PER_DEGREE

ROADS_FILE = Path(__file__).parent / "data" / "roads.npz"

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Snap:
    """Where a point meets the road: on edge `edge`, `fraction` of the way along it, `offset_m` beside it."""

    edge: int
    fraction: float
    lat: float
    lon: float
    offset_m: float


@dataclass(frozen=True, slots=True, eq=False)
class RoadGraph:
    """Undirected roads. Nodes: `lats`, `lons` (degrees) and `countries` (index into `country_codes`).

    Edges: `starts`, `ends` (node numbers), `lengths_m` along the road and `durations_s` for a loaded truck.
    `neighbours[node]` lists (node, edge).
    """

    lats: Floats
    lons: Floats
    countries: Integers
    country_codes: tuple[str, ...]
    starts: Integers
    ends: Integers
    lengths_m: Floats
    durations_s: Floats
    neighbours: list[list[tuple[int, int]]]

    def snap(self, lat: float, lon: float) -> Snap:
        """The nearest place on any road, by plane geometry around the point (good to 0.5 % within 300 km)."""
        east_m = METRES_PER_DEGREE * math.cos(math.radians(lat))
        north_m = METRES_PER_DEGREE
        x = (self.lons - lon) * east_m
        y = (self.lats - lat) * north_m
        start_x, start_y = x[self.starts], y[self.starts]
        run_x, run_y = x[self.ends] - start_x, y[self.ends] - start_y
        run_squared = np.maximum(run_x * run_x + run_y * run_y, 1e-9)
        fractions = np.clip(-(start_x * run_x + start_y * run_y) / run_squared, 0.0, 1.0)
        foot_x, foot_y = start_x + fractions * run_x, start_y + fractions * run_y
        edge = int(np.argmin(foot_x * foot_x + foot_y * foot_y))
        return Snap(
            edge=edge,
            fraction=float(fractions[edge]),
            lat=lat + float(foot_y[edge]) / north_m,
            lon=lon + float(foot_x[edge]) / east_m,
            offset_m=math.hypot(float(foot_x[edge]), float(foot_y[edge])),
        )


@functools.cache
def road_graph() -> RoadGraph:
    """The packaged graph. The first call reads the file (about 0.2 s); later calls return the same object.

    Raises OSError when the package was installed without its data.
    """
    with np.load(ROADS_FILE) as stored:
        lats = stored["lats_e5"].astype(np.float64) / 1e5
        lons = stored["lons_e5"].astype(np.float64) / 1e5
        starts = stored["starts"].astype(np.int64)
        ends = stored["ends"].astype(np.int64)
        lengths_m = stored["lengths_m"].astype(np.float64)
        durations_s = lengths_m / (stored["speeds_kmh"].astype(np.float64) / 3.6)
        countries = stored["countries"].astype(np.int64)
        country_codes = tuple(str(code) for code in stored["country_codes"])
    neighbours: list[list[tuple[int, int]]] = [[] for _ in range(len(lats))]
    for edge, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        neighbours[start].append((end, edge))
        neighbours[end].append((start, edge))
    return RoadGraph(
        lats=lats,
        lons=lons,
        countries=countries,
        country_codes=country_codes,
        starts=starts,
        ends=ends,
        lengths_m=lengths_m,
        durations_s=durations_s,
        neighbours=neighbours,
    )
