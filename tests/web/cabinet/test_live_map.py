"""«Карта логистики»: what the phones say is seen at once, found, and pressed on the map."""

import re

import pytest
from playwright.async_api import expect

from tests.flows.office import Office
from tests.processes import HubProcesses
from tests.waiting import until
from tests.web.browser import PHONE, Tabs
from tests.web.cabinet.desk import Desk, drive, signed_in_desk

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.hacked=1">'


async def test_a_stage_is_shown_and_told_without_a_reload(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Живой Водитель", "+996555600001")
    await desk.open("/")
    await expect(desk.row(carriage)).to_contain_text("Назначен")
    async with await office.phone(carriage.device) as phone:
        for fix in carriage.loading():
            await phone.send(fix)
        await expect(desk.row(carriage)).to_contain_text("На погрузке")
        toast = desk.page.get_by_role("alert").filter(has_text="Прибыл на погрузку: Бишкек")
        await expect(toast.filter(has_text="по данным, дошедшим позже").first).to_be_visible()
        for fix in carriage.road()[:20]:
            await phone.send(fix)
    await expect(desk.row(carriage)).to_contain_text("В пути")
    await expect(desk.row(carriage)).to_contain_text("нет связи")


async def test_an_open_bell_shows_what_has_just_happened(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Звонкий Водитель", "+996555600009")
    page = await desk.open("/")
    await expect(desk.row(carriage)).to_be_visible()
    await page.get_by_role("button", name="Уведомления").click()
    await expect(desk.dialog()).to_be_visible()
    async with await office.phone(carriage.device) as phone:
        for fix in carriage.loading():
            await phone.send(fix)
    told = desk.dialog().get_by_role("link").filter(has_text="Звонкий Водитель")
    await expect(told.filter(has_text="Прибыл на погрузку")).to_have_count(1)


async def test_a_trip_is_found_by_driver_and_hidden_by_another_stage(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Ёлкин Пётр", "+996555600002")
    other = await office.carriage("Совсем Другой", "+996555600003")
    page = await desk.open("/")
    await expect(desk.row(other)).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type("елкин")
    await expect(desk.row(other)).to_be_hidden()
    await expect(desk.row(carriage)).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(desk.row(other)).to_be_visible()
    await page.get_by_label("Поиск рейса").fill("такого нет нигде")
    await page.get_by_role("button", name="Показать все рейсы").click()
    await expect(desk.row(carriage)).to_be_visible()


async def test_arrows_walk_through_the_list_and_enter_opens(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Клавишный Водитель", "+996555600004")
    page = await desk.open("/")
    await page.get_by_label("Поиск рейса").fill("клавишный")
    await expect(desk.row(carriage)).to_be_visible()
    await page.get_by_role("heading", name="Карта логистики").click()
    await page.keyboard.press("ArrowDown")
    await expect(desk.row(carriage)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"/trips/{carriage.id}$"))
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("heading", name="Карта логистики")).to_be_visible()


async def test_a_followed_truck_is_in_the_middle_and_can_be_pressed_there(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Нажатый Водитель", "+996555600005")
    await drive(office, carriage, minutes=40)
    page = await desk.open_trip(carriage)
    left, top, width, height = await desk.map_box()
    await page.get_by_role("button", name="Следить").click()
    await expect(page.get_by_role("button", name="Слежу")).to_be_visible()
    left_words = await page.get_by_text("осталось").first.inner_text()
    async with await office.phone(carriage.device) as phone:
        await phone.send(carriage.road()[41])
    await expect(page.get_by_text("осталось").first).not_to_have_text(left_words)
    await page.get_by_role("button", name="Приблизить").click()
    await page.get_by_role("link", name="К списку рейсов").click()

    async def pressed() -> bool:
        await page.mouse.click(left + width / 2, top + height / 2)
        return page.url.endswith(f"/trips/{carriage.id}")

    # A truck glides to its newest place for a moment more: where it is in the end is what counts.
    await until(pressed, what="the trip of the truck in the middle")


async def test_a_lost_server_is_told_and_the_picture_heals_by_itself(
    office: Office, hub: HubProcesses, desk: Desk
) -> None:
    carriage = await office.carriage("Терпеливый Водитель", "+996555600006")
    page = await desk.open("/")
    await expect(desk.row(carriage)).to_contain_text("Назначен")
    await hub.kill("push")
    await expect(page.get_by_text("Нет связи с сервером")).to_be_visible()
    await drive(office, carriage)
    await hub.start("push")
    await expect(desk.row(carriage)).to_contain_text("В пути")
    await expect(page.get_by_text("Нет связи с сервером")).to_be_hidden()


async def test_hostile_words_stay_words(office: Office, desk: Desk) -> None:
    carriage = await office.carriage(HOSTILE, "+996555600007")
    page = await desk.open_trip(carriage)
    await expect(page.get_by_text(HOSTILE).first).to_be_visible()
    assert await page.evaluate("window.hacked") is None


async def test_on_a_phone_the_list_is_a_sheet_that_opens_and_closes(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Карманный Водитель", "+996555600008")
    desk = await signed_in_desk(office, tabs, viewport=PHONE, has_touch=True, is_mobile=True)
    page = await desk.open("/")
    await expect(desk.row(carriage)).to_be_attached()
    sheet = page.get_by_role("complementary", name="Карта логистики")
    await expect(sheet).to_have_attribute("data-detent", "half")
    await page.get_by_role("button", name="Развернуть на весь экран").click()
    await expect(sheet).to_have_attribute("data-detent", "full")
    await page.get_by_role("button", name="Свернуть список").press("ArrowDown")
    await page.get_by_role("button", name="Развернуть на весь экран").press("ArrowDown")
    await expect(sheet).to_have_attribute("data-detent", "low")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
