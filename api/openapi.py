"""The OpenAPI 3.1 document, made from the same endpoints that answer."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from api import plain_addresses
from api.http import CSRF_FIELD, Endpoint, Endpoints
from api.idempotency import LONGEST_KEY
from api.operations import Readiness
from api.problems import MEDIA_TYPE, TITLES, Problem
from api.sockets import Socket, described
from freight.accounts.tokens import SESSION_COOKIE
from freight.permissions import Permission

VERSION = "0.1.0"
KEY_FIELD = "Idempotency-Key"
KEY_SCHEMA = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"}
_REFERENCE = "#/components/schemas/{name}"
_DESCRIPTION = """Times are UTC, ISO 8601; `_ms` are milliseconds since 1970. Places are WGS-84.
Sign in with `POST /api/session`; the session is a cookie, and every change sends `SessionView.csrf` back in
`X-CSRF`. Refusals are problem documents (RFC 9457) with a stable `code`. Whatever belongs to another organisation is
answered as if it did not exist. A request that makes something may name an `Idempotency-Key` of its own: sent again
with the same key and body within a day, after a lost answer for instance, it makes nothing twice and gets the first
answer, marked `Idempotency-Replayed: true`; another body is refused with `idempotency_key_reused`. What was refused
leaves its key free."""


def document(headings: Sequence[Endpoints], brand: str, sockets: Sequence[Socket] = ()) -> dict[str, Any]:
    """The document; the sockets, of which OpenAPI knows nothing, are under `x-sockets`."""
    endpoints = [(group.heading, endpoint) for group in headings for endpoint in group.all]
    frames = list(dict.fromkeys(frame for socket in sockets for frame in socket.frames))
    shapes = {shape for _, one in endpoints for shape in (one.body, one.answer) if shape not in (None, str)}
    queries = {one.query for _, one in endpoints if one.query is not None}
    # The order decides nothing but how the document reads.
    ordered = sorted(shapes | queries | {Problem, Readiness}, key=lambda shape: shape.__name__) + frames
    found, components = msgspec.json.schema_components(ordered, ref_template=_REFERENCE)
    schemas = dict(zip(ordered, found, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for heading, endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(
            heading, endpoint, schemas, components
        )
    paths |= plain_addresses.paths(schemas, {MEDIA_TYPE: {"schema": schemas[Problem]}})
    return {
        "openapi": "3.1.0",
        "info": {"title": brand, "version": VERSION, "description": _DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": {**components, **plain_addresses.SCHEMAS},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
                "tracker": plain_addresses.TRACKER_AUTH,
            },
        },
        "x-sockets": {socket.path: described(socket, schemas) for socket in sockets},
    }


def _operation(
    heading: str, endpoint: Endpoint, schemas: dict[Any, dict[str, Any]], components: dict[str, Any]
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.handler.__module__.rpartition('.')[2]}_{endpoint.handler.__name__}",
        "tags": [heading],
        "summary": endpoint.summary,
        "parameters": [*_path(endpoint), *_query(endpoint, components), *_headers(endpoint)],
        "responses": _responses(endpoint, schemas),
    }
    if not endpoint.permission.is_public:
        operation["security"] = [{"session": []}]
        operation["description"] = _for_whom(endpoint.permission)
    if endpoint.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[endpoint.body]}},
        }
    return operation


def _for_whom(permission: Permission) -> str:
    ids = "".join(f" `{name}`: {relation.value}." for name, relation in permission.ids.items())
    return f"For: {permission.who}.{ids}"


def _path(endpoint: Endpoint) -> list[dict[str, Any]]:
    schema = {"type": "integer", "minimum": 1, "maximum": 2_147_483_647}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name in re.findall(r"{(\w+)}", endpoint.path)
    ]


def _query(endpoint: Endpoint, components: dict[str, Any]) -> list[dict[str, Any]]:
    if endpoint.query is None:
        return []
    struct = components[endpoint.query.__name__]
    required = struct.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _spoken(schema)}
        for name, schema in struct["properties"].items()
    ]


def _spoken(schema: dict[str, Any]) -> dict[str, Any]:
    # A query string has no word for null: what may be null is left out instead.
    if "anyOf" in schema:
        kept = [one for one in schema["anyOf"] if one != {"type": "null"}]
        return kept[0] if len(kept) == 1 else {"anyOf": kept}
    if "enum" in schema:
        return {**schema, "enum": [value for value in schema["enum"] if value is not None]}
    return schema


def _headers(endpoint: Endpoint) -> list[dict[str, Any]]:
    if endpoint.method == "GET" or endpoint.permission.is_public:
        return []
    headers = [{"name": CSRF_FIELD, "in": "header", "required": True, "schema": {"type": "string"}}]
    if endpoint.is_repeatable:
        headers.append({"name": KEY_FIELD, "in": "header", "required": False, "schema": KEY_SCHEMA})
    return headers


def _responses(endpoint: Endpoint, schemas: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done"}
    if endpoint.media_type != "application/json":
        done["content"] = {endpoint.media_type: {"schema": {"type": "string"}}}
    elif endpoint.answer is not None:
        done["content"] = {"application/json": {"schema": schemas[endpoint.answer]}}
    refused = {
        str(status): {"description": TITLES[status], "content": {MEDIA_TYPE: {"schema": schemas[Problem]}}}
        for status in _statuses(endpoint)
    }
    return {str(endpoint.status): done, **refused}


def _statuses(endpoint: Endpoint) -> list[int]:
    """Every refusal this endpoint may give."""
    statuses = {503}
    if not endpoint.permission.is_public:
        statuses |= {401, 403}
    if endpoint.method != "GET":
        statuses |= {403, 429}
    if endpoint.is_repeatable:
        statuses |= {400, 409}
    if endpoint.body is not None:
        statuses |= {400, 401, 404, 409, 413, 415, 422}
    if endpoint.query is not None:
        statuses |= {422, 429}
    if endpoint.path_names:
        statuses |= {404, 409}
    return sorted(statuses)
