"""The driver's page in a real browser: every point arrives, whatever the network does."""

import pytest
from playwright.async_api import expect

from freight.driver_page.views import DriverHome
from freight.orders.views import StopView
from freight.trips.views import TripDetail
from store.broker import BrokerConfig
from store.pool import Pool
from tests.cast import CAST_PASSWORD
from tests.flows.office import Carriage, Office, read
from tests.ingest.phone import Phone as MqttPhone
from tests.waiting import until
from tests.web.browser import Tabs
from tests.web.driver.driving import START, STOP, driver_phone, one_time_link, sign_in_by_password, stored

pytestmark = pytest.mark.browser


async def test_a_one_time_link_signs_in_once_and_leaves_the_address(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Кубан Токоев", "+996555500001", "app")
    path = await one_time_link(office, carriage)
    tab = await tabs.tab()
    page = await tab.open(path)
    await expect(page.get_by_role("heading", name="Бишкек → Ош")).to_be_visible()
    assert "#" not in page.url
    again = await (await tabs.tab()).open(path)
    await expect(again.get_by_text("Ссылка уже использована или устарела")).to_be_visible()
    await expect(again.get_by_label("Или вставьте ссылку сюда")).to_be_visible()


async def test_points_reach_the_hub_and_leave_the_queue(office: Office, story: Pool, tabs: Tabs) -> None:
    phone = await driver_phone(office, tabs, "Азамат Турдуев", "+996555500002")
    await phone.start()
    await phone.drive(5)
    await expect(phone.page.get_by_text("Запись идёт")).to_be_visible()
    await phone.shows(sent=5, queued=0)
    assert len(await stored(story, phone.carriage)) == 5


async def test_points_of_a_dead_spot_wait_survive_a_reload_and_arrive(office: Office, story: Pool, tabs: Tabs) -> None:
    phone = await driver_phone(office, tabs, "Марат Осмонов", "+996555500003")
    await phone.kept_offline()
    await phone.start()
    await phone.drive(2)
    await phone.shows(sent=2, queued=0)
    await phone.context.set_offline(True)
    # A reload cuts the live connection too, and shows that the page opens without any network.
    await phone.page.reload()
    await expect(phone.page.get_by_role("heading", name="Бишкек → Ош")).to_be_visible()
    await expect(phone.page.get_by_text("нет связи")).to_be_visible()
    await phone.drive(3)
    await phone.shows(sent=2, queued=3)
    await phone.context.set_offline(False)
    await phone.shows(sent=5, queued=0)
    positions = await stored(story, phone.carriage)
    assert len(positions) == 5
    assert [round(position["lat"], 3) for position in positions] == [42.801, 42.802, 42.803, 42.804, 42.805]


async def test_a_stage_pressed_without_network_reaches_the_dispatcher_with_its_time(office: Office, tabs: Tabs) -> None:
    phone = await driver_phone(office, tabs, "Бакыт Жумабаев", "+996555500004")
    page = phone.page
    await phone.context.set_offline(True)
    await page.get_by_role("button", name="Прибыл на погрузку").click()
    await page.get_by_role("button", name="Да", exact=True).click()
    await expect(page.get_by_text("уйдёт, когда появится связь").first).to_be_visible()
    await expect(page.get_by_role("button", name="Загрузился, выехал")).to_be_visible()
    await phone.context.set_offline(False)
    await expect(page.get_by_text("уйдёт, когда появится связь")).to_have_count(0)

    loading = await loading_of(office, phone.carriage)
    assert (loading.arrived_source, loading.departed_at) == ("driver", None)
    await page.get_by_role("button", name="Вернуть").click()
    await expect(page.get_by_role("button", name="Прибыл на погрузку")).to_be_visible()

    async def taken_back() -> bool:
        return (await loading_of(office, phone.carriage)).arrived_at is None

    await until(taken_back, what="the hub to hear of it")


async def loading_of(office: Office, carriage: Carriage) -> StopView:
    """The loading stop as the dispatcher sees it."""
    return (await office.get(f"/api/trips/{carriage.id}", TripDetail)).trip.stops[0]


async def test_two_tabs_never_record_both(office: Office, tabs: Tabs) -> None:
    phone = await driver_phone(office, tabs, "Талант Исаев", "+996555500005")
    await phone.start()
    second = await tabs.beside(phone.context)
    page = await second.open("/d")
    await expect(page.get_by_text("Запись идёт в другой вкладке")).to_be_visible()
    await phone.page.get_by_role("button", name=STOP).click()
    await expect(phone.page.get_by_text("диспетчер и заказчик перестанут видеть")).to_be_visible()
    await phone.page.get_by_role("dialog").get_by_role("button", name=STOP).click()
    await expect(phone.page.get_by_text("Запись выключена")).to_be_visible()
    await page.get_by_role("button", name=START).click()
    await expect(page.get_by_text("Ищем спутники")).to_be_visible()


async def test_another_phone_on_the_account_is_told_of_instead_of_fought(office: Office, tabs: Tabs) -> None:
    phone = await driver_phone(office, tabs, "Эмиль Садыков", "+996555500006")
    await expect(phone.page.get_by_text("на связи", exact=True)).to_be_visible()
    device = phone.carriage.device
    for _ in range(3):
        await expect(phone.page.get_by_text("на связи", exact=True)).to_be_visible()
        async with MqttPhone(BrokerConfig(device.mqtt_host, device.mqtt_port, device.login, device.password)):
            await expect(phone.page.get_by_text("на связи", exact=True)).to_be_hidden()
    await expect(phone.page.get_by_text("подключился другой телефон")).to_be_visible()
    await phone.page.get_by_role("button", name="Передавать с этого").click()
    await expect(phone.page.get_by_text("на связи", exact=True)).to_be_visible()


async def test_a_forbidden_location_is_explained(office: Office, tabs: Tabs) -> None:
    carriage = await office.carriage("Нурбек Ашимов", "+996555500007", "app")
    tab = await tabs.tab()
    page = await tab.open(await one_time_link(office, carriage))
    await page.get_by_role("button", name=START).click()
    await expect(page.get_by_text("Нет доступа к местоположению")).to_be_visible()
    await expect(page.get_by_text("Службы геолокации")).to_be_visible()


async def test_the_driver_sees_who_watches_and_how_to_set_up_a_tracker(office: Office, tabs: Tabs) -> None:
    phone = await driver_phone(office, tabs, "Улан Кадыров", "+996555500008")
    await office.share(phone.carriage.id)
    page = phone.page
    await page.reload()
    await expect(page.get_by_text("Заказчик — несколько дней после доставки")).to_be_visible()
    await page.get_by_text("Запись с погашенным экраном").click()
    await page.get_by_role("button", name="Показать настройки").first.click()
    setup = page.get_by_role("link", name="Настроить OwnTracks")
    await expect(setup).to_be_visible()
    assert str(await setup.get_attribute("href")).startswith("owntracks:///config?inline=")
    await expect(page.get_by_role("img", name="QR OwnTracks").locator("svg")).to_be_visible()

    await page.get_by_text("Вручную").click()
    async with office.cab(phone.carriage.trip.driver.id) as cab:
        device = read(await cab.get("/api/driver"), DriverHome).devices[-1]
    for said in (device.mqtt_host, str(device.mqtt_port), device.login, device.topic, device.owntracks_http_url):
        await expect(page.get_by_text(said, exact=True)).to_be_visible()
    await expect(page.get_by_text(device.password)).to_have_count(0)
    await page.get_by_role("button", name="Показать", exact=True).click()
    await expect(page.get_by_text(device.password)).to_be_visible()


async def test_between_trips_nothing_is_recorded_unless_on_shift(office: Office, tabs: Tabs) -> None:
    phone = await driver_phone(office, tabs, "Санжар Абдиев", "+996555500009")
    body = {"action": "cancel", "reason": "заказчик передумал"}
    assert (await office.client.post(f"/api/trips/{phone.carriage.id}/end", json=body)).is_success
    page = phone.page
    await page.reload()
    await expect(page.get_by_text("Рейса пока нет")).to_be_visible()
    await expect(page.get_by_role("button", name=START)).to_have_count(0)
    await page.get_by_role("switch").click()
    await expect(page.get_by_text("Ищем спутники")).to_be_visible()
    await page.get_by_role("switch").click()
    await expect(page.get_by_text("Положение никому не видно.")).to_be_visible()


async def test_hostile_text_is_only_text(office: Office, tabs: Tabs) -> None:
    hostile = '<img src=x onerror="window.hacked=1">'
    phone = await driver_phone(office, tabs, hostile, "+996555500010")
    await expect(phone.page.get_by_text(f"Груз {hostile}")).to_be_visible()
    assert await phone.page.evaluate("window.hacked") is None


async def test_a_wrong_password_is_refused_in_plain_words(office: Office, tabs: Tabs) -> None:
    page = await (await tabs.tab()).open("/d")
    await sign_in_by_password(page, "+996555500001", "wrong")
    await expect(page.get_by_text("Телефон или пароль не подходят.")).to_be_visible()


async def test_a_dispatcher_is_told_that_the_page_is_for_drivers(office: Office, tabs: Tabs) -> None:
    assert office.person.login is not None
    page = await (await tabs.tab()).open("/d")
    await sign_in_by_password(page, office.person.login, CAST_PASSWORD)
    await expect(page.get_by_text("Эта страница только для водителей.")).to_be_visible()
