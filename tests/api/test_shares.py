"""Public links: what they show, to whom, for how long."""

import datetime as dt
import json

import pytest
import pytest_asyncio
from starlette.applications import Starlette

from freight.accounts.tokens import token_hash
from freight.driver_page.views import DriverHome
from freight.live import Changed, Ended, organisation
from freight.shares.views import PublicTrip, ShareList, ShareView, ShareVisits
from freight.trips.views import TripDetail, TripPage, TripView
from store.bus import CONTROL
from store.pool import Pool
from tests.api.browser import ORIGIN, Browser, ago
from tests.api.ears import Ears
from tests.cast import Person


@pytest_asyncio.fixture
async def share(office: Browser, trip: TripView) -> ShareView:
    return await office.post(f"/api/trips/{trip.id}/shares", {"label": "  ОсОО  Заказчик "}, ShareView, status=201)


def token_of(share: ShareView) -> str:
    return share.url.removeprefix(f"{ORIGIN}/s#")


async def open_share(browser: Browser, share: ShareView) -> PublicTrip:
    return await browser.post("/api/share", {"token": token_of(share)}, PublicTrip)


async def is_closed(browser: Browser, token: str) -> bool:
    return await browser.refusal("POST", "/api/share", {"token": token}) == (404, "not_found", "")


async def test_a_link_shows_its_trip_to_a_stranger(visitor: Browser, share: ShareView, trip: TripView) -> None:
    assert (share.label, share.active, len(token_of(share))) == ("ОсОО Заказчик", True, 43)
    public = await open_share(visitor, share)
    assert (public.order_id, public.stage, public.brand) == (trip.order_id, "assigned", "Рейс")
    assert public.vehicle_plate == "01 KG 777 ABC"
    assert [stop.name for stop in public.stops] == ["Бишкек", "Ош"]
    assert public.route is not None and public.track is not None


async def test_a_link_shows_nothing_that_is_not_the_customers(
    visitor: Browser, share: ShareView, trip: TripView, driver: Person
) -> None:
    answer = await visitor.client.post("/api/share", json={"token": token_of(share)})
    shown = answer.json()
    for key in ("phone", "price", "price_minor", "customer_name", "note", "fence", "address", "login", "password"):
        assert f'"{key}"' not in json.dumps(shown), key
    assert "+996555123456" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_only_the_hash_of_a_token_is_stored(share: ShareView, database: Pool) -> None:
    async with database.acquire() as connection:
        row = await connection.fetchrow("select * from shares")
    assert row is not None and row["token_hash"] == token_hash(token_of(share))
    assert token_of(share) not in str(tuple(row.values()))


async def test_unknown_expired_and_revoked_links_look_the_same(
    visitor: Browser, office: Browser, share: ShareView, database: Pool
) -> None:
    guess = await visitor.client.post("/api/share", json={"token": "A" * 43})
    async with database.acquire() as connection:
        await connection.execute("update shares set expires_at = now() - interval '1 second'")
    expired = await visitor.client.post("/api/share", json={"token": token_of(share)})
    async with database.acquire() as connection:
        await connection.execute("update shares set expires_at = null")
    await office.client.delete(f"/api/shares/{share.id}")
    revoked = await visitor.client.post("/api/share", json={"token": token_of(share)})
    nonsense = await visitor.client.post("/api/share", json={"token": ""})
    answers = [guess, expired, revoked, nonsense]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, guess.content)}


async def test_a_link_lasts_three_days_after_delivery(visitor: Browser, share: ShareView, database: Pool) -> None:
    async with database.acquire() as connection:
        await connection.execute("update trips set delivered_at = now() - interval '3 days' + interval '1 minute'")
        public = await open_share(visitor, share)
        assert public.ends_at is not None
        await connection.execute("update trips set delivered_at = now() - interval '3 days'")
    assert await is_closed(visitor, token_of(share))


async def test_a_trip_counts_the_links_that_hold(office: Browser, share: ShareView, database: Pool) -> None:
    async def count() -> int:
        return (await office.get(f"/api/trips/{share.trip_id}", TripDetail)).trip.share_count

    assert await count() == 1
    async with database.acquire() as connection:
        await connection.execute("update trips set delivered_at = now() - interval '3 days'")
    assert await count() == 0
    extended = await office.patch(f"/api/shares/{share.id}", {"expires_at": ago(days=-1)}, ShareView)
    assert extended.active
    assert await count() == 1


async def test_a_link_to_a_cancelled_trip_ends_as_well(
    visitor: Browser, office: Browser, share: ShareView, trip: TripView, database: Pool
) -> None:
    await office.post(f"/api/trips/{trip.id}/end", {"action": "cancel", "reason": ""}, TripView)
    assert (await open_share(visitor, share)).stage == "cancelled"
    async with database.acquire() as connection:
        await connection.execute(
            "update trips set window_to = now() - interval '3 days', window_from = now() - interval '9 days'"
        )
    assert await is_closed(visitor, token_of(share))


