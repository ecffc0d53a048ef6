"""The cabinet by keyboard: Escape closes one thing at a time, and shortcuts do not depend on the layout."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.flows.office import Office
from tests.web.browser import Tabs
from tests.web.cabinet.desk import Desk, signed_in_desk

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("motion", "phone"), [("no-preference", "+996555640001"), ("reduce", "+996555640002")])
async def test_escape_closes_only_what_lies_in_front(office: Office, tabs: Tabs, motion: str, phone: str) -> None:
    """Without animations a closed layer is gone before the next listener hears of the key."""
    carriage = await office.carriage("Клавиша Выхода", phone)
    await office.share(carriage.id)
    desk = await signed_in_desk(office, tabs, reduced_motion=motion)
    page = await desk.open_trip(carriage)
    await page.get_by_role("button", name="Поделиться").click()
    await page.get_by_role("button", name="Закрыть").last.click()
    question = page.get_by_role("dialog", name="Закрыть ссылку?")
    links = page.get_by_role("dialog", name="Поделиться рейсом")
    await expect(question).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(question).to_be_hidden()
    await expect(links).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(links).to_be_hidden()
    await page.get_by_role("button", name="Ещё", exact=True).click()
    await expect(page.get_by_role("menu")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("menu")).to_be_hidden()
    await expect(page).to_have_url(re.compile(rf"/trips/{carriage.id}$"))
    await page.keyboard.press("Escape")
    await expect(page).to_have_url(re.compile(r":\d+/$"))


async def test_a_trip_half_entered_is_not_lost_by_a_key(desk: Desk) -> None:
    page = await desk.open("/new")
    cargo = page.get_by_role("textbox", name="Груз")
    await cargo.fill("Хлопок")
    await page.keyboard.press("Escape")
    question = page.get_by_role("dialog", name="Закрыть без сохранения?")
    await question.get_by_role("button", name="Отмена").click()
    await expect(question).to_be_hidden()
    await expect(cargo).to_have_value("Хлопок")
    await page.keyboard.press("Escape")
    await question.get_by_role("button", name="Закрыть").last.click()
    await expect(page).to_have_url(re.compile(r":\d+/$"))


async def test_a_missing_driver_is_added_without_leaving_the_trip(desk: Desk) -> None:
    page = await desk.open("/new")
    await page.get_by_role("textbox", name="Груз").fill("Хлопок")
    await page.get_by_role("button", name="Добавить водителя").click()
    form = page.get_by_role("dialog", name="Новый водитель")
    await form.get_by_label("Имя").fill("Прямо Отсюда")
    await form.get_by_label("Телефон").fill("+996 555 640 009")
    await form.get_by_role("button", name="Добавить").click()
    await expect(form).to_be_hidden()
    await expect(page.get_by_role("combobox", name="Водитель")).to_have_value("Прямо Отсюда")
    await expect(page.get_by_role("textbox", name="Груз")).to_have_value("Хлопок")


async def test_shortcuts_are_found_by_their_place_on_a_russian_keyboard(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Русская Раскладка", "+996555640008")
    async with await office.phone(carriage.device) as phone:
        await phone.send(carriage.loading()[0])
    page = await desk.open("/")
    await expect(desk.row(carriage)).to_be_visible()
    await press_russian(page, ".", "Slash")
    await expect(page.get_by_role("textbox", name="Поиск рейса")).to_be_focused()
    await desk.open_trip(carriage)
    await press_russian(page, "а", "KeyF")
    await expect(page.get_by_role("button", name="Слежу")).to_be_visible()


async def press_russian(page: Page, letter: str, place: str) -> None:
    """A key that writes this letter there: Playwright's own keyboard is American."""
    await page.locator("body").dispatch_event("keydown", {"key": letter, "code": place, "bubbles": True})
