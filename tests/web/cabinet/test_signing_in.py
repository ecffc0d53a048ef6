"""Coming in, changing the language, going out."""

import pytest
from playwright.async_api import expect

from tests.cast import CAST_PASSWORD
from tests.flows.office import Office
from tests.web.browser import Tabs
from tests.web.cabinet.desk import Desk

pytestmark = pytest.mark.browser


async def test_it_says_in_plain_words_that_the_password_is_wrong(office: Office, tabs: Tabs) -> None:
    page = await (await tabs.tab()).open("/")
    await page.get_by_label("E-mail или телефон").fill(office.person.login or "")
    await page.get_by_label("Пароль", exact=True).fill("не тот пароль")
    await page.get_by_role("button", name="Войти").click()
    await expect(page.get_by_role("alert")).to_have_text("Неверный логин или пароль.")


async def test_whoever_comes_by_a_deep_link_lands_there_after_signing_in(office: Office, tabs: Tabs) -> None:
    page = await (await tabs.tab()).open("/archive")
    await page.get_by_label("E-mail или телефон").fill(office.person.login or "")
    await page.get_by_label("Пароль", exact=True).fill(CAST_PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Архив")).to_be_visible()
    assert page.url.endswith("/archive")


async def test_the_password_can_be_shown(tabs: Tabs) -> None:
    page = await (await tabs.tab()).open("/")
    field = page.get_by_label("Пароль", exact=True)
    await field.fill("тайна")
    await expect(field).to_have_attribute("type", "password")
    await page.get_by_role("button", name="Показать пароль").click()
    await expect(field).to_have_attribute("type", "text")


async def test_the_sign_in_speaks_three_languages(tabs: Tabs) -> None:
    page = await (await tabs.tab()).open("/")
    for language, title in (("English", "Sign in"), ("Кыргызча", "Кабинетке кирүү"), ("Русский", "Вход в кабинет")):
        await page.get_by_text(language, exact=True).click()
        await expect(page.get_by_role("heading", name=title)).to_be_visible()


async def test_the_chosen_language_is_the_persons_and_stays(office: Office, desk: Desk) -> None:
    page = await desk.open("/archive")
    await page.get_by_role("button", name="Меню").click()
    await page.get_by_role("menuitem", name="English").click()
    await expect(page.get_by_role("heading", name="Archive")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Archive")).to_be_visible()
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("menuitem", name="Русский").click()
    await expect(page.get_by_role("heading", name="Архив")).to_be_visible()


async def test_who_signs_out_sees_nothing_more(office: Office, tabs: Tabs) -> None:
    page = await (await tabs.tab()).open("/drivers")
    await page.get_by_label("E-mail или телефон").fill(office.person.login or "")
    await page.get_by_label("Пароль", exact=True).fill(CAST_PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Меню").click()
    await page.get_by_role("menuitem", name="Выйти").click()
    await expect(page.get_by_role("heading", name="Вход в кабинет")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Вход в кабинет")).to_be_visible()
