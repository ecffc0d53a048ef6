"""One trip: its stages by hand, its links, its fences, its replay, its end."""

import msgspec
import pytest
from playwright.async_api import Locator, expect

from freight.live import Changed, publish, to_organisation
from freight.trips.views import TripDetail
from geo.fences import Circle, Polygon
from store.bus import Bus
from store.pool import Pool
from tests.flows.office import Office
from tests.ingest.world import UNLOADING
from tests.waiting import until
from tests.web.browser import Tabs
from tests.web.cabinet.desk import Desk, drive

pytestmark = pytest.mark.browser


async def test_a_stage_is_marked_by_hand_and_taken_back(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Отмеченный Рейс", "+996555610001")
    page = await desk.open_trip(carriage)
    await page.get_by_role("button", name="Этап", exact=True).click()
    await expect(desk.dialog().get_by_label("Что произошло").first).to_have_value("1. Прибыл на погрузку — Бишкек")
    await desk.dialog().get_by_role("button", name="Отметить").click()
    await expect(page.get_by_text("На погрузке", exact=True)).to_be_visible()
    await expect(page.get_by_text("диспетчер", exact=True)).to_be_visible()
    await page.get_by_role("alert").get_by_role("button", name="Отменить").click()
    await expect(page.get_by_text("Назначен", exact=True)).to_be_visible()


async def test_a_link_is_made_looked_at_and_revoked(office: Office, desk: Desk, tabs: Tabs) -> None:
    carriage = await office.carriage("Общий Рейс", "+996555610002")
    page = await desk.open_trip(carriage)
    await page.get_by_role("button", name="Поделиться").click()
    await desk.dialog().get_by_label("Для кого").fill("Склад заказчика")
    await desk.dialog().get_by_role("button", name="Создать ссылку").click()
    address = await desk.dialog().get_by_role("textbox", name="Ссылка", exact=True).input_value()
    await desk.dialog().get_by_role("button", name="QR").click()
    code = desk.dialog().get_by_role("img", name="QR-код ссылки")
    await until(lambda: code.evaluate("image => image.complete && image.naturalWidth > 0"), what="the code drawn")
    customer = await (await tabs.tab()).open("/s#" + address.partition("#")[2])
    await expect(customer.get_by_text("Груз Общий Рейс")).to_be_visible()
    await page.reload()
    await page.get_by_role("button", name="Поделиться").click()
    await desk.dialog().get_by_role("button", name="1 просмотр").click()
    await expect(desk.dialog().get_by_role("listitem")).to_have_count(1)
    await desk.dialog().get_by_role("button", name="Закрыть", exact=True).click()
    await page.get_by_role("dialog", name="Закрыть ссылку?").get_by_role("button", name="Закрыть", exact=True).click()
    await expect(customer.get_by_text("Ссылка недействительна или закрыта")).to_be_visible()


async def test_a_circle_is_moved_on_the_map_and_sized_by_number(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Круглая Геозона", "+996555610003")
    page = await desk.open_trip(carriage)
    await page.get_by_role("link", name="Изменить геозону: Ош").click()
    await expect(page.get_by_label("Широта центра")).to_have_value(str(UNLOADING[0]))
    middle = await desk.fence_middle()
    await page.mouse.move(*middle)
    await page.mouse.down()
    await page.mouse.move(middle[0] + 40, middle[1] - 80, steps=4)
    await page.mouse.up()
    await expect(page.get_by_label("Широта центра")).not_to_have_value(str(UNLOADING[0]))
    await _enter(page.get_by_label("Радиус").first, "50", shown="50 м")
    await expect(page.get_by_text("Радиус должен быть от 100 до 20 000 м.")).to_be_visible()
    await expect(page.get_by_role("button", name="Сохранить геозону")).to_be_disabled()
    await _enter(page.get_by_label("Радиус").first, "1500", shown="1 500 м")
    await page.get_by_role("button", name="Сохранить геозону").click()
    await expect(page.get_by_text("Геозона сохранена")).to_be_visible()
    fence = (await office.get(f"/api/trips/{carriage.id}", TripDetail)).trip.stops[1].fence
    assert isinstance(fence, Circle)
    assert fence.radius_m == 1500
    assert UNLOADING[0] < fence.lat < UNLOADING[0] + 0.05


async def _enter(field: Locator, text: str, *, shown: str) -> None:
    """Put a number into a field that shows it with its unit.

    Such a field sets its caret a moment after each change, so that text entered in that very moment, which no
    hand could do, lands in the middle of the old one: it is entered until it is what stands there.
    """

    async def entered() -> bool:
        await field.fill(text)
        return (await field.input_value()).replace("\xa0", " ") == shown

    await until(entered, what=f"{text} in the field")


async def test_a_handle_let_go_beside_the_map_is_let_go(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Отпущенная Геозона", "+996555610007")
    page = await desk.open_trip(carriage)
    await page.get_by_role("link", name="Изменить геозону: Ош").click()
    latitude = page.get_by_label("Широта центра")
    await expect(latitude).to_have_value(str(UNLOADING[0]))
    middle = await desk.fence_middle()
    left = (await desk.map_box())[0]
    await page.mouse.move(*middle)
    await page.mouse.down()
    await page.mouse.move(middle[0] - 60, middle[1] - 40, steps=4)
    await page.mouse.move(left - 40, middle[1], steps=4)
    await page.mouse.up()
    await expect(latitude).not_to_have_value(str(UNLOADING[0]))
    moved = await latitude.input_value()
    await page.mouse.move(middle[0] + 50, middle[1] + 90, steps=4)
    assert await latitude.input_value() == moved


async def test_a_link_that_ran_out_holds_again_once_extended(office: Office, desk: Desk, story: Pool) -> None:
    carriage = await office.carriage("Продлённая Ссылка", "+996555610008")
    share, _ = await office.share(carriage.id)
    await story.execute("update shares set expires_at = now() - interval '1 minute' where id = $1", share.id)
    page = await desk.open_trip(carriage)
    await page.get_by_role("button", name="Поделиться").click()
    await expect(desk.dialog().get_by_text("истекла")).to_be_visible()
    await desk.dialog().get_by_role("button", name="Продлить").click()
    await page.get_by_role("menuitem", name="7 дней").click()
    await expect(desk.dialog().get_by_role("textbox", name="Ссылка", exact=True)).to_have_value(share.url)
    await expect(page.get_by_text("истекла")).to_be_hidden()


async def test_a_silent_phone_is_explained_in_words(office: Office, desk: Desk, story: Pool) -> None:
    carriage = await office.carriage("Молчаливый Рейс", "+996555610009")
    await drive(office, carriage, minutes=30)
    await until(lambda: _stored(story, carriage.id, 40), what="every fix stored")
    # It spoke an hour ago and has not been seen to leave.
    await story.execute("update tracks set received_at = now() - interval '1 hour' where trip_id = $1", carriage.id)
    heard = "update device_reports set last_heard_at = now() - interval '1 hour', offline_at = null"
    await story.execute(f"{heard} where device_id = $1", carriage.device.id)
    page = await desk.open_trip(carriage)
    # Whoever changes a trip says so: the room may stand open with what it knew.
    bus = Bus(office.hub.settings.bus())
    await publish(bus, to_organisation(office.person.organisation_id or 0, Changed("trip", carriage.id)))
    await bus.close()
    await expect(page.get_by_text("Телефон замолчал")).to_be_visible()


async def _stored(story: Pool, trip_id: int, count: int) -> bool:
    return bool(await story.fetchval("select fix_count = $2 from tracks where trip_id = $1", trip_id, count))


async def test_a_polygon_is_drawn_undone_and_saved_by_keys(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Угловатая Геозона", "+996555610004")
    page = await desk.open_trip(carriage)
    await page.get_by_role("link", name="Изменить геозону: Ош").click()
    await page.get_by_text("Многоугольник", exact=True).click()
    await expect(page.get_by_text("6 вершин")).to_be_visible()
    await page.get_by_role("button", name="Удалить вершину 1").click()
    await expect(page.get_by_text("5 вершин")).to_be_visible()
    before = await page.get_by_label("Широта центра").input_value()
    await page.get_by_role("heading", name="Геозона").click()
    await page.keyboard.press("Alt+Shift+ArrowUp")
    assert float(await page.get_by_label("Широта центра").input_value()) > float(before)
    await page.get_by_role("button", name="Сохранить геозону").click()
    await expect(page.get_by_text("Геозона сохранена")).to_be_visible()
    fence = (await office.get(f"/api/trips/{carriage.id}", TripDetail)).trip.stops[1].fence
    assert isinstance(fence, Polygon)
    assert len(fence.points) == 5


async def test_a_replay_runs_along_the_path_to_its_stages(office: Office, desk: Desk) -> None:
    carriage = await office.carriage("Повторный Рейс", "+996555610005")
    await drive(office, carriage, minutes=60)
    page = await desk.open_trip(carriage)
    await expect(page.get_by_text("В пути", exact=True)).to_be_visible()
    await page.get_by_role("link", name="Повтор").click()
    time = page.get_by_role("slider", name="Время")
    started = float(await time.input_value())
    await page.get_by_text("×600").click()
    await page.get_by_role("button", name="Воспроизвести").click()
    await until(lambda: _later(time, started + 60_000), what="the replay to run")
    await page.get_by_role("button", name="Пауза").click()
    await page.get_by_role("button", name="Загрузился, выехал: Бишкек").click()
    left_at = carriage.fix(14, (0, 0))["tst"] * 1000
    assert abs(float(await time.input_value()) - left_at) < 120_000


async def _later(time: object, moment_ms: float) -> bool:
    return float(await time.input_value()) > moment_ms  # type: ignore[attr-defined]


async def test_a_trip_is_cancelled_only_with_a_reason(office: Office, desk: Desk, story: Pool) -> None:
    carriage = await office.carriage("Отменённый Рейс", "+996555610006")
    page = await desk.open_trip(carriage)
    await page.get_by_role("button", name="Ещё").click()
    await page.get_by_role("menuitem", name="Отменить рейс").click()
    await expect(desk.dialog().get_by_role("button", name="Отменить рейс")).to_be_disabled()
    await desk.dialog().get_by_label("Причина").fill("Заказчик передумал")
    await desk.dialog().get_by_role("button", name="Отменить рейс").click()
    await expect(page.get_by_text("Отменён", exact=True)).to_be_visible()
    told = await story.fetchval("select data from events where trip_id = $1 and kind = 'cancelled'", carriage.id)
    assert "Заказчик передумал" in msgspec.json.encode(told).decode()
    await desk.open("/archive")
    await expect(page.get_by_role("link", name="Отменённый Рейс")).to_be_visible()


async def test_a_trip_of_nobody_is_told_as_missing(desk: Desk) -> None:
    page = await desk.open("/trips/999999")
    await expect(page.get_by_role("heading", name="Такого рейса нет")).to_be_visible()