async def test_a_link_can_be_extended_and_renamed(
    office: Browser, share: ShareView, ears: Ears, database: Pool, visitor: Browser
) -> None:
    ends_at = dt.datetime.now(dt.UTC) + dt.timedelta(days=10)
    changed = await office.patch(
        f"/api/shares/{share.id}", {"label": "Получатель", "expires_at": ends_at.isoformat()}, ShareView
    )
    assert (changed.label, changed.ends_at, changed.url) == ("Получатель", ends_at, share.url)
    await ears.hear(CONTROL, Ended("share", share.id))
    async with database.acquire() as connection:
        await connection.execute("update trips set delivered_at = now() - interval '8 days'")
    await open_share(visitor, share)
    forever = await office.patch(f"/api/shares/{share.id}", {"expires_at": None}, ShareView)
    assert (forever.expires_at, forever.active, forever.label) == (None, False, "Получатель")


@pytest.mark.parametrize(
    ("expires_at", "code"),
    [(ago(minutes=1), "in_the_past"), (ago(days=-400), "too_far")],
    # A name with the time in it would differ from worker to worker.
    ids=["past", "far"],
)
async def test_it_refuses_an_impossible_end(office: Browser, trip: TripView, expires_at: str, code: str) -> None:
    refusal = await office.refusal("POST", f"/api/trips/{trip.id}/shares", {"expires_at": expires_at})
    assert refusal == (422, code, "expires_at")


async def test_revoking_ends_a_link_for_good_and_tells_open_sockets(
    office: Browser, visitor: Browser, share: ShareView, dispatcher: Person, ears: Ears
) -> None:
    assert (await office.client.delete(f"/api/shares/{share.id}")).status_code == 204
    await ears.hear(CONTROL, Ended("share", share.id))
    assert dispatcher.organisation_id is not None
    await ears.hear(organisation(dispatcher.organisation_id), Changed("trip", share.trip_id))
    assert await is_closed(visitor, token_of(share))
    path = f"/api/shares/{share.id}"
    assert (await office.refusal("PATCH", path, {"expires_at": ago(days=-1)}))[:2] == (409, "share_revoked")
    listed = (await office.get(f"/api/trips/{share.trip_id}/shares", ShareList)).shares
    assert [(one.id, one.active) for one in listed] == [(share.id, False)]


async def test_every_visit_is_written_down_once_per_network_and_half_hour(
    office: Browser, app: Starlette, share: ShareView, database: Pool
) -> None:
    phone = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"}
    for address in ("203.0.113.7", "203.0.113.99", "198.51.100.4", "2001:db8:1:2::5"):
        async with Browser(app, address) as customer:
            customer.client.headers.update(phone)
            for _ in range(2):
                await open_share(customer, share)
    visits = (await office.get(f"/api/shares/{share.id}/views", ShareVisits)).visits
    assert [(visit.address, visit.device) for visit in visits] == [
        ("2001:db8:1::", "Android, Chrome"),
        ("198.51.100.0", "Android, Chrome"),
        ("203.0.113.0", "Android, Chrome"),
    ]
    async with database.acquire() as connection:
        await connection.execute("update share_views set at = at - interval '31 minutes'")
    async with Browser(app, "203.0.113.7") as customer:
        await open_share(customer, share)
    seen = (await office.get(f"/api/trips/{share.trip_id}/shares", ShareList)).shares[0]
    assert seen.view_count == 4 and seen.last_viewed_at is not None


async def test_the_driver_sees_who_watches_him_and_until_when(
    office: Browser, cab: Browser, share: ShareView, database: Pool
) -> None:
    watchers = (await cab.get("/api/driver", DriverHome)).watchers
    assert [(watcher.label, watcher.ends_at) for watcher in watchers] == [("ОсОО Заказчик", None)]
    await office.client.delete(f"/api/shares/{share.id}")
    assert (await cab.get("/api/driver", DriverHome)).watchers == []


async def test_a_trip_tells_how_many_links_it_has(office: Browser, share: ShareView) -> None:
    assert (await office.get("/api/trips", TripPage)).trips[0].share_count == 1
    await office.client.delete(f"/api/shares/{share.id}")
    assert (await office.get("/api/trips", TripPage)).trips[0].share_count == 0


async def test_a_link_is_shown_as_a_qr_code(office: Browser, share: ShareView) -> None:
    answer = await office.client.get(f"/api/shares/{share.id}/qr.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg ") and token_of(share) not in answer.text


async def test_a_trip_has_a_bounded_number_of_links(office: Browser, trip: TripView, database: Pool) -> None:
    async with database.acquire() as connection:
        await connection.execute(
            "insert into shares (trip_id, organisation_id, nonce, token_hash, days_after_delivery)"
            " select $1, organisation_id, '', int8send(n), 3 from trips, generate_series(1, 50) n where id = $1",
            trip.id,
        )
    refusal = await office.refusal("POST", f"/api/trips/{trip.id}/shares", {})
    assert refusal[:2] == (409, "too_many_shares")


async def test_guessing_links_is_slowed_down(visitor: Browser) -> None:
    statuses = []
    for _ in range(241):
        statuses.append((await visitor.client.post("/api/share", json={"token": "B" * 43})).status_code)
    assert statuses == [404] * 240 + [429]
