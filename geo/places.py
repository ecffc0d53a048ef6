"""The places freight goes to and from: towns, border posts, dry ports, with every name they are known by.

The list is made by `geo.data.make_places` (sources named there) and ships with the hub.
"""

from __future__ import annotations

import csv
import functools
import gzip
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from geo import place_names
from geo.place_names import fold

PLACES_FILE = Path(__file__).parent / "data" / "places.csv.gz"
COUNTRIES_FILE = Path(__file__).parent / "data" / "countries.csv"

Language = Literal["ru", "en", "ky"]
Kind = Literal["city", "border", "dry_port"]

_KINDS: dict[str, Kind] = {"city": "city", "border": "border", "dry_port": "dry_port"}

# How sure a name is: what we show in some language, and what others call or called it.
SHOWN_NAME = 2
OTHER_NAME = 1


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `id` is GeoNames' number, or one from 900 000 001 for places of our own list; it never changes.

    `country` is the ISO 3166 code, `lat` and `lon` degrees, `timezone` an IANA name; `population` 0 where unknown.
    `names` are further names in any language: old ones, local ones, other spellings.
    """

    id: int
    name_ru: str
    name_en: str
    name_ky: str
    name_local: str
    country: str
    kind: Kind
    lat: float
    lon: float
    population: int
    names: tuple[str, ...]
    timezone: str

    def folded_names(self) -> dict[str, int]:
        """Every name as it is compared, with how sure it is (SHOWN_NAME or OTHER_NAME)."""
        weights = {fold(name): OTHER_NAME for name in self.names}
        weights |= {fold(name): SHOWN_NAME for name in (self.name_ru, self.name_en, self.name_ky, self.name_local)}
        weights.pop("", None)
        return weights


@functools.cache
def places() -> tuple[Place, ...]:
    """All places in the order of their ids; read once (about 0.1 s)."""
    with gzip.open(PLACES_FILE, "rt", encoding="utf-8", newline="") as stream:
        return tuple(_place(row) for row in csv.DictReader(stream))


def places_hash() -> bytes:
    """SHA-256 of all that decides what is loaded: the list and the code that folds its names."""
    sources = (PLACES_FILE, Path(__file__), Path(place_names.__file__))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).digest()


def country_name(code: str, language: Language) -> str:
    """A country's name by its ISO code; the code itself for one no place of ours lies in."""
    names = _country_names().get(code)
    return names[language] if names else code


@functools.cache
def _country_names() -> dict[str, dict[Language, str]]:
    text = COUNTRIES_FILE.read_text(encoding="utf-8")
    return {
        row["code"]: {"ru": row["name_ru"], "en": row["name_en"], "ky": row["name_ky"]}
        for row in csv.DictReader(io.StringIO(text))
    }


def _place(row: dict[str, str]) -> Place:
    return Place(
        id=int(row["id"]),
        name_ru=row["name_ru"],
        name_en=row["name_en"],
        name_ky=row["name_ky"],
        name_local=row["name_local"],
        country=row["country"],
        kind=_KINDS[row["kind"]],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        population=int(row["population"]),
        names=tuple(name for name in row["names"].split(";") if name),
        timezone=row["timezone"],
    )
