"""The document of the API, and the API held to its document."""

import asyncio
from typing import Any, get_args

import httpx
import msgspec
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.applications import Starlette

from api.app import HEADINGS
from api.openapi import document
from freight.accounts.actions import Client, open_session
from freight.accounts.tokens import SESSION_COOKIE, csrf_of
from freight.trips.views import TripView
from hub.sockets import SOCKETS
from push import messages
from store.pool import Pool
from tests.api.browser import Browser
from tests.cast import Person

DOCUMENT = msgspec.json.decode(msgspec.json.encode(document(HEADINGS, "Рейс", SOCKETS)))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]  # type: ignore[union-attr]


async def test_the_document_names_every_endpoint(visitor: Browser) -> None:
    served = (await visitor.client.get("/api/openapi.json")).json()
    assert served["openapi"] == "3.1.0"
    declared = {(one.method.lower(), one.path) for group in HEADINGS for one in group.all}
    plain = {("get", path) for path in ("/health/live", "/health/ready", "/metrics", "/phone")} | {("post", "/phone")}
    assert {(method, path) for path, methods in served["paths"].items() for method in methods} == declared | plain


def test_the_document_shows_each_sockets_frames_by_direction() -> None:
    def names(path: str, key: str) -> set[str]:
        return {frame["$ref"].rpartition("/")[2] for frame in DOCUMENT["x-sockets"][path][key]}

    assert names("/ws", "clientFrames") == {"Join", "Resync"}
    assert names("/ws/share", "clientFrames") == {"Open", "Resync"}
    every = {frame.__name__ for frame in get_args(messages.ServerMessage)}
    assert names("/ws", "serverFrames") | names("/ws/share", "serverFrames") == every
    assert DOCUMENT["x-sockets"]["/ws/share"]["firstFrame"]["$ref"].endswith("/Open")
    assert DOCUMENT["components"]["schemas"]["Snapshot"]["properties"]["type"] == {"enum": ["snapshot"]}


def test_the_document_explains_every_close_code() -> None:
    own = {str(value) for name, value in vars(messages).items() if name.isupper() and isinstance(value, int)}
    told = {code for socket in DOCUMENT["x-sockets"].values() for code in socket["closeCodes"]}
    assert told == own | {"1007", "1009", "1011", "1012"}


def test_the_document_says_what_a_phone_is_answered() -> None:
    phone = DOCUMENT["paths"]["/phone"]
    assert set(phone["post"]["responses"]) == set(phone["get"]["responses"]) == {"200", "401", "503"}
    assert {one["name"] for one in phone["get"]["parameters"]} >= {"id", "lat", "lon", "timestamp", "speed", "batt"}
    assert set(phone["post"]["requestBody"]["content"]) == {"application/json", "application/x-www-form-urlencoded"}


def test_every_reference_leads_somewhere() -> None:
    known = DOCUMENT["components"]["schemas"]

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [found for part in value.values() for found in references(part)]
        if isinstance(value, list):
            return [found for part in value for found in references(part)]
        return []

    assert {reference.rpartition("/")[2] for reference in references(DOCUMENT)} <= known.keys()


async def test_the_readable_page_needs_nothing_from_elsewhere(visitor: Browser) -> None:
    for path, kind in (("/api/docs", "text/html"), ("/api/docs/docs.js", "javascript"), ("/api/docs/docs.css", "css")):
        answer = await visitor.client.get(path)
        assert answer.status_code == 200 and kind in answer.headers["content-type"]
        assert "http://" not in answer.text and "https://" not in answer.text


async def test_it_keeps_to_its_document(
    visitor: Browser, dispatcher: Person, database: Pool, app: Starlette, trip: TripView
) -> None:
    """Hundreds of made-up requests: never a 500, no status, type or shape the document does not know."""
    loop = asyncio.get_running_loop()
    headers: dict[str, str] = {}
    refusals: set[str] = set()

    async def sign_in() -> None:
        async with database.acquire() as connection:
            token, _ = await open_session(connection, dispatcher.user_id, Client(), 1)
        headers.update({"Cookie": f"{SESSION_COOKIE}={token}", "X-CSRF": csrf_of(token)})

    async def answer(case: Any) -> httpx.Response:
        request = case.as_transport_kwargs(base_url="http://hub.test")
        sent = {name: request[name] for name in ("params", "json", "data") if request.get(name) is not None}
        made = await visitor.client.request(
            request["method"], request["url"], headers={**request["headers"], **headers}, **sent
        )
        visitor.client.cookies.clear()
        if (request["method"].upper(), case.operation.path) == ("DELETE", "/api/session"):
            await sign_in()
        elif made.status_code == 401:
            refusals.add(case.operation.path)
        return made

    def hold(operation: Any) -> None:
        @settings(
            max_examples=10,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            made = asyncio.run_coroutine_threadsafe(answer(case), loop).result()
            case.validate_response(made, checks=CHECKS)

        ask()

    await sign_in()
    for operation in OPERATIONS:
        await asyncio.to_thread(hold, operation)
    # Nothing else answered that nobody is signed in: the session lived as long as it was asked with.
    assert refusals <= {"/api/session", "/api/session/link", "/phone"}
