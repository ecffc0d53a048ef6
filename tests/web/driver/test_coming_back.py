"""Getting into the driver's page, being locked out of it and coming back: nothing recorded is lost on the way."""

import pytest
from playwright.async_api import expect

from freight.drivers.broker import BROKER_DEVICE
from freight.drivers.rules import broker_version
from store.jobs import enqueue
from store.pool import Pool
from tests.flows.office import Office
from tests.waiting import until
from tests.web.browser import Tabs
from tests.web.driver.driving import driver_phone, one_time_link, sign_in_by_password, stored

pytestmark = pytest.mark.browser

PASSWORD = "перевал Долон"


async def test_a_locked_out_phone_is_signed_out_and_comes_back_by_a_new_link_with_all_it_recorded(
    office: Office, story: Pool, tabs: Tabs
) -> None:
    phone = await driver_phone(office, tabs, "Жоомарт Бейшеев", "+996555500101")
    page = phone.page
    await phone.start()
    await phone.drive(2)
    await phone.shows(sent=2, queued=0)
    assert (await office.client.delete(f"/api/devices/{phone.carriage.device.id}")).is_success
    await expect(page.get_by_text("сервер не принимает этот телефон")).to_be_visible()
    await phone.drive(3)
    await phone.shows(sent=2, queued=3)
    await page.reload()
    await expect(page.get_by_text("Вход устарел")).to_be_visible()

    # Opened over the page as it stands, which changes nothing but the address behind the #.
    await phone.tab.open(await one_time_link(office, phone.carriage))
    await expect(page.get_by_text("Вход устарел")).to_have_count(0)
    await expect(page.get_by_text("на связи", exact=True)).to_be_visible()
    await phone.drive(1)
    await phone.shows(sent=6, queued=0)
    await expect(page.get_by_text("Запись идёт")).to_be_visible()
    assert len(await stored(story, phone.carriage)) == 6


async def test_what_waits_under_a_former_login_is_sent_under_the_new_one(
    office: Office, story: Pool, tabs: Tabs
) -> None:
    phone = await driver_phone(office, tabs, "Кылыч Сатаров", "+996555500102")
    await phone.kept_offline()
    await phone.start()
    await phone.drive(1)
    await phone.shows(sent=1, queued=0)
    await phone.context.set_offline(True)
    await phone.page.reload()
    await expect(phone.page.get_by_text("Ищем спутники")).to_be_visible()
    await phone.drive(3)
    await phone.shows(sent=1, queued=3)
    device = phone.carriage.device
    async with story.acquire() as connection, connection.transaction():
        await connection.execute("update driver_devices set disabled_at = now() where id = $1", device.id)
        fresh = await connection.fetchval(
            "insert into driver_devices (driver_id, login, kind) "
            "select driver_id, $2, kind from driver_devices where id = $1 returning id",
            device.id,
            "dfresh-" + device.login,
        )
        await enqueue(connection, BROKER_DEVICE, [str(device.id).encode(), str(fresh).encode()])

    async def told() -> bool:
        versions = await story.fetch("select broker_version from driver_devices where id in ($1, $2)", device.id, fresh)
        return sorted(row["broker_version"] for row in versions) == [broker_version(1, False), broker_version(1, True)]

    await until(told, what="the broker to know both")
    await phone.context.set_offline(False)
    await phone.shows(sent=3, queued=0)
    await phone.drive(1)
    await phone.shows(sent=4, queued=0)
    await expect(phone.page.get_by_text("Запись идёт")).to_be_visible()
    assert len(await stored(story, phone.carriage)) == 5


async def test_who_has_no_password_is_warned_and_may_set_one(office: Office, tabs: Tabs) -> None:
    phone = await driver_phone(office, tabs, "Тимур Байматов", "+996555500103")
    page = phone.page
    await page.get_by_role("button", name="Выйти").click()
    await expect(page.get_by_text("понадобится новая ссылка от диспетчера")).to_be_visible()
    await page.get_by_role("dialog").get_by_role("button", name="Отмена").click()

    await page.get_by_text("Задать пароль").click()
    await page.get_by_label("Новый пароль").fill("12345678")
    await page.get_by_role("button", name="Сохранить").click()
    await expect(page.get_by_text("Такой пароль угадают первым")).to_be_visible()
    await page.get_by_label("Новый пароль").fill(PASSWORD)
    await page.get_by_role("button", name="Сохранить").click()
    await expect(page.get_by_text("Пароль сохранён")).to_be_visible()
    await expect(page.get_by_text("Сменить пароль")).to_be_visible()

    await page.get_by_role("button", name="Выйти").click()
    await expect(page.get_by_text("понадобится новая ссылка от диспетчера")).to_have_count(0)
    await page.get_by_role("dialog").get_by_role("button", name="Выйти").click()
    await sign_in_by_password(page, "0555 50 01 03", PASSWORD)
    await expect(page.get_by_role("heading", name="Бишкек → Ош")).to_be_visible()


async def test_a_link_can_be_pasted_into_the_page_on_the_home_screen(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Руслан Эгембердиев", "+996555500104", "app")
    tab = await tabs.tab()
    page = await tab.open("/d")
    await page.get_by_label("Или вставьте ссылку сюда").fill(tab.origin + await one_time_link(office, carriage))
    await page.get_by_role("button", name="Войти").click()
    await expect(page.get_by_role("heading", name="Бишкек → Ош")).to_be_visible()
