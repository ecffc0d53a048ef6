"""Loading the list of places and finding one by anything a dispatcher may type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from freight.places import queries
from freight.places.views import PlaceView
from geo.place_names import fold, retyped
from geo.places import Language, Place, country_name, places, places_hash
from store.pool import Connection

LONGEST_TEXT = 80
MOST_RESULTS = 50

# The text as typed is believed before what it would be on the other keyboard.
TYPED, RETYPED = 1.0, 0.8


async def load_places(connection: Connection) -> int:
    """Bring the tables in line with the packaged list; returns how many places were written, 0 when none had to be.

    Idempotent and safe to call from several processes at once; about 2 s when there is something to do, a
    millisecond otherwise. Orders that name a place keep it.
    """
    digest = places_hash()
    async with connection.transaction():
        await connection.execute(queries.LOCK_LOADING)
        if await connection.fetchval(queries.LOADED_HASH) == digest:
            return 0
        listed = places()
        await connection.execute(queries.STAGE_PLACES)
        await connection.copy_records_to_table(
            "staged_places", records=[_row(place) for place in listed], columns=queries.PLACE_COLUMNS
        )
        await connection.execute(queries.MERGE_PLACES)
        await connection.execute(queries.CLEAR_NAMES)
        await connection.copy_records_to_table(
            "place_names",
            records=[(place.id, name, weight) for place in listed for name, weight in place.folded_names().items()],
            columns=queries.NAME_COLUMNS,
        )
        await connection.execute(queries.SAVE_HASH, digest)
    # The planner would take an empty table's statistics for the first searches otherwise.
    await connection.execute(queries.ANALYSE_PLACES)
    await connection.execute(queries.ANALYSE_NAMES)
    return len(listed)


async def search_places(
    connection: Connection,
    text: str,
    language: Language,
    limit: int = 10,
    near: tuple[float, float] | None = None,
) -> list[PlaceView]:
    """The places `text` most likely means, best first, named in `language`.

    Finds by Russian, English, Kyrgyz, local and old names, while still typing, with typos, without accents, in the
    wrong keyboard layout. `near` (lat, lon in degrees) prefers places around it; `limit` is held to 1..50. Text
    without a letter or digit finds nothing.
    """
    spellings = _spellings(text)
    if not spellings:
        return []
    lat, lon = near if near is not None else (None, None)
    rows = await connection.fetch(
        queries.SEARCH,
        list(spellings),
        list(spellings.values()),
        max(1, min(limit, MOST_RESULTS)),
        lat,
        lon,
        # Folded text has letters, digits and spaces alone: nothing LIKE takes for a pattern.
        [f"{spelling}%" for spelling in spellings],
    )
    return [_view(row, language) for row in rows]


def _spellings(text: str) -> dict[str, float]:
    cut = text[:LONGEST_TEXT]
    spellings = {fold(retyped(cut) or ""): RETYPED, fold(cut): TYPED}
    spellings.pop("", None)
    return spellings


def _row(place: Place) -> Sequence[object]:
    return tuple(getattr(place, column) for column in queries.PLACE_COLUMNS)


def _view(row: Any, language: Language) -> PlaceView:
    name = row[f"name_{language}"]
    shown = {fold(row[column]): row[column] for column in ("name_local", "name_ky", "name_en", "name_ru")}
    shown[fold(name)] = name
    hit = row["name_folded"]
    return PlaceView(
        id=row["id"],
        name=name,
        country=row["country"],
        country_name=country_name(row["country"], language),
        kind=row["kind"],
        lat=row["lat"],
        lon=row["lon"],
        timezone=row["timezone"],
        matched=shown.get(hit, hit.title()),
    )
