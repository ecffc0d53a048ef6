"""Who plays in the demonstration and what they carry: fictitious people and companies on real roads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

COMPANY = "Экспедиция «Ала-Тоо»"
DISPATCHER_NAME = "Айгуль Сатыбалдиева"
DISPATCHER_EMAIL = "demo@reis.example"


@dataclass(frozen=True, slots=True)
class Depot:
    """A loading or unloading place."""

    name: str
    address: str
    country: str
    timezone: str
    lat: float
    lon: float


DEPOTS = {
    "bishkek": Depot("Бишкек", "склад «Дордой-Логистик», ул. Кожевенная 74", "KG", "Asia/Bishkek", 42.9390, 74.6210),
    "osh": Depot("Ош", "терминал «Карасуу», Карасуйское шоссе 12", "KG", "Asia/Bishkek", 40.5560, 72.8010),
    "naryn": Depot("Нарын", "оптовая база, ул. Ленина 140", "KG", "Asia/Bishkek", 41.4290, 75.9760),
    "karakol": Depot("Каракол", "холодильный склад, ул. Пржевальского 8", "KG", "Asia/Bishkek", 42.4910, 78.3960),
    "jalal-abad": Depot("Джалал-Абад", "хлопкозавод, ул. Токтогула 31", "KG", "Asia/Bishkek", 40.9330, 72.9950),
    "tokmok": Depot("Токмок", "стекольный завод, въезд 2", "KG", "Asia/Bishkek", 42.8420, 75.3010),
    "talas": Depot("Талас", "склад фасоли, ул. Сарыгулова 5", "KG", "Asia/Bishkek", 42.5230, 72.2420),
    "almaty": Depot("Алматы", "логистический центр «Даму», Илийский тракт", "KZ", "Asia/Almaty", 43.3610, 76.9720),
    "shymkent": Depot("Шымкент", "таможенный терминал, Тамерлановское шоссе", "KZ", "Asia/Almaty", 42.3420, 69.5510),
    "tashkent": Depot("Ташкент", "терминал «Сергели», ул. Янги Сергели 14", "UZ", "Asia/Tashkent", 41.2200, 69.2210),
    "samarkand": Depot("Самарканд", "агрологистический центр, Ургут йули", "UZ", "Asia/Samarkand", 39.6390, 66.9930),
    "dushanbe": Depot("Душанбе", "терминал «Ориён», ул. Айни 301", "TJ", "Asia/Dushanbe", 38.5510, 68.8240),
    "kashgar": Depot("Кашгар", "рынок «Центральная Азия», склад 6", "CN", "Asia/Urumqi", 39.4820, 76.0210),
    "urumqi": Depot("Урумчи", "сухой порт Урумчи, площадка 3", "CN", "Asia/Urumqi", 43.8720, 87.4960),
}

# Border posts on these roads and the two countries they part, with (lat, lon); trucks wait there.
BORDERS = {
    ("CN", "KG"): {"Торугарт": (40.553, 75.389), "Иркештам": (39.683, 73.921)},
    ("CN", "KZ"): {"Хоргос": (44.213, 80.407)},
    ("KG", "KZ"): {"Кордай": (43.044, 74.716), "Чалдыбар": (42.886, 73.511), "Айша-Биби": (42.874, 71.226)},
    ("KZ", "UZ"): {"Жибек Жолы": (41.487, 69.353)},
    ("KG", "UZ"): {"Дустлик": (40.677, 72.773)},
    ("TJ", "UZ"): {"Жартепа": (39.517, 67.401), "Ойбек": (40.317, 69.105)},
}


@dataclass(frozen=True, slots=True)
class Actor:
    """A driver and his vehicle."""

    name: str
    phone: str
    plate: str
    model: str


Part = Literal["driving", "ahead", "loading", "border", "before", "unloading", "finished"]
Quirk = Literal["", "silent", "tunnels", "low_battery", "late"]


@dataclass(frozen=True, slots=True)
class Scene:
    """One trip and where it is when the demonstration begins.

    `amount` belongs to `part`: driving: share of the way; ahead, before: metres to the first or last stop;
    loading, border, unloading: minutes there so far; finished: hours since.
    """

    actor: Actor
    origin: str
    destination: str
    cargo: str
    customer: str
    weight_kg: int
    part: Part
    amount: float
    quirk: Quirk = ""


SCENES = (
    Scene(
        Actor("Нурлан Абдыкадыров", "+996555120431", "01KG482ADT", "MAN TGX 18.440"),
        *("bishkek", "osh", "Бытовая техника", "ОсОО «Технодом Юг»", 18_400, "driving", 0.36),
    ),
    Scene(
        Actor("Ерлан Касымов", "+77012345571", "482ABK02", "Volvo FH 460"),
        *("bishkek", "almaty", "Швейные изделия", "ИП «Мода-Тренд»", 9_200, "driving", 0.62),
    ),
    Scene(
        Actor("Ма Цзюнь", "+8613999120567", "XA K7391", "FAW J6P"),
        *("almaty", "urumqi", "Шкуры, мокросолёные", "Xinjiang Leather Co.", 21_000, "border", 55.0),
    ),
    Scene(
        Actor("Бакыт Токтосунов", "+996772334812", "02KG115AAB", "Scania R450"),
        *("osh", "kashgar", "Сухофрукты", "Kashgar Silk Road Trade", 19_700, "driving", 0.71),
    ),
    Scene(
        Actor("Шухрат Рахимов", "+998901234417", "01A772FB", "Mercedes-Benz Actros"),
        *("tashkent", "bishkek", "Керамическая плитка", "ОсОО «СтройДом»", 21_500, "driving", 0.47),
        "late",
    ),
    Scene(
        Actor("Азамат Жумабеков", "+996700981245", "01KG903AFN", "КамАЗ 5490"),
        *("bishkek", "naryn", "Продукты питания", "ИП Омурзакова", 11_800, "driving", 0.52),
        "tunnels",
    ),
    Scene(
        Actor("Турсунбек Эсенов", "+996559447203", "08KG077ABC", "DAF XF 480"),
        *("bishkek", "kashgar", "Порожние контейнеры", "Kashgar Intl. Logistics", 4_300, "driving", 0.66),
        "silent",
    ),
    Scene(
        Actor("Кубат Маматов", "+996777556018", "03KG641AEK", "Volvo FM"),
        *("jalal-abad", "bishkek", "Хлопковое волокно", "АО «Бишкек-Текстиль»", 17_900, "driving", 0.24),
        "low_battery",
    ),
    Scene(
        Actor("Данияр Сулейменов", "+77773456120", "718DLN17", "MAN TGS"),
        *("shymkent", "almaty", "Растительное масло", "ТОО «Алма-Маркет»", 20_100, "before", 7_500.0),
    ),
    Scene(
        Actor("Олег Ким", "+77057781934", "205KMO02", "Scania S500"),
        *("almaty", "tashkent", "Запчасти", "OOO «Avto Resurs»", 12_600, "driving", 0.18),
    ),
    Scene(
        Actor("Улугбек Каримов", "+998935550172", "40B318KA", "Isuzu Giga"),
        *("osh", "tashkent", "Рис узгенский", "ООО «Fargona Don»", 20_000, "unloading", 44.0),
    ),
    Scene(
        Actor("Талант Осмонов", "+996708112934", "01KG256ALR", "DAF CF 85"),
        *("bishkek", "osh", "Стеклотара", "ОсОО «Ош-Напитки»", 16_300, "loading", 26.0),
    ),
    Scene(
        Actor("Эрмек Исаков", "+996550667321", "01KG834AGM", "Mercedes-Benz Axor"),
        *("bishkek", "karakol", "Медоборудование", "Иссык-Кульская облбольница", 3_800, "ahead", 9_000.0),
    ),
    Scene(
        Actor("Фаррух Назаров", "+992918334560", "4417AA01", "КамАЗ 65116"),
        *("samarkand", "dushanbe", "Виноград, рефрижератор", "ООО «Мевахои Тоза»", 15_400, "driving", 0.55),
    ),
    Scene(
        Actor("Руслан Бейшеналиев", "+996773204519", "01KG519ABS", "Volvo FH 500"),
        *("tokmok", "almaty", "Листовое стекло", "ТОО «Витраж»", 22_000, "finished", 3.0),
    ),
    Scene(
        Actor("Жаныбек Садыков", "+996556781043", "01KG340AKT", "MAN TGX"),
        *("karakol", "bishkek", "Яблоки", "ОсОО «Фрутимпекс»", 18_000, "finished", 6.5),
    ),
    Scene(
        Actor("Мирлан Асанов", "+996705443187", "07KG212ADC", "Scania G410"),
        *("tashkent", "shymkent", "Пластиковая тара", "ТОО «Оңтүстік-Пак»", 7_900, "finished", 9.0),
    ),
    Scene(
        Actor("Сыймык Тилеков", "+996559330876", "02KG778AAH", "DAF XF 105"),
        *("bishkek", "talas", "Мука", "ИП Керимкулов", 19_500, "finished", 14.0),
    ),
    Scene(
        Actor("Айбек Чолпонбаев", "+996700554912", "01KG067AMR", "Volvo FH 420"),
        *("osh", "bishkek", "Мёд, тара", "ОсОО «Ак-Бал»", 8_600, "finished", 19.0),
    ),
)

# Played by whoever looks at the demonstration: his phone is yours.
YOUR_ACTOR = Actor("Вы — водитель", "+996500000001", "01KG001DEM", "Ваш телефон")
YOUR_SCENE = Scene(YOUR_ACTOR, "bishkek", "karakol", "Тестовый груз", "ОсОО «Демонстрация»", 1_000, "ahead", 0.0)

# What a driver carries next, wherever the last trip ended.
NEXT_CARGOES = (
    ("Строительные смеси", "ОсОО «Строй-Азия»", 19_000),
    ("Бытовая химия", "ТОО «Чистый дом»", 12_400),
    ("Овощи, рефрижератор", "ОсОО «Агро-Линия»", 16_800),
    ("Мебель в разборе", "ИП «Комфорт»", 6_900),
    ("Обувь", "ОсОО «Шаг»", 5_200),
    ("Металлопрокат", "ТОО «СтальТрейд»", 21_800),
)
