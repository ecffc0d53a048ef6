"""Tabs of a real browser that remember what went wrong in them."""

import shutil
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser, BrowserContext, Page, Request

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
]
# Three pages, five processes and four services may share two cores with other tests.
PATIENCE_MS = 60_000
PHONE = {"width": 390, "height": 844}


class Tab:
    """One page with its own cookies. `requests` are the addresses it asked, `errors` what its scripts complained of."""

    def __init__(self, context: BrowserContext, page: Page, origin: str) -> None:
        self.context = context
        self.page = page
        self.origin = origin
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._asked)

    def _asked(self, request: Request) -> None:
        self.requests.append(request.url)

    @property
    def foreign(self) -> list[str]:
        """Requests that left for another host than the hub."""
        own = (self.origin, self.origin.replace("http", "ws", 1), "blob:", "data:")
        return [url for url in self.requests if not url.startswith(own)]

    async def open(self, path: str) -> Page:
        """Go to a page of the hub."""
        await self.page.goto(self.origin + path)
        return self.page


class Tabs:
    """Makes tabs; use as an async context manager."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self.browser = browser
        self.origin = origin
        self.opened: list[Tab] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for tab in self.opened:
            await tab.context.close()
        if error is None:
            assert [tab.errors for tab in self.opened if tab.errors] == []
            assert [tab.foreign for tab in self.opened if tab.foreign] == []

    async def tab(self, **options: Any) -> Tab:
        """A new tab in a browser nobody has used, on a phone in Bishkek; `options` are Playwright's of a context."""
        given = {"viewport": PHONE, "locale": "ru-RU", "timezone_id": "Asia/Bishkek", **options}
        context = await self.browser.new_context(**given)
        context.set_default_timeout(PATIENCE_MS)
        return await self.beside(context)

    async def beside(self, context: BrowserContext) -> Tab:
        """Another tab of a browser already open."""
        tab = Tab(context, await context.new_page(), self.origin)
        self.opened.append(tab)
        return tab
