"""A driver is added, connected, and given a trip; the bell tells of it."""

import re

import pytest
from playwright.async_api import Response, expect

from freight.trips.views import TripDetail
from store.pool import Pool
from tests.cast import make_dispatcher, share_driver
from tests.flows.office import Office
from tests.web.browser import PHONE, Tabs
from tests.web.cabinet.desk import Desk, signed_in_desk

pytestmark = pytest.mark.browser


async def test_a_new_driver_gets_a_link_and_a_tracker(desk: Desk) -> None:
    page = await desk.open("/drivers")
    await page.get_by_role("button", name="Добавить водителя").first.click()
    await desk.dialog().get_by_label("Имя").fill("Токтогул Сатылганов")
    await desk.dialog().get_by_label("Телефон").fill("нет телефона")
    await desk.dialog().get_by_role("button", name="Добавить").click()
    await expect(desk.dialog().get_by_text("Это не похоже на номер телефона.")).to_be_visible()
    await desk.dialog().get_by_label("Телефон").fill("0555 620 001")
    await desk.dialog().get_by_role("button", name="Добавить").click()
    await expect(page).to_have_url(re.compile(r"/drivers/\d+$"))
    await page.get_by_role("button", name="Создать ссылку").click()
    await expect(page.get_by_role("textbox", name="Ссылка водителя")).to_have_value(re.compile(r"/d#.{20,}"))
    await expect(page.get_by_role("img", name="QR-код ссылки водителя")).to_be_visible()
    await page.get_by_role("button", name="Добавить", exact=True).click()
    await page.get_by_role("menuitem", name="Traccar Client").click()
    await expect(page.get_by_text("Настройки ждут водителя на его странице")).to_be_visible()
    tracker = page.get_by_role("article").filter(has_text="Traccar Client")
    await expect(tracker).to_contain_text("ещё не выходил")
    await expect(tracker.get_by_role("button", name="Отключить")).to_be_visible()


async def test_no_secret_of_a_phone_reaches_the_cabinet(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Скрытный Водитель", "+996555620024")
    answers: list[Response] = []
    desk.page.on("response", lambda answer: answers.append(answer))
    page = await desk.open(f"/drivers/{carriage.trip.driver.id}")
    await expect(page.get_by_role("article").filter(has_text="OwnTracks")).to_be_visible()
    await expect(page.get_by_role("button", name="Настроить")).to_have_count(0)
    told = [await answer.text() for answer in answers if "/api/" in answer.url]
    assert any(f'"id":{carriage.device.id},' in text for text in told)
    for secret in (carriage.device.password, carriage.device.login, carriage.device.traccar_id, "owntracks:"):
        assert not any(secret in text for text in told)


async def test_a_driver_of_two_companies_is_only_looked_at(office: Office, desk: Desk, story: Pool) -> None:
    carriage = await office.carriage("Общий Водитель", "+996555620025")
    other = await make_dispatcher(story, "Другая фирма", "Другой Диспетчер", "other@firm.example")
    await share_driver(story, other, carriage.trip.driver.id)
    page = await desk.open(f"/drivers/{carriage.trip.driver.id}")
    await expect(page.get_by_text("Этот водитель работает и с другой компанией.")).to_be_visible()
    await expect(page.get_by_role("article").filter(has_text="OwnTracks")).to_be_visible()
    for name in ("Создать ссылку", "Отключить", "Добавить", "Сохранить"):
        await expect(page.get_by_role("dialog").get_by_role("button", name=name, exact=True)).to_have_count(0)


@pytest.mark.usefixtures("gazetteer")
async def test_a_trip_is_given_with_cities_found_in_spite_of_typos(office: Office, desk: Desk) -> None:
    busy = await office.carriage("Занятый Водитель", "+996555620002")
    page = await desk.open("/drivers")
    await page.get_by_role("button", name="Добавить водителя").first.click()
    await desk.dialog().get_by_label("Имя").fill("Свободный Водитель")
    await desk.dialog().get_by_label("Телефон").fill("+996 555 620 003")
    await desk.dialog().get_by_role("button", name="Добавить").click()
    await expect(page).to_have_url(re.compile(r"/drivers/\d+$"))
    await desk.open("/new")
    await desk.dialog().get_by_role("button", name="Создать рейс").click()
    await expect(desk.dialog().get_by_role("alert")).to_contain_text("Назовите груз.")
    await desk.dialog().get_by_role("combobox", name="Водитель").click()
    taken = page.get_by_role("option", name=re.compile(busy.trip.driver.name))
    await expect(taken).to_have_attribute("data-combobox-disabled", "true")
    await page.get_by_role("option", name=re.compile("Свободный Водитель")).click()
    for number, (typed, meant) in enumerate((("Бишкк", "Бишкек"), ("Торугар", "Торугарт"))):
        field = desk.dialog().get_by_role("combobox", name="Город или пункт").nth(number)
        await field.click()
        await field.press_sequentially(typed)
        await page.get_by_role("option", name=re.compile(meant)).first.click()
    await expect(desk.dialog().get_by_text(re.compile(r"\d+ км"))).to_be_visible()
    await desk.dialog().get_by_label("Груз").fill("Мёд в бочках")
    await desk.dialog().get_by_role("button", name="Создать рейс").click()
    await expect(page).to_have_url(re.compile(r"/trips/\d+$"))
    await expect(page.get_by_role("heading", name=re.compile("Бишкек → Торугарт"))).to_be_visible()
    detail = await office.get("/api" + page.url.partition("/trips")[1] + page.url.partition("/trips")[2], TripDetail)
    assert detail.trip.cargo_name == "Мёд в бочках"
    assert detail.trip.stops[1].timezone == "Asia/Bishkek"
    assert detail.trip.stops[1].fence is None


@pytest.mark.usefixtures("gazetteer")
async def test_a_city_can_be_hit_on_a_phone(office: Office, tabs: Tabs) -> None:
    """A list of choices that sticks out must not widen the page: it would never come to rest."""
    desk = await signed_in_desk(office, tabs, viewport=PHONE, is_mobile=True, has_touch=True)
    page = await desk.open("/new")
    field = desk.dialog().get_by_role("combobox", name="Город или пункт").first
    await field.tap()
    await field.press_sequentially("Бишкек")
    await page.get_by_role("option", name=re.compile("Бишкек")).first.tap()
    await expect(field).to_have_value("Бишкек")


async def test_the_bell_counts_and_is_emptied(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Звонкий Водитель", "+996555620004")
    page = await desk.open("/")
    await expect(desk.row(carriage)).to_be_visible()
    async with await office.phone(carriage.device) as phone:
        for fix in carriage.loading():
            await phone.send(fix)
    bell = page.get_by_role("button", name=re.compile("Уведомления"))
    await expect(bell).to_have_accessible_name(re.compile("непрочитанн"))
    await bell.click()
    await expect(desk.dialog().get_by_text("Звонкий Водитель", exact=False).first).to_be_visible()
    await desk.dialog().get_by_role("button", name="Отметить все прочитанными").click()
    await page.keyboard.press("Escape")
    await expect(bell).to_have_accessible_name("Уведомления")
