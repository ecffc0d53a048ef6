"""The customer's page: this trip and nothing else, for as long as the link holds, and no trace of the link in a log."""

import time

import httpx

from store.pool import Pool
from tests.flows.office import Office
from tests.ingest.world import LOADING
from tests.pages import Page
from tests.waiting import until

REVOKED_WITHIN_S = 5.0


async def test_a_customer_sees_his_truck_and_no_other(office: Office) -> None:
    shared = await office.carriage("Мирлан Осмонов", "+996555300001")
    other = await office.carriage("Чужой Рейс", "+996555300002")
    _, token = await office.share(shared.id)
    async with Page(office.hub.url, share_token=token) as page:
        await until(lambda: page.shared, what="the shared trip")
        async with await office.phone(other.device) as phone:
            await phone.send(other.fix(1, LOADING))
        async with await office.phone(shared.device) as phone:
            for fix in shared.loading():
                await phone.send(fix)
        await until(lambda: page.shared["stage"] == "at_loading", what="the stage on the customer's page")
        await until(lambda: shared.id in page.positions)
        assert set(page.positions) == {shared.id}
        for secret in ("Чужой", "+9965553", "price", '"phone"'):
            assert not [text for text in page.seen if secret in text], secret


async def test_a_revoked_link_closes_the_open_page_and_opens_no_more(office: Office) -> None:
    carriage = await office.carriage("Эрлан Токтогулов", "+996555300003")
    share, token = await office.share(carriage.id)
    async with Page(office.hub.url, share_token=token) as page:
        await until(lambda: page.shared)
        began = time.monotonic()
        assert (await office.client.delete(f"/api/shares/{share.id}")).is_success
        await until(lambda: page.closed_with == 4010, what="the page to be closed")
        assert time.monotonic() - began < REVOKED_WITHIN_S
    async with httpx.AsyncClient(base_url=office.hub.url) as stranger:
        revoked = await stranger.post("/api/share", json={"token": token})
        guessed = await stranger.post("/api/share", json={"token": "A" * 43})
    assert revoked.status_code == guessed.status_code == 404
    assert revoked.json() == guessed.json()
    async with Page(office.hub.url, share_token=token) as again:
        await until(lambda: again.closed_with == 4004)
        assert not again.shared


async def test_the_link_of_one_trip_never_shows_another(office: Office, rival_office: Office) -> None:
    mine = await office.carriage("Руслан Акматов", "+996555300004")
    theirs = await rival_office.carriage("Их Рейс", "+996555300005")
    _, my_token = await office.share(mine.id)
    _, their_token = await rival_office.share(theirs.id)
    async with (
        Page(office.hub.url, share_token=my_token) as page,
        Page(office.hub.url, share_token=their_token) as other,
    ):
        await until(lambda: page.shared and other.shared)
        assert page.shared["order_id"] == mine.trip.order_id
        assert other.shared["order_id"] == theirs.trip.order_id
    assert (await rival_office.client.get(f"/api/trips/{mine.id}/shares")).status_code == 404
    share = (await office.client.get(f"/api/trips/{mine.id}/shares")).json()["shares"][0]
    assert (await rival_office.client.delete(f"/api/shares/{share['id']}")).status_code == 404
    async with Page(office.hub.url, cookie=my_token) as signed_in:
        await until(lambda: signed_in.closed_with == 4001)


async def test_no_process_ever_writes_a_secret_into_its_log(office: Office, story: Pool) -> None:
    carriage = await office.carriage("Канат Исаков", "+996555300006", "traccar")
    _, token = await office.share(carriage.id)
    async with Page(office.hub.url, share_token=token) as page:
        await until(lambda: page.shared)
    answer = await office.client.get("/phone", params={"id": carriage.device.traccar_id, "lat": "42.8", "lon": "74.5"})
    assert answer.status_code == 200
    await office.client.get(f"/s?token={token}")
    await office.client.get(f"/api/trips/0?session={office.cookie}")
    await office.client.post("/api/session", json={"login": office.person.login, "password": "not the Password 1"})
    settings = office.hub.settings
    secrets = {
        "share token": token,
        "session": office.cookie,
        "phone password": carriage.device.password,
        "tracker id": carriage.device.traccar_id,
        "typed password": "not the Password 1",
        "device secret": settings.device_secret,
        "broker password": settings.broker_password,
        "database address": settings.database().url,
    }
    logs = {f"{kind}-{number}": office.hub.log(kind, number) for kind, number in office.hub.processes}
    assert set(logs) == {"api-1", "push-1", "ingest-1", "worker-1", "haproxy-1"}
    found = [(name, what) for name, log in logs.items() for what, secret in secrets.items() if secret in log]
    assert found == []
