"""The customer's page in a real browser: soon, in plain words, live, and closed when the link is."""

import json

import pytest
from playwright.async_api import Page, expect

from store.pool import Pool
from tests.flows.office import Office
from tests.ingest.world import LOADING
from tests.waiting import slowed_down, until
from tests.web.browser import Tabs

pytestmark = pytest.mark.browser

SLOW_LINE = {"offline": False, "latency": 300, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
FIRST_TRUCK = "performance.getEntriesByName('truck drawn')[0]?.startTime"
FIRST_TRUCK_WITHIN_MS = 2_000
PAGE_BYTES = 30 * 1024
CLOSED = "Ссылка недействительна или закрыта"
PICTURE = "canvas => canvas.toDataURL()"
HOSTILE = '<img src=x onerror="window.hacked=1">'


async def test_the_truck_is_seen_within_two_seconds_on_a_slow_line(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Быстрый Показ", "+996555400001")
    async with await office.phone(carriage.device) as phone:
        for fix in [*carriage.loading(), *carriage.road()]:
            await phone.send(fix)
    _, token = await office.share(carriage.id)
    # The line decides, not what else this machine does at the moment: one stranger of three is enough.
    late = []
    for _ in range(3):
        took_ms, times = await first_truck_ms(tabs, token), slowed_down()
        if took_ms <= FIRST_TRUCK_WITHIN_MS * times:
            return
        late.append((took_ms, times))
    raise AssertionError(late)


async def first_truck_ms(tabs: Tabs, token: str) -> float:
    """Milliseconds until someone who has never been here sees the truck, at 400 kbit/s with 300 ms delay."""
    tab = await tabs.tab()
    network = await tab.context.new_cdp_session(tab.page)
    await network.send("Network.enable")
    await network.send("Network.emulateNetworkConditions", SLOW_LINE)
    page = await tab.open(f"/s#{token}")
    drawn_at_ms = await until(lambda: page.evaluate(FIRST_TRUCK), what="the truck to be drawn")
    await expect(page.get_by_role("heading", name="Бишкек → Ош")).to_be_visible()
    return float(drawn_at_ms)


async def test_the_page_is_light(office: Office, tabs: Tabs) -> None:
    """HTML, style and program together, as they travel, before any map."""
    tab = await tabs.tab()
    page = await tab.open("/s#" + "A" * 43)
    await expect(page.get_by_role("heading", name=CLOSED)).to_be_visible()
    kinds = "e.initiatorType === 'navigation' || /[.](js|css)$/.test(new URL(e.name).pathname)"
    size = await page.evaluate(
        f"performance.getEntries().filter(e => e.transferSize && ({kinds})).reduce((sum, e) => sum + e.transferSize, 0)"
    )
    assert 5_000 < size <= PAGE_BYTES


async def test_the_page_follows_the_truck_without_a_reload(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Живая Страница", "+996555400002")
    _, token = await office.share(carriage.id)
    tab = await tabs.tab()
    page = await tab.open(f"/s#{token}")
    await expect(page.get_by_text("Машина назначена")).to_be_visible()
    await expect(page.get_by_text("Положение появится")).to_be_visible()
    async with await office.phone(carriage.device) as phone:
        for fix in carriage.loading():
            await phone.send(fix)
        await expect(page.get_by_text("На погрузке", exact=True)).to_be_visible()
        await expect(page.get_by_text("по GPS")).to_be_visible()
        for fix in carriage.road():
            await phone.send(fix)
    await expect(page.get_by_text("В пути", exact=True)).to_be_visible()
    await expect(page.get_by_text("Уехал")).to_be_visible()


async def test_a_revoked_link_empties_the_open_page(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Закрытая Ссылка", "+996555400003")
    share, token = await office.share(carriage.id)
    tab = await tabs.tab()
    page = await tab.open(f"/s#{token}")
    await expect(page.get_by_text("Груз Закрытая Ссылка")).to_be_visible()
    assert (await office.client.delete(f"/api/shares/{share.id}")).is_success
    await expect(page.get_by_role("heading", name=CLOSED)).to_be_visible()
    assert "Закрытая Ссылка" not in await page.content()
    await page.reload()
    await expect(page.get_by_role("heading", name=CLOSED)).to_be_visible()


async def test_the_token_stays_out_of_every_address(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Тайна", "+996555400004")
    _, token = await office.share(carriage.id)
    tab = await tabs.tab()
    page = await tab.open(f"/s#{token}")
    await expect(page.get_by_role("heading", name="Бишкек → Ош")).to_be_visible()
    # The browser itself never sends what stands behind the #.
    assert [url for url in tab.requests if token in url.partition("#")[0]] == []
    assert tab.foreign == []


async def test_hostile_text_is_only_text(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage(HOSTILE, "+996555400005")
    _, token = await office.share(carriage.id)
    tab = await tabs.tab()
    page = await tab.open(f"/s#{token}")
    await expect(page.get_by_text(HOSTILE, exact=True)).to_be_visible()
    assert await page.evaluate("window.hacked") is None


async def test_a_page_cut_off_from_the_hub_says_how_old_it_is_and_comes_back(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Обрыв", "+996555400006")
    async with await office.phone(carriage.device) as phone:
        await phone.send(carriage.fix(1, LOADING))
    _, token = await office.share(carriage.id)
    tab = await tabs.tab()
    await tab.page.clock.install()
    page = await tab.open(f"/s#{token}")
    await expect(page.get_by_text("Груз Обрыв")).to_be_visible()
    await office.hub.stop("haproxy")
    await page.clock.fast_forward(120_000)
    await expect(page.get_by_text("Нет соединения с сервером")).to_be_visible()
    await expect(page.get_by_text("Груз Обрыв")).to_be_visible()
    await office.hub.start("haproxy")
    await page.clock.fast_forward(60_000)
    await expect(page.get_by_text("Нет соединения с сервером")).to_be_hidden()


async def test_it_speaks_three_languages_and_remembers_the_choice(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Language", "+996555400007")
    _, token = await office.share(carriage.id)
    tab = await tabs.tab(locale="en-GB")
    page = await tab.open(f"/s#{token}")
    await expect(page.get_by_text("Truck assigned")).to_be_visible()
    await page.get_by_role("button", name="Кыргызча").click()
    await expect(page.get_by_text("Унаа дайындалды")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("Унаа дайындалды")).to_be_visible()


async def test_the_map_with_streets_comes_when_asked_for(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Подробно", "+996555400008")
    _, token = await office.share(carriage.id)
    tab = await tabs.tab()
    page = await tab.open(f"/s#{token}")
    await expect(page.get_by_role("heading", name="Бишкек → Ош")).to_be_visible()
    assert not [url for url in tab.requests if "maplibre" in url]
    await page.get_by_role("button", name="Подробная карта").click()
    await expect(page.locator(".maplibregl-canvas")).to_be_visible()
    await page.get_by_role("button", name="Лёгкая карта").click()
    await expect(page.locator(".maplibregl-canvas")).to_have_count(0)


async def test_points_that_came_late_are_drawn_on_an_open_page(office: Office, tabs: Tabs, story: Pool) -> None:
    carriage = await office.carriage("Туннель", "+996555400010")
    _, token = await office.share(carriage.id)
    tab = await tabs.tab(reduced_motion="reduce")
    lines: list[str] = []
    tab.page.on("websocket", lambda socket: socket.on("framereceived", lambda text: lines.append(str(text))))
    page = await tab.open(f"/s#{token}")
    await expect(page.get_by_text("Машина назначена")).to_be_visible()
    road = carriage.road()
    async with await office.phone(carriage.device) as phone:
        for fix in [*carriage.loading(), road[0], road[60]]:
            await phone.send(fix)
        await expect(page.get_by_text("В пути", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Подробная карта").click()
        await expect(page.locator(".maplibregl-canvas")).to_be_visible()
        # An hour of points, older than the newest that is shown.
        for fix in road[1:60]:
            await phone.send(fix)
    await until(lambda: _points_of(lines) > 60, what="the whole path on the open page")


def _points_of(frames: list[str]) -> int:
    """Of how many points the newest path is that a page was sent."""
    paths = [trip["track"] for frame in map(json.loads, frames) if (trip := frame.get("trip")) and trip.get("track")]
    return int(paths[-1]["stored_count"]) if paths else 0


async def test_keys_and_wheel_move_the_small_map(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Клавиши", "+996555400009")
    _, token = await office.share(carriage.id)
    tab = await tabs.tab(reduced_motion="reduce")
    async with tab.page.expect_event("requestfinished", lambda request: "/basemap/" in request.url):
        page = await tab.open(f"/s#{token}")
    await expect(page.get_by_role("heading", name="Бишкек → Ош")).to_be_visible()
    canvas = page.locator("canvas").first
    pictures = [await until(lambda: _at_rest(page), what="the map to be drawn")]
    await canvas.focus()
    for key in ("+", "ArrowLeft"):
        await page.keyboard.press(key)
        pictures.append(await until_drawn(page, pictures))
    await canvas.hover(position={"x": 150, "y": 120})
    await page.mouse.wheel(0, -400)
    pictures.append(await until_drawn(page, pictures))
    await page.keyboard.press("Home")
    await until(lambda: _shows(page, pictures[0]), what="the whole route again")


async def _at_rest(page: Page) -> str | None:
    """The map's picture once it stays the same for some frames."""
    before = await page.locator("canvas").first.evaluate(PICTURE)
    await page.evaluate("() => new Promise(seen => setTimeout(seen, 200))")
    picture: str = await page.locator("canvas").first.evaluate(PICTURE)
    return picture if picture == before else None


async def until_drawn(page: Page, known: list[str]) -> str:
    """A picture of the map unlike all before."""

    async def drawn() -> str | None:
        picture: str = await page.locator("canvas").first.evaluate(PICTURE)
        return None if picture in known else picture

    picture: str = await until(drawn, what="the map to be drawn anew")
    return picture


async def _shows(page: Page, picture: str) -> bool:
    return bool(await page.locator("canvas").first.evaluate(PICTURE) == picture)
