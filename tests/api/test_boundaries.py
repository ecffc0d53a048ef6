"""Whom each endpoint answers, and of whose things: every row of the permissions walked, so that none can lie."""

import datetime as dt
from typing import Any

import pytest_asyncio

from api.app import HEADINGS
from api.http import Endpoint
from freight.accounts.actions import create_link
from freight.accounts.tokens import SESSION_COOKIE, csrf_of, token_hash
from freight.config import FreightConfig
from freight.drivers.credentials import device_password, tracker_id
from freight.permissions import ENDPOINTS, ROLES, ROOMS, Relation, room_of
from freight.shares.views import ShareView
from freight.trips.views import TripView
from store.pool import Pool
from store.tables.accounts import ROLES as ACCOUNT_ROLES
from tests.api.browser import BISHKEK, OSH, SECRET, Browser
from tests.api.conftest import SignIn
from tests.api.things import NOBODYS, Things, make_things
from tests.cast import CAST_PASSWORD, Person, make_person, share_driver

DECLARED: list[Endpoint] = [endpoint for group in HEADINGS for endpoint in group.all]
CLOSED = [endpoint for endpoint in DECLARED if not endpoint.permission.is_public]

# A well-formed body for every endpoint that wants one: what is refused is then refused for who asks.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/api/session"): {"language": "en"},
    ("POST", "/api/session/password"): {"current": CAST_PASSWORD, "new": "перевал Долон"},
    ("POST", "/api/trips"): {
        "driver_id": 1,
        "cargo_name": "Лук",
        "stops": [{"kind": "loading", **BISHKEK}, {"kind": "unloading", **OSH}],
    },
    ("POST", "/api/trips/{trip_id}/marks"): {"stop_id": 1, "kind": "arrived"},
    ("POST", "/api/trips/{trip_id}/end"): {"action": "fail", "reason": "нет груза"},
    ("PATCH", "/api/trips/{trip_id}/stops/{stop_id}"): {"name": "Новое"},
    ("POST", "/api/routes"): {"points": [[42.87, 74.57], [42.9, 74.6]]},
    ("POST", "/api/trips/{trip_id}/shares"): {},
    ("PATCH", "/api/shares/{share_id}"): {"label": "Другой"},
    ("POST", "/api/drivers"): {"name": "Новый", "phone": "+996700111222"},
    ("PATCH", "/api/drivers/{driver_id}"): {"vehicle_model": "DAF"},
    ("POST", "/api/drivers/{driver_id}/devices"): {"kind": "owntracks"},
    ("POST", "/api/driver/marks"): {"stop_id": 1, "kind": "arrived"},
    ("POST", "/api/driver/shift"): {"on_shift": True},
    ("POST", "/api/driver/password"): {"new": "перевал Төө-Ашуу"},
    ("POST", "/api/driver/devices"): {"kind": "traccar"},
    ("POST", "/api/notifications/read"): {"up_to_id": 1},
}
# What ends something comes after everything that needs it.
LAST = ("POST /api/trips/{trip_id}/end", "DELETE /api/session")
# Ids that need not be one's own, because they open nothing.
FREE = (Relation.WHERE_TO_GO_ON, Relation.NOBODYS)
SHARED = {Relation.MY_DRIVER_ALONE, Relation.DEVICE_OF_MY_DRIVER_ALONE}


def name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def in_good_order(endpoint: Endpoint) -> tuple[bool, int]:
    return name(endpoint) in LAST, ("GET", "PATCH", "POST", "DELETE").index(endpoint.method)


async def ask(browser: Browser, endpoint: Endpoint, ids: dict[str, int]) -> tuple[int, str]:
    """Status and text of the answer when the ids of path, query and body are these."""
    query = {one: ids[one] for one in ("before_id",) if one in endpoint.permission.ids}
    if endpoint.path == "/api/places":
        query = {"q": "Ош"}
    body = None
    if endpoint.body is not None:
        body = dict(BODIES[endpoint.method, endpoint.path])
        body |= {field: ids[field] for field in endpoint.permission.ids if field in body}
    path = endpoint.path.format_map(ids)
    answer = await browser.client.request(endpoint.method, path, json=body, params=query)
    return answer.status_code, answer.text


def any_ids(endpoint: Endpoint) -> dict[str, int]:
    return dict.fromkeys(endpoint.permission.ids, 1)


@pytest_asyncio.fixture
async def mine(office: Browser, database: Pool, dispatcher: Person, config: FreightConfig) -> Things:
    return await make_things(office, database, dispatcher, config, 1)


@pytest_asyncio.fixture
async def theirs(rival_office: Browser, database: Pool, rival: Person, config: FreightConfig) -> Things:
    return await make_things(rival_office, database, rival, config, 2)


