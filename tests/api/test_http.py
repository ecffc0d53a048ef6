"""What every endpoint has in common: reading requests, refusing them, and what every answer carries."""

import json

import pytest

from api.http import BODY_LIMIT_BYTES
from freight.trips.views import TripView
from tests.api.browser import Browser, new_trip
from tests.cast import Person

JSON = {"Content-Type": "application/json"}


IMPOSSIBLE_BODIES = [
    (b"", 400),
    (b"{", 400),
    (b'{"login": "\xff\xfe", "password": "x"}', 400),
    (b'{"login": NaN, "password": "x"}', 400),
    (b'{"login": "\\ud800", "password": "x"}', 400),
    (b"[" * 30_000, 422),
    (b'{"login":' + b"[" * 30_000, 422),
    (b"null", 422),
    (b'{"login": 1, "password": "x"}', 422),
    (b'{"login": "a", "password": "b", "role": "manager"}', 422),
    (b'{"login": "a\\u0000b", "password": "x"}', 422),
    (b"\xef\xbb\xbf{}", 400),
]


async def test_it_answers_every_impossible_body_with_a_problem(visitor: Browser) -> None:
    for body, status in IMPOSSIBLE_BODIES:
        answer = await visitor.client.post("/api/session", content=body, headers=JSON)
        assert answer.status_code == status, (body[:60], answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_it_reads_no_more_than_the_limit(visitor: Browser) -> None:
    answer = await visitor.client.post("/api/session", content=b" " * (BODY_LIMIT_BYTES + 1), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_it_takes_a_body_of_exactly_the_limit(visitor: Browser) -> None:
    body = json.dumps({"login": "a", "password": "b"}).encode()
    answer = await visitor.client.post("/api/session", content=body.ljust(BODY_LIMIT_BYTES), headers=JSON)
    assert answer.status_code == 401


async def test_it_refuses_a_form(visitor: Browser) -> None:
    answer = await visitor.client.post("/api/session", data={"login": "a", "password": "b"})
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type")


async def test_it_keeps_a_backslash_that_only_looks_like_a_nul(office: Browser, driver: Person) -> None:
    body = json.dumps(new_trip(driver, note="C:\\u0000")).encode()
    assert b"\\\\u0000" in body
    answer = await office.client.post("/api/trips", content=body, headers=JSON)
    assert answer.json()["note"] == "C:\\u0000"


WRONG_FIELDS: list[tuple[dict[str, object], str | None]] = [
    ({"cargo_name": 5}, "cargo_name"),
    ({"cargo_name": ""}, "cargo_name"),
    ({"weight_kg": 10**12}, "weight_kg"),
    ({"driver_id": 0}, "driver_id"),
    ({"colour": "red"}, "colour"),
    ({"stops": []}, "stops"),
    ({"stops": [{"kind": "loading"}, {"kind": "unloading"}]}, "stops[0].name"),
    ({"stops": [{"kind": "loading", "name": "x", "lat": 95, "lon": 0}] * 2}, "stops[0].lat"),
    ({"stops": [{"kind": "loading", "name": "x", "lat": 1e999, "lon": 0}] * 2}, None),
]


async def test_it_names_the_field_at_fault(office: Browser, driver: Person) -> None:
    for change, field in WRONG_FIELDS:
        body = json.dumps(new_trip(driver, **change)).replace("Infinity", "1e999")
        answer = await office.client.post("/api/trips", content=body, headers=JSON)
        assert answer.status_code in (400, 422), (change, answer.text)
        if field is not None:
            assert answer.json()["field"] == field
            assert answer.json()["errors"][0]["field"] == field


async def test_it_tells_apart_no_such_address_and_no_such_method(visitor: Browser) -> None:
    assert (await visitor.refusal("GET", "/api/nothing"))[:2] == (404, "not_found")
    assert (await visitor.refusal("DELETE", "/api/nothing"))[:2] == (404, "not_found")
    assert (await visitor.refusal("PATCH", "/api/trips"))[:2] == (405, "method_not_allowed")


async def test_it_answers_head_as_get_without_a_body(office: Browser) -> None:
    answer = await office.client.head("/api/session")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_it_takes_an_id_beyond_the_database_as_unknown(office: Browser) -> None:
    for number in ("0", "-1", "+1", "1.0", "one", "١", "2147483648", "9" * 30, "9" * 5000):
        assert (await office.refusal("GET", f"/api/trips/{number}"))[:2] == (404, "not_found"), number[:20]


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "PUT", "DELETE"])
async def test_it_names_the_methods_an_address_takes_to_who_asks_with_another(visitor: Browser, method: str) -> None:
    answer = await visitor.client.request(method, "/api/trips")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "POST"}
    assert (await visitor.refusal(method, "/api/nothing"))[:2] == (404, "not_found")


async def test_it_refuses_a_query_it_does_not_know(office: Browser) -> None:
    assert (await office.refusal("GET", "/api/trips?limit=0"))[2] == "limit"
    assert (await office.refusal("GET", "/api/trips?limit=many"))[2] == "limit"
    assert (await office.refusal("GET", "/api/trips?stage=open"))[2] == "stage"
    assert (await office.refusal("GET", "/api/trips?q=%00"))[1] == "nul"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://[", "https://a]b", "http://\u2100"])
async def test_it_refuses_a_change_from_a_foreign_page(office: Browser, trip: TripView, origin: str) -> None:
    headers = {"Origin": origin.encode()}
    answer = await office.client.post(f"/api/trips/{trip.id}/shares", json={}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


async def test_it_refuses_a_change_without_the_sessions_own_word(office: Browser, trip: TripView) -> None:
    for word in ("", "guessed"):
        answer = await office.client.post(f"/api/trips/{trip.id}/shares", json={}, headers={"X-CSRF": word})
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf")


async def test_every_answer_carries_its_id_and_the_headers_of_safety(visitor: Browser) -> None:
    seen = set()
    for path in ("/", "/s", "/api/session", "/api/nothing", "/health/live", "/phone"):
        answer = await visitor.client.get(path)
        seen.add(answer.headers["x-request-id"])
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert len(seen) == 6


async def test_a_long_answer_is_zipped_for_who_takes_it(office: Browser, trip: TripView) -> None:
    path = f"/api/trips/{trip.id}"
    zipped = await office.client.get(path)
    plain = await office.client.get(path, headers={"Accept-Encoding": "identity"})
    assert zipped.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers
    assert int(zipped.headers["content-length"]) < int(plain.headers["content-length"])
    assert zipped.json() == plain.json()
    assert zipped.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in (await office.client.get("/api/session")).headers


async def test_no_cache_keeps_what_the_api_says(office: Browser) -> None:
    assert (await office.client.get("/api/session")).headers["cache-control"] == "no-store"
    assert (await office.client.get("/api/trips/999999")).headers["cache-control"] == "no-store"
