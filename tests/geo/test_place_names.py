"""One spelling for all, and the other keyboard."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geo.place_names import fold, retyped


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Өзгөн", "озгон"),
        ("Үрүмчү", "Урумчу"),
        ("Қарағанды", "Караганды"),
        ("Орёл", "Орел"),
        ("Казань", "казан"),
        ("Qo‘qon", "qoqon"),
        ("Ürümqi", "urumqi"),
        ("İzmir", "izmir"),
        ("Kara-Kul’", "kara  kul"),
        ("Ташкент.", " ташкент"),
        ("Йошкар-Ола", "йошкар ола"),
    ],
)
def test_spellings_of_one_name_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("Ош", "Ом"), ("Кара-Суу", "Кара-Су"), ("Аксу", "Аксай")])
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text(max_size=40))
@example("𝔍")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(max_size=40))
def test_folded_text_has_nothing_like_takes_for_a_pattern(text: str) -> None:
    assert not set("%_\\'\"") & set(fold(text))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("<birtr", "бишкек"),
        ("Ji", "ош"),
        ("Nfirtyn", "ташкент"),
        ("ещлещпгд", "toktogul"),
        (";fkfk-f,fl", "жалал-абад"),
        ("йщэйщт", "qo'qon"),
    ],
)
def test_the_other_layout_is_read(typed: str, meant: str) -> None:
    assert retyped(typed) == meant


@pytest.mark.parametrize("text", ["", "123", "Бишкек city", "乌鲁木齐", "Өзгөн", "—", "бишк", "жа"])
def test_text_no_single_layout_gives_is_left_alone(text: str) -> None:
    assert retyped(text) is None