def test_every_row_is_of_an_endpoint_and_every_role_is_one_of_an_account() -> None:
    assert sorted(map(name, DECLARED)) == sorted(ENDPOINTS)
    assert set(ACCOUNT_ROLES) == ROLES


def test_no_role_has_two_rooms() -> None:
    for role in ROLES:
        rooms = [noun for noun, row in ROOMS.items() if not row.is_public and row.admits(role)]
        assert rooms in ([], [room_of(role)])


async def test_no_endpoint_but_the_public_ones_answers_who_is_not_signed_in(visitor: Browser) -> None:
    answers = {name(endpoint): (await ask(visitor, endpoint, any_ids(endpoint)))[0] for endpoint in CLOSED}
    assert answers == dict.fromkeys(answers, 401)
    assert {name(endpoint) for endpoint in DECLARED if endpoint.permission.is_public} == {
        "POST /api/session",
        "POST /api/session/link",
        "POST /api/share",
    }


async def test_each_role_reaches_its_own_endpoints_only(
    sign_in: SignIn, dispatcher: Person, driver: Person, carrier: Person, stranger: Person, database: Pool
) -> None:
    finance = await make_person(database, "finance", "Бухгалтер", "finance@reis.example")
    people = (dispatcher, driver, carrier, stranger, finance)
    assert {person.role for person in people} == ROLES
    for person in people:
        browser = await sign_in(person)
        for endpoint in CLOSED:
            if name(endpoint) == "DELETE /api/session":
                continue
            allowed = person.role in (endpoint.permission.roles or ())
            status, _ = await ask(browser, endpoint, dict.fromkeys(endpoint.permission.ids, NOBODYS))
            assert (status != 403) is allowed, (person.role, name(endpoint), status)


async def test_each_endpoint_takes_ones_own_things_and_knows_no_other(
    office: Browser, sign_in: SignIn, mine: Things, theirs: Things
) -> None:
    """Of every id of every row: a rival's and nobody's do not exist, one's own is answered; in no answer there is a
    word of the rival's, and in none to a dispatcher a secret of a phone."""
    cab = await sign_in(mine.carrying)
    mistakes = []
    for endpoint in sorted(CLOSED, key=in_good_order):
        is_drivers = endpoint.permission.roles == {"driver"}
        for expected, whose, ids in askings(endpoint, mine, theirs):
            status, text = await ask(cab if is_drivers else office, endpoint, ids)
            leaks = [word for word in theirs.words + theirs.secrets if word in text]
            leaks += [] if is_drivers else [secret for secret in mine.secrets if secret in text]
            if status // 100 != expected // 100 or (expected == 404 and status != 404) or leaks:
                mistakes.append((name(endpoint), whose, status, leaks))
    assert mistakes == []


def askings(endpoint: Endpoint, mine: Things, theirs: Things) -> list[tuple[int, str, dict[str, int]]]:
    """What is asked of an endpoint, by status: each id a rival's and nobody's, and at last all of one's own."""
    others = [
        (200 if relation in FREE else 404, f"{whose} {one}", mine.ids | {one: ids[one]})
        for one, relation in endpoint.permission.ids.items()
        if one in mine.ids
        for whose, ids in (("rival's", theirs.ids), ("nobody's", dict.fromkeys(theirs.ids, NOBODYS)))
    ]
    return [*others, (200, "one's own", mine.ids)]


async def test_of_a_driver_two_companies_have_neither_reaches_what_is_the_others_or_his(
    office: Browser, rival_office: Browser, database: Pool, mine: Things, theirs: Things, rival: Person
) -> None:
    await share_driver(database, rival, mine.ids["driver_id"])
    ids = theirs.ids | {one: mine.ids[one] for one in ("driver_id", "device_id")}
    for browser in (office, rival_office):
        for endpoint in CLOSED:
            if SHARED & set(endpoint.permission.ids.values()):
                status, text = await ask(browser, endpoint, ids)
                assert (status, "driver_shared" in text) == (409, True), name(endpoint)
        assert (await browser.client.get(f"/api/drivers/{ids['driver_id']}/devices")).status_code == 200


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
            answers = {name(endpoint): (await ask(visitor, endpoint, any_ids(endpoint)))[0] for endpoint in CLOSED}
            assert answers == dict.fromkeys(answers, 401), kind


async def test_a_disabled_person_is_out_at_once(office: Browser, dispatcher: Person, database: Pool) -> None:
    async with database.acquire() as connection:
        await connection.execute(
            "update users set disabled_at = $2 where id = $1", dispatcher.user_id, dt.datetime.now(dt.UTC)
        )
    assert (await office.refusal("GET", "/api/session"))[:2] == (401, "not_signed_in")
