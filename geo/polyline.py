"""Google's encoded polylines: a line of (lat, lon) as a short string, and back.

Precision 5 (1e-5 degree, about a metre) is what the hub stores and browsers read; Valhalla and OSRM answer with 6.
Format: https://developers.google.com/maps/documentation/utilities/polylinealgorithm
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from geo.errors import PolylineUnreadable

HUB_PRECISION = 5
ROUTER_PRECISION = 6


def encode_polyline(line: Iterable[tuple[float, float]], precision: int = HUB_PRECISION) -> str:
    """The line's (lat, lon) degrees as an encoded polyline."""
    scale = 10**precision
    characters: list[str] = []
    last_lat = last_lon = 0
    for lat, lon in line:
        steps_lat, steps_lon = round(lat * scale), round(lon * scale)
        characters.append(_written(steps_lat - last_lat))
        characters.append(_written(steps_lon - last_lon))
        last_lat, last_lon = steps_lat, steps_lon
    return "".join(characters)


def decode_polyline(text: str, precision: int = HUB_PRECISION) -> list[tuple[float, float]]:
    """The (lat, lon) degrees of an encoded polyline; raises PolylineUnreadable for anything else."""
    scale = 10**precision
    line: list[tuple[float, float]] = []
    lat = lon = 0
    changes = _changes(text)
    for change in changes:
        try:
            lat, lon = lat + change, lon + next(changes)
        except StopIteration:
            raise PolylineUnreadable("a point has no longitude") from None
        line.append((lat / scale, lon / scale))
    return line


def _written(change: int) -> str:
    rest = ~(change << 1) if change < 0 else change << 1
    characters = []
    while rest >= 32:
        characters.append(chr((32 | rest & 31) + 63))
        rest >>= 5
    characters.append(chr(rest + 63))
    return "".join(characters)


def _changes(text: str) -> Iterator[int]:
    number = shift = 0
    for character in text:
        group = ord(character) - 63
        if not 0 <= group <= 63:
            raise PolylineUnreadable(f"foreign character {character!r}")
        number |= (group & 31) << shift
        shift += 5
        if group < 32:
            yield ~(number >> 1) if number & 1 else number >> 1
            number = shift = 0
    if shift:
        raise PolylineUnreadable("the last number is cut short")
