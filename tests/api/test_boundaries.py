"""Whom each endpoint answers: made from the list of endpoints, so that a new one cannot escape."""

import datetime as dt
from typing import Any

from api.app import HEADINGS
from api.http import Endpoint
from freight.accounts.actions import create_link
from freight.accounts.tokens import SESSION_COOKIE, csrf_of, token_hash
from freight.drivers.credentials import device_password, tracker_id
from freight.drivers.views import DeviceSetup
from freight.shares.views import ShareView
from freight.trips.views import TripView
from store.pool import Pool
from tests.api.browser import BISHKEK, OSH, SECRET, Browser
from tests.api.conftest import SignIn
from tests.cast import Person

ENDPOINTS: list[Endpoint] = [endpoint for group in HEADINGS for endpoint in group.all]
CLOSED = [endpoint for endpoint in ENDPOINTS if endpoint.access != "public"]
OWNED = [endpoint for endpoint in ENDPOINTS if endpoint.path_names]

# A well-formed body for every endpoint that wants one: what is refused is then refused for who asks.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/api/session"): {"language": "en"},
    ("POST", "/api/session/password"): {"current": "x", "new": "y"},
    ("POST", "/api/trips"): {
        "driver_id": 1,
        "cargo_name": "Лук",
        "stops": [{"kind": "loading", **BISHKEK}, {"kind": "unloading", **OSH}],
    },
    ("POST", "/api/trips/{trip_id}/marks"): {"stop_id": 1, "kind": "arrived"},
    ("POST", "/api/trips/{trip_id}/end"): {"action": "cancel", "reason": "нет груза"},
    ("PATCH", "/api/trips/{trip_id}/stops/{stop_id}"): {"name": "Новое"},
    ("POST", "/api/routes"): {"points": [[42.87, 74.57], [42.9, 74.6]]},
    ("POST", "/api/trips/{trip_id}/shares"): {},
    ("PATCH", "/api/shares/{share_id}"): {"label": "Другой"},
    ("POST", "/api/drivers"): {"name": "Новый", "phone": "+996700111222"},
    ("PATCH", "/api/drivers/{driver_id}"): {"name": "Другой"},
    ("POST", "/api/drivers/{driver_id}/devices"): {"kind": "owntracks"},
    ("POST", "/api/driver/marks"): {"stop_id": 1, "kind": "arrived"},
    ("POST", "/api/driver/shift"): {"on_shift": True},
    ("POST", "/api/driver/password"): {"new": "y"},
    ("POST", "/api/driver/devices"): {"kind": "traccar"},
    ("POST", "/api/notifications/read"): {"up_to_id": 1},
}


def name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


async def ask(browser: Browser, endpoint: Endpoint, ids: dict[str, int]) -> int:
    path = endpoint.path.format_map(ids)
    if endpoint.path == "/api/places":
        path += "?q=Ош"
    body = BODIES[endpoint.method, endpoint.path] if endpoint.body is not None else None
    return (await browser.client.request(endpoint.method, path, json=body)).status_code


def any_ids(endpoint: Endpoint) -> dict[str, int]:
    return dict.fromkeys(endpoint.path_names, 1)


async def test_no_endpoint_but_the_public_ones_answers_who_is_not_signed_in(visitor: Browser) -> None:
    answers = {name(endpoint): await ask(visitor, endpoint, any_ids(endpoint)) for endpoint in CLOSED}
    assert answers == dict.fromkeys(answers, 401)
    assert {name(endpoint) for endpoint in ENDPOINTS if endpoint.access == "public"} == {
        "POST /api/session",
        "POST /api/session/link",
        "POST /api/share",
    }


async def test_each_role_reaches_its_own_endpoints_only(
    sign_in: SignIn, dispatcher: Person, driver: Person, carrier: Person, stranger: Person
) -> None:
    for person in (dispatcher, driver, carrier, stranger):
        browser = await sign_in(person)
        for endpoint in CLOSED:
            if name(endpoint) == "DELETE /api/session":
                continue
            allowed = endpoint.access in ("signed_in", person.role)
            status = await ask(browser, endpoint, any_ids(endpoint))
            assert (status != 403) is allowed, (person.role, name(endpoint), status)


