"""A driver with the page open on his phone."""

from pathlib import Path

import asyncpg
from playwright.async_api import BrowserContext, Page, expect

from freight.drivers.views import DriverLink
from store.pool import Pool
from tests.flows.office import Carriage, Office
from tests.waiting import until
from tests.web.browser import Tab, Tabs

SATELLITES = Path(__file__).with_name("satellites.js").read_text()
START, STOP = "Начать запись", "Остановить"
# About 110 m at every step, more than standing drifts.
STEP_DEG = 0.001


class Phone:
    """The driver's page in its tab; `drive` gives it measurements ten seconds apart."""

    def __init__(self, tab: Tab, carriage: Carriage) -> None:
        self.tab = tab
        self.page: Page = tab.page
        self.context: BrowserContext = tab.context
        self.carriage = carriage
        self.driven_s = 0

    async def drive(self, fixes: int) -> None:
        """So many measurements along the road."""
        for _ in range(fixes):
            self.driven_s += 10
            lat = 42.80 + STEP_DEG * self.driven_s / 10
            await self.page.evaluate(f"satellites({lat}, 74.5, {self.driven_s})")

    async def start(self) -> None:
        await self.page.get_by_role("button", name=START).click()
        await expect(self.page.get_by_text("Ищем спутники")).to_be_visible()

    async def shows(self, *, sent: int, queued: int) -> None:
        """Wait until the counters say so."""
        await expect(self.page.get_by_test_id("queued")).to_have_text(str(queued))
        await expect(self.page.get_by_test_id("sent")).to_have_text(str(sent))

    async def kept_offline(self) -> None:
        """Wait until the page would open without network."""
        await until(lambda: self.page.evaluate("navigator.serviceWorker.ready.then(ready => !!ready.active)"))
        await self.page.reload()
        await until(lambda: self.page.evaluate("!!navigator.serviceWorker.controller"), what="the worker in charge")


async def one_time_link(office: Office, carriage: Carriage) -> str:
    """The path of a fresh link to the driver's page."""
    link = await office.post(f"/api/drivers/{carriage.trip.driver.id}/link", {}, DriverLink)
    return "/d#" + link.url.partition("#")[2]


async def driver_phone(office: Office, tabs: Tabs, name: str, number: str) -> Phone:
    """A driver on a trip, signed in by his link, satellites above."""
    carriage = await office.carriage(name, number, "app")
    await office.phone(carriage.device)
    tab = await tabs.tab()
    await tab.context.add_init_script(SATELLITES)
    await tab.open(await one_time_link(office, carriage))
    await expect(tab.page.get_by_role("heading", name="Бишкек → Ош")).to_be_visible()
    return Phone(tab, carriage)


async def sign_in_by_password(page: Page, phone: str, password: str) -> None:
    """As a driver who has set a password does."""
    closed = page.get_by_text("У меня есть пароль")
    await expect(closed).to_be_visible()
    if not await page.get_by_label("Телефон").is_visible():
        await closed.click()
    await page.get_by_label("Телефон").fill(phone)
    await page.get_by_label("Пароль", exact=True).fill(password)
    await page.get_by_role("button", name="Войти").click()


async def stored(story: Pool, carriage: Carriage) -> list[asyncpg.Record]:
    """The positions the hub has of a trip, in order of time."""
    return list(
        await story.fetch("select fix_time, lat, lon from positions where trip_id = $1 order by fix_time", carriage.id)
    )
