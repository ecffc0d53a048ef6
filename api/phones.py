"""The one address of phones that come by HTTP: Traccar Client in its three formats, OwnTracks in HTTP mode.

The answer decides whether a phone keeps or drops its fix. 200 for everything that sending again would not better:
published, malformed, unknown. 503 while the broker or the database cannot take it. 401 for a wrong OwnTracks password
alone. What is published is confirmed by the broker first; from there ingest's one pipeline goes on.
"""

import base64
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api import metrics
from api.bridge import TooLarge
from api.context import Context
from api.http import BODY_LIMIT_BYTES, POOL_TIMEOUT_S, read_body
from api.phone_formats import MOST_ITEMS, Report, from_fields, from_json, payloads
from api.problems import RequestRefused
from freight.drivers.phones import Refused, is_device, quarantine, short_login, tracker_login
from freight.networks import network

TRACCAR_DEVICE = "traccar"
FORM_FIELDS = {"id", "deviceid", "lat", "lon", "location"}
# A length the database's column holds.
DIGITS = re.compile(r"[0-9]{1,9}")
DEVICE = re.compile(r"[A-Za-z0-9_-]{1,40}")


async def answer_phone(context: Context, request: Request) -> Response:
    """Take whatever a phone says. Raises Overloaded when it has to come again."""
    try:
        body = await read_body(request)
    except RequestRefused:
        await _set_aside(
            context, request, "body", Refused("too_large", f"over {BODY_LIMIT_BYTES} bytes", _size(request))
        )
        return _thanks()
    authorization = request.headers.get("authorization", "")
    if authorization.lower().startswith("basic "):
        return await _owntracks(context, request, authorization[6:], body)
    content = _json(body) if body[:1] in (b"{", b"[") else None
    if isinstance(content, dict) and ("location" in content or "device_id" in content):
        return await _traccar(context, request, "json", from_json(content, time.time()), body)
    if isinstance(content, dict | list):
        # OwnTracks without a password.
        return _unauthorized()
    fields, form = _fields(request, body)
    if not fields:
        return await _nothing(context, request, body)
    said = body or _query_bytes(request)
    return await _traccar(context, request, form, from_fields(fields, time.time()), said)


async def _traccar(context: Context, request: Request, form: str, report: Report, said: bytes) -> Response:
    async with context.pool.acquire(timeout=POOL_TIMEOUT_S) as connection:
        login = await tracker_login(connection, context.config.device_secret, report.identifier)
    if login is None:
        unknown = Refused("unknown_device", short_login(report.identifier), len(said))
        await _set_aside(context, request, form, unknown)
        return _thanks()
    outcome = "published" if report.messages else "greeting"
    for payload in payloads(report.messages):
        try:
            await context.bridge.publish(f"owntracks/{login}/{TRACCAR_DEVICE}", payload)
        except TooLarge as error:
            # Written anew as JSON it may have grown, so that the body's own limit does not settle it. What is set
            # aside is the message: the body holds the phone's credential.
            outcome = "too_large"
            await _set_aside(context, request, form, Refused(outcome, str(error), len(payload), payload, login))
    if report.left_out:
        words = f"{report.left_out} more than the {MOST_ITEMS} one request may bring"
        await _set_aside(context, request, form, Refused("too_many", words, len(said), login=login))
    if outcome != "too_large":
        metrics.PHONE.labels(form, outcome).inc()
    return _thanks()


async def _owntracks(context: Context, request: Request, credentials: str, body: bytes) -> Response:
    login, password = _basic(credentials)
    async with context.pool.acquire(timeout=POOL_TIMEOUT_S) as connection:
        if not await is_device(connection, context.config.device_secret, login, password):
            return _unauthorized()
    if not body:
        metrics.PHONE.labels("owntracks", "empty").inc()
        return _thanks(b"[]")
    named = request.headers.get("x-limit-d", "")
    device = named if DEVICE.fullmatch(named) else "phone"
    try:
        await context.bridge.publish(f"owntracks/{login}/{device}", body)
    except TooLarge as error:
        await _set_aside(context, request, "owntracks", Refused("too_large", str(error), len(body), body, login))
    else:
        metrics.PHONE.labels("owntracks", "published").inc()
    return _thanks(b"[]")


async def _nothing(context: Context, request: Request, body: bytes) -> Response:
    if body:
        await _set_aside(context, request, "body", Refused("unreadable", "neither JSON nor a form", len(body)))
    else:
        metrics.PHONE.labels("query", "empty").inc()
    return _thanks()


async def _set_aside(context: Context, request: Request, form: str, refused: Refused) -> None:
    """Into quarantine with its reason; a flood from one network is only counted."""
    address = request.client.host if request.client else None
    if await context.limits.allows("quarantine", network(address)):
        async with context.pool.acquire(timeout=POOL_TIMEOUT_S) as connection:
            await quarantine(connection, refused)
        metrics.PHONE.labels(form, refused.reason).inc()
    else:
        metrics.PHONE.labels(form, f"{refused.reason}_dropped").inc()


def _size(request: Request) -> int:
    """The size of a body that was not read to its end, as its sender says."""
    said = request.headers.get("content-length", "")
    return int(said) if DIGITS.fullmatch(said) else BODY_LIMIT_BYTES


def _fields(request: Request, body: bytes) -> tuple[Mapping[str, str], str]:
    """The fields of the query string, or of a form body; and which of them it was."""
    query = _parsed(_query_bytes(request))
    if query:
        return query, "query"
    form = _parsed(body)
    # Any text at all is a form of fields without values.
    return (form if form.keys() & FORM_FIELDS else {}), "form"


def _parsed(text: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(text.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100))
    except ValueError:
        return {}


def _query_bytes(request: Request) -> bytes:
    query: bytes = request.scope["query_string"]
    return query


def _json(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _basic(credentials: str) -> tuple[str, str]:
    try:
        login, _, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        # Not ASCII, not base64, or not UTF-8 inside: all of them are ValueErrors.
        return "", ""
    return login, password


def _thanks(body: bytes = b"") -> Response:
    media_type = "application/json" if body else "text/plain"
    return Response(body, headers={"Cache-Control": "no-store"}, media_type=media_type)


def _unauthorized() -> Response:
    metrics.PHONE.labels("owntracks", "unauthorized").inc()
    return Response(status_code=401, headers={"WWW-Authenticate": 'Basic realm="tracker"', "Cache-Control": "no-store"})
