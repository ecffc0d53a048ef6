"""The dispatcher's desk: the cabinet in a browser that is signed in already."""

from playwright.async_api import ConsoleMessage, Locator, Page, expect

from freight.accounts.tokens import SESSION_COOKIE
from tests.flows.office import Carriage, Office
from tests.web.browser import Tab, Tabs

DESK = {"width": 1440, "height": 900}


class Desk:
    """An open cabinet. `refused` is what the content security policy kept a page from doing."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self.page: Page = tab.page
        self.refused: list[str] = []
        self.page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.refused.append(message.text)

    async def open(self, path: str) -> Page:
        """Go to an address of the cabinet."""
        return await self.tab.open(path)

    def row(self, carriage: Carriage) -> Locator:
        """A trip's line in the list."""
        return self.page.locator(f"a[href='/trips/{carriage.id}']").first

    async def open_trip(self, carriage: Carriage) -> Page:
        """Look at one trip, its map drawn."""
        page = await self.open(f"/trips/{carriage.id}")
        await expect(page.get_by_role("heading", name="Бишкек → Ош")).to_be_visible()
        return page

    async def map_box(self) -> tuple[float, float, float, float]:
        """Where the drawn map lies on the page: left, top, width, height in pixels."""
        canvas = self.page.locator("canvas.maplibregl-canvas")
        await expect(canvas).to_be_visible()
        await self.map_at_rest()
        box = await canvas.bounding_box()
        assert box is not None
        return box["x"], box["y"], box["width"], box["height"]

    async def map_at_rest(self) -> None:
        """Wait until the map stands where it was sent."""
        await expect(self.page.locator("[data-drawn]:not([aria-busy])")).to_be_visible()

    async def fence_middle(self) -> tuple[float, float]:
        """Where the middle of the edited fence lies on the page once the map has shown it whole."""
        left, top, width, height = await self.map_box()
        await self.page.get_by_role("button", name="Показать всё").click()
        await self.map_at_rest()
        # The view keeps clear of the buttons over it: 60 px at the left, 84 at the right, 70 above, 60 below.
        return left + (60 + width - 84) / 2, top + (70 + height - 60) / 2

    def dialog(self) -> Locator:
        """The dialog in front."""
        return self.page.get_by_role("dialog")


async def signed_in_desk(office: Office, tabs: Tabs, **options: object) -> Desk:
    """A browser that holds the dispatcher's session."""
    tab = await tabs.tab(**{"viewport": DESK, **options})
    await tab.context.add_cookies([{"name": SESSION_COOKIE, "value": office.cookie, "url": tab.origin}])
    return Desk(tab)


async def drive(office: Office, carriage: Carriage, *, minutes: int = 30) -> None:
    """The truck loads and is some way down the road, a fix a minute."""
    async with await office.phone(carriage.device) as phone:
        for fix in [*carriage.loading(), *carriage.road()[:minutes]]:
            await phone.send(fix)
