"""What goes wrong is told to the driver at once, in his language and with what helps."""

import pytest
from playwright.async_api import expect

from tests.flows.office import Office
from tests.web.browser import Tabs
from tests.web.driver.driving import START, driver_phone, one_time_link

pytestmark = pytest.mark.browser

REASON = "Груз забрала другая машина"


async def cancel(office: Office, trip_id: int) -> None:
    answer = await office.client.post(f"/api/trips/{trip_id}/end", json={"action": "cancel", "reason": REASON})
    assert answer.is_success


async def test_a_cancelled_trip_is_told_with_its_reason_until_it_is_read(office: Office, tabs: Tabs) -> None:
    phone = await driver_phone(office, tabs, "Максат Нуров", "+996555500201")
    page = phone.page
    await phone.start()
    await phone.drive(1)
    await phone.shows(sent=1, queued=0)
    await cancel(office, phone.carriage.id)
    # At once: the page's own round comes but once a minute.
    await expect(page.get_by_role("heading", name="Рейс отменён")).to_be_visible()
    await expect(page.get_by_text(REASON)).to_be_visible()
    await expect(page.get_by_text("Запись идёт")).to_have_count(0)
    await page.get_by_role("button", name="Eng").click()
    await expect(page.get_by_role("heading", name="The trip is cancelled")).to_be_visible()
    await page.get_by_role("button", name="I see").click()
    await expect(page.get_by_text(REASON)).to_have_count(0)
    await page.reload()
    await expect(page.get_by_text("No trip yet")).to_be_visible()
    await expect(page.get_by_text(REASON)).to_have_count(0)


async def test_a_stage_refused_after_the_end_is_explained_in_the_drivers_language(office: Office, tabs: Tabs) -> None:
    phone = await driver_phone(office, tabs, "Азиз Кенжебаев", "+996555500202")
    page = phone.page
    await page.get_by_role("button", name="Кыргызча").click()
    await phone.context.set_offline(True)
    await page.get_by_role("button", name="Жүктөөгө келдим").click()
    await page.get_by_role("button", name="Ооба", exact=True).click()
    await expect(page.get_by_text("байланыш чыкканда жөнөйт").first).to_be_visible()
    await cancel(office, phone.carriage.id)
    await phone.context.set_offline(False)
    await expect(page.get_by_text("Белги кабыл алынган жок: рейс бүтүп калган.")).to_be_visible()


async def test_over_plain_http_the_page_says_why_it_cannot_record(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Дамир Шаршеев", "+996555500203", "app")
    tab = await tabs.tab()
    # The browser of a test trusts its own machine; on a phone the hub's address over http is not trusted.
    await tab.context.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    page = await tab.open(await one_time_link(office, carriage))
    await expect(page.get_by_text("Отсюда записать нельзя")).to_be_visible()
    await expect(page.get_by_text("начинается с https://")).to_be_visible()
    await expect(page.get_by_role("button", name=START)).to_have_count(0)
    await expect(page.get_by_role("button", name="Прибыл на погрузку")).to_be_visible()
