"""Refusals as RFC 9457 problem documents: what is wrong, which field, in a code an interface can translate."""

import re
from collections.abc import Mapping

import asyncpg
import msgspec
from starlette.responses import Response

from freight.errors import (
    Conflict,
    FreightError,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Overloaded,
)
from store.away import is_away, is_refused_value

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "Unreadable request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Not possible now",
    413: "Too large",
    415: "Wrong media type",
    422: "Invalid value",
    429: "Too many requests",
    500: "Our mistake",
    503: "Overloaded",
}
_STATUS: dict[type[FreightError], int] = {
    Invalid: 422,
    Conflict: 409,
    NotFound: 404,
    NotAllowed: 403,
    NotSignedIn: 401,
    Overloaded: 503,
}
_PLACE = re.compile(r" - at `\$\.?(.*)`$")


class FieldError(msgspec.Struct, frozen=True):
    """One field at fault: its JSON path such as `stops[1].lat`."""

    field: str
    code: str
    detail: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """RFC 9457. `code` (also the end of `type`) is stable; `data` holds the figures of the sentence."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str = ""
    errors: list[FieldError] = []
    data: dict[str, str | int | float | bool | None] = {}


class RequestRefused(Exception):
    """The request itself is unreadable or not permitted, before the business is asked."""

    def __init__(self, status: int, code: str, detail: str, field: str = "", retry_after_s: int | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.retry_after_s = retry_after_s


def problem_of(error: Exception) -> Problem | None:
    """The problem an error means; None for one that is our mistake."""
    match error:
        case RequestRefused():
            return _problem(error.status, error.code, error.detail, error.field)
        case FreightError():
            status = next((known for kind, known in _STATUS.items() if isinstance(error, kind)), 409)
            return _problem(status, error.code, error.detail, error.field, error.data)
        case msgspec.ValidationError():
            detail, field = _located(str(error))
            return _problem(422, "invalid_value", detail, field)
        case msgspec.DecodeError() | UnicodeError() | RecursionError():
            return _problem(400, "unreadable", "the body is not JSON as RFC 8259 has it")
        case asyncpg.IntegrityConstraintViolationError():
            return None
        case _ if isinstance(error, OverflowError) or is_refused_value(error):
            # The database's own limits, where a number or date passed every check of ours.
            return _problem(422, "out_of_range", "a value is out of range")
        case _ if is_away(error):
            return _problem(503, "overloaded", "the database cannot do it now, try again")
    return None


def respond(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as a response that no cache keeps."""
    extra = {"Retry-After": "2"} if problem.status == 503 else {}
    return Response(
        msgspec.json.encode(problem),
        problem.status,
        {"Cache-Control": "no-store", **extra, **(headers or {})},
        MEDIA_TYPE,
    )


def mistake() -> Problem:
    """What is said of a bug: nothing but that it is ours."""
    return _problem(500, "mistake", "something went wrong here; it was written down")


def not_found() -> Problem:
    """No such address."""
    return _problem(404, "not_found", "no such address")


def method_not_allowed() -> Problem:
    """The address exists, the method does not."""
    return _problem(405, "method_not_allowed", "this address does not take this method")


def _problem(
    status: int,
    code: str,
    detail: str,
    field: str = "",
    data: Mapping[str, str | int | float | bool | None] | None = None,
) -> Problem:
    errors = [FieldError(field, code, detail)] if field else []
    return Problem(f"/problems/{code}", TITLES[status], status, code, detail, field, errors, dict(data or {}))


def _located(message: str) -> tuple[str, str]:
    """msgspec's sentence without its end "at `$.stops[0].lat`", and that place."""
    place = _PLACE.search(message)
    if place is None:
        missing = re.search(r"field `([^`]+)`", message)
        return message, missing.group(1) if missing else ""
    detail = message[: place.start()]
    missing = re.search(r"field `([^`]+)`", detail)
    path = place.group(1)
    return detail, ".".join(filter(None, (path, missing.group(1)))) if missing else path