async def test_another_organisations_things_do_not_exist(
    office: Browser, rival_office: Browser, trip: TripView, driver: Person
) -> None:
    share = await office.post(f"/api/trips/{trip.id}/shares", {}, ShareView, status=201)
    path = f"/api/drivers/{driver.driver_id}/devices"
    device = await office.post(path, {"kind": "traccar"}, DeviceSetup, status=201)
    assert driver.driver_id is not None
    ids = {
        "trip_id": trip.id,
        "stop_id": trip.stops[0].id,
        "share_id": share.id,
        "driver_id": driver.driver_id,
        "device_id": device.id,
    }
    for endpoint in OWNED:
        assert await ask(rival_office, endpoint, ids) == 404, name(endpoint)
    # Nothing was changed by the attempts, and to its owner everything exists.
    for endpoint in OWNED:
        if endpoint.method == "GET":
            assert await ask(office, endpoint, ids) == 200, name(endpoint)


async def test_lists_hold_nothing_of_another_organisation(
    office: Browser, rival_office: Browser, trip: TripView
) -> None:
    for path, key in (("/api/trips?state=all", "trips"), ("/api/drivers", "drivers")):
        assert len((await office.client.get(path)).json()[key]) == 1
        assert (await rival_office.client.get(path)).json()[key] == []
    assert (await rival_office.client.get("/api/notifications")).json()["notifications"] == []


async def test_a_rivals_driver_cannot_be_given_a_trip(rival_office: Browser, driver: Person) -> None:
    body = BODIES["POST", "/api/trips"] | {"driver_id": driver.driver_id}
    assert (await rival_office.refusal("POST", "/api/trips", body))[:2] == (404, "not_found")


async def test_a_rivals_driver_cannot_be_taken_over_by_his_number(rival_office: Browser, driver: Person) -> None:
    body = {"name": "Мой", "phone": "0555 123456"}
    assert await rival_office.refusal("POST", "/api/drivers", body) == (409, "taken", "phone")


async def test_a_stop_of_another_trip_is_not_this_trips(office: Browser, trip: TripView, database: Pool) -> None:
    async with database.acquire() as connection:
        foreign = await connection.fetchval(
            "with made as (insert into orders (organisation_id) select organisation_id from trips where id = $1"
            " returning id) insert into order_stops (order_id, position, kind, name, lat, lon)"
            " select id, 0, 'loading', 'x', 1, 1 from made returning id",
            trip.id,
        )
    mark = {"stop_id": foreign, "kind": "arrived"}
    assert (await office.refusal("POST", f"/api/trips/{trip.id}/marks", mark))[0] == 404
    change = {"name": "Чужая"}
    assert (await office.refusal("PATCH", f"/api/trips/{trip.id}/stops/{foreign}", change))[0] == 404


async def test_a_token_opens_only_what_it_was_made_for(
    office: Browser, visitor: Browser, trip: TripView, driver: Person, database: Pool
) -> None:
    share = await office.post(f"/api/trips/{trip.id}/shares", {}, ShareView, status=201)
    async with database.acquire() as connection:
        link, _ = await create_link(connection, driver.user_id, None)
    tokens = {
        "session": office.client.cookies[SESSION_COOKIE],
        "share": share.url.partition("#")[2],
        "link": link,
        "csrf": office.client.headers["X-CSRF"],
        "device": device_password(SECRET, "dlogin", 1),
        "tracker": tracker_id(SECRET, "dlogin", 1),
        "hash": token_hash(office.client.cookies[SESSION_COOKIE]).hex(),
    }
    for kind, token in tokens.items():
        headers = {"Cookie": f"{SESSION_COOKIE}={token}", "X-CSRF": csrf_of(token)}
        as_session = (await visitor.client.get("/api/session", headers=headers)).status_code
        as_share = (await visitor.client.post("/api/share", json={"token": token})).status_code
        as_link = (await visitor.client.post("/api/session/link", json={"token": token})).status_code
        visitor.client.cookies.clear()
        assert (as_session, as_share, as_link) == (
            200 if kind == "session" else 401,
            200 if kind == "share" else 404,
            200 if kind == "link" else 401,
        ), kind
        if kind != "session":
            headers = {"Cookie": f"{SESSION_COOKIE}={token}", "X-CSRF": csrf_of(token)}
            visitor.client.headers.update(headers)
            answers = {name(endpoint): await ask(visitor, endpoint, any_ids(endpoint)) for endpoint in CLOSED}
            assert answers == dict.fromkeys(answers, 401), kind


async def test_a_disabled_person_is_out_at_once(office: Browser, dispatcher: Person, database: Pool) -> None:
    async with database.acquire() as connection:
        await connection.execute(
            "update users set disabled_at = $2 where id = $1", dispatcher.user_id, dt.datetime.now(dt.UTC)
        )
    assert (await office.refusal("GET", "/api/session"))[:2] == (401, "not_signed_in")
