"""Chinese names in Russian letters as maps write them."""

import pytest

from geo.data.palladius import palladius


@pytest.mark.parametrize(
    ("pinyin", "russian"),
    [
        ("Beijing", "Бэйцзин"),
        ("Shanghai", "Шанхай"),
        ("Guangzhou", "Гуанчжоу"),
        ("Xi’an", "Сиань"),
        ("Zhengzhou", "Чжэнчжоу"),
        ("Chengdu", "Чэнду"),
        ("Qingyang", "Цинъян"),
        ("Jiangyin", "Цзянъинь"),
        ("Lüliang", "Люйлян"),
        ("Quanzhou", "Цюаньчжоу"),
        ("Xuzhou", "Сюйчжоу"),
        ("Zibo", "Цзыбо"),
        ("Huizhou", "Хуэйчжоу"),
        ("Tiānjīn", "Тяньцзинь"),
        ("Yiwu", "Иу"),
    ],
)
def test_pinyin_is_written_by_the_system(pinyin: str, russian: str) -> None:
    assert palladius(pinyin) == russian


@pytest.mark.parametrize("name", ["Harbin", "Ürümqi", "Kashgar", "", "123", "Ürzhar"])
def test_other_names_are_left_to_others(name: str) -> None:
    assert palladius(name) is None
