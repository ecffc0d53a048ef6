"""The packaged list: complete where freight goes, named as people write, and the same on every machine."""

import zoneinfo
from collections import Counter

import pytest

from geo.place_names import fold
from geo.places import OTHER_NAME, SHOWN_NAME, Place, country_name, places, places_hash

CYRILLIC_COUNTRIES = {"KG", "KZ", "UZ", "TJ", "TM", "RU"}


@pytest.fixture(scope="module")
def by_id() -> dict[int, Place]:
    return {place.id: place for place in places()}


def test_ids_are_unique_and_in_order() -> None:
    ids = [place.id for place in places()]
    assert ids == sorted(set(ids))


def test_the_list_covers_the_countries_freight_goes_to() -> None:
    counts = Counter(place.country for place in places())
    assert counts["KG"] > 100
    assert counts["KZ"] > 300
    assert counts["UZ"] > 200
    assert counts["TJ"] > 90
    assert counts["CN"] > 500
    assert counts["RU"] > 1000
    assert {"AF", "TM", "TR", "IR", "MN", "GE", "AZ", "AM", "BY", "UA", "PK"} <= set(counts)


@pytest.mark.parametrize(
    ("number", "ru", "en", "ky"),
    [
        (1528675, "Бишкек", "Bishkek", "Бишкек"),
        (1512569, "Ташкент", "Tashkent", "Ташкент"),
        (1526384, "Алматы", "Almaty", "Алматы"),
        (1221874, "Душанбе", "Dushanbe", "Дүйшөмбү"),
        (1529102, "Урумчи", "Ürümqi", "Үрүмчү"),
        (1280849, "Кашгар", "Kashgar", "Кашкар"),
        (524901, "Москва", "Moscow", "Москва"),
        (1790630, "Сиань", "Xi’an", "Сиань"),
        (1496747, "Новосибирск", "Novosibirsk", "Новосибирск"),
        (900000001, "Торугарт (КПП)", "Torugart border post", "Торугарт (КӨП)"),
    ],
)
def test_well_known_places_are_named_as_people_write_them(
    by_id: dict[int, Place], number: int, ru: str, en: str, ky: str
) -> None:
    place = by_id[number]
    assert (place.name_ru, place.name_en, place.name_ky) == (ru, en, ky)


def test_every_russian_name_of_the_region_is_in_russian_letters() -> None:
    russian = set("абвгдеёжзийклмнопрстуфхцчшщъыьэюя -()—.0123456789№")
    odd = [
        place.name_ru
        for place in places()
        if place.country in CYRILLIC_COUNTRIES and set(place.name_ru.lower()) - russian
    ]
    assert len(odd) <= 3, odd


def test_no_russian_name_is_spelt_the_ukrainian_way() -> None:
    assert [place.name_ru for place in places() if place.name_ru.endswith(("ськ", "цьк", "ъ"))] == []


def test_every_place_is_on_the_globe_and_in_a_known_time_zone() -> None:
    known = zoneinfo.available_timezones()
    for place in places():
        assert -90 <= place.lat <= 90, place
        assert -180 <= place.lon <= 180, place
        assert place.timezone in known, place
        assert place.population >= 0, place


def test_every_place_has_a_name_in_each_language() -> None:
    assert [
        place for place in places() if not (place.name_ru and place.name_en and place.name_ky and place.name_local)
    ] == []


def test_border_posts_lie_where_trucks_cross(by_id: dict[int, Place]) -> None:
    posts = [place for place in places() if place.kind == "border"]
    assert len(posts) > 80
    torugart = by_id[900000001]
    assert (torugart.lat, torugart.lon) == pytest.approx((40.55, 75.39), abs=0.05)


def test_shown_names_weigh_more_than_others(by_id: dict[int, Place]) -> None:
    weights = by_id[1528675].folded_names()
    assert weights[fold("Бишкек")] == SHOWN_NAME
    assert weights[fold("Фрунзе")] == OTHER_NAME


def test_countries_are_named_in_every_language() -> None:
    for code in {place.country for place in places()}:
        for language in ("ru", "en", "ky"):
            assert country_name(code, language) != code  # type: ignore[arg-type]
    assert country_name("KG", "ru") == "Кыргызстан"


def test_an_unknown_country_is_shown_by_its_code() -> None:
    assert country_name("ZZ", "ru") == "ZZ"


def test_the_hash_is_the_same_each_time() -> None:
    assert places_hash() == places_hash()
    assert len(places_hash()) == 32
