"""The addresses no type hint describes, for the document: phones' own formats, health and metrics."""

from typing import Any

from api.operations import Readiness

PHONES, OPERATIONS = "Phones", "Operations"
TRACKER_AUTH = {"type": "http", "scheme": "basic", "description": "A device's login and password (OwnTracks)."}

_TRACCAR_FIELDS: dict[str, tuple[str, str]] = {
    "id": ("string", "The device identifier as shown in the cabinet; it is also the secret. `deviceid` is the same."),
    "timestamp": (
        "string",
        "Seconds or milliseconds since 1970, ISO 8601, or `yyyy-MM-dd HH:mm:ss` in UTC. Missing: now.",
    ),
    "lat": ("number", "Degrees. Without `lat` and `lon` the request is a heartbeat."),
    "lon": ("number", "Degrees."),
    "location": ("string", "`lat,lon` in one field."),
    "accuracy": ("number", "Metres; 0 is unknown."),
    "speed": ("number", "Knots."),
    "bearing": ("number", "Degrees from north. `heading` is the same."),
    "altitude": ("number", "Metres."),
    "batt": ("number", "Percent."),
    "charge": ("string", "`true` while charging."),
    "valid": ("string", "`false` or `0`: the phone does not trust the place; it moves no stage."),
    "mock": ("string", "`true`: the place was simulated."),
}
_NUMBER = {"type": "number"}
SCHEMAS: dict[str, dict[str, Any]] = {
    "TraccarFields": {
        "title": "TraccarFields",
        "description": "Traccar Client up to 9.0 (query string) and 10.x (form), OsmAnd.",
        "type": "object",
        "properties": {name: {"type": kind} for name, (kind, _) in _TRACCAR_FIELDS.items()},
        "required": ["id"],
    },
    "TraccarReport": {
        "title": "TraccarReport",
        "description": "Traccar Client 9.x. `location` may be a list of what was kept without a network.",
        "type": "object",
        "properties": {
            "device_id": {"type": "string"},
            "location": {
                "anyOf": [
                    {"$ref": "#/components/schemas/TraccarLocation"},
                    {"type": "array", "items": {"$ref": "#/components/schemas/TraccarLocation"}},
                ]
            },
        },
        "required": ["device_id", "location"],
    },
    "TraccarLocation": {
        "title": "TraccarLocation",
        "description": "`speed` in m/s and `heading` in degrees, both -1 when unknown; `battery.level` from 0 to 1.",
        "type": "object",
        "properties": {
            "timestamp": {"type": "string"},
            "coords": {
                "type": "object",
                "properties": {
                    name: _NUMBER for name in ("latitude", "longitude", "accuracy", "speed", "heading", "altitude")
                },
                "required": ["latitude", "longitude"],
            },
            "battery": {
                "type": "object",
                "properties": {"level": _NUMBER, "is_charging": {"type": "boolean"}},
            },
            "mock": {"type": "boolean"},
        },
        "required": ["coords"],
    },
    "OwnTracksMessage": {
        "title": "OwnTracksMessage",
        "description": "As OwnTracks documents it: `tst` in seconds, `vel` in km/h, `acc` in metres, `batt` in %. "
        "Other values of `_type` are heard as signs of life or passed over; unknown fields are no fault.",
        "type": "object",
        "properties": {
            "_type": {"type": "string"},
            **{name: _NUMBER for name in ("lat", "lon", "tst", "acc", "alt", "vel", "cog", "batt")},
        },
        "required": ["_type"],
    },
}


def paths(schemas: dict[Any, dict[str, Any]], problem: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The paths; `schemas` are references by type, `problem` the content of a refusal."""
    plain = {"text/plain": {"schema": {"type": "string"}}}
    return {
        "/phone": {"get": _phone("get", problem), "post": _phone("post", problem)},
        "/health/live": {"get": _operation("live", "The process turns", {"200": _answer("Alive", plain)})},
        "/health/ready": {
            "get": _operation(
                "ready",
                "What this process reaches; without the database it can do nothing and says 503",
                {
                    "200": _answer("The database answers", {"application/json": {"schema": schemas[Readiness]}}),
                    "503": _answer("It does not", {"application/json": {"schema": schemas[Readiness]}}),
                },
            )
        },
        "/metrics": {
            "get": _operation(
                "metrics",
                "Figures of all processes in Prometheus' text format, for private networks only",
                {"200": _answer("The figures", plain), "404": _answer("Asked from outside", problem)},
            )
        },
    }


def _phone(method: str, problem: dict[str, Any]) -> dict[str, Any]:
    """Traccar Client's three formats and OwnTracks' HTTP mode at one address."""
    accepted = {
        "text/plain": {"schema": {"const": ""}},
        "application/json": {"schema": {"const": []}},
    }
    described: dict[str, Any] = {
        "operationId": f"phone_{method}",
        "tags": [PHONES],
        "summary": "A fix or a heartbeat of Traccar Client or OwnTracks",
        "description": "`200` means that sending it again would not better it: published, repeated, unreadable, of an "
        "unknown phone. So a phone drops what was answered with `200` and keeps and repeats the rest. OwnTracks names "
        "itself by Basic authentication and its device by `X-Limit-D`; Traccar Client by its identifier alone.",
        "parameters": [],
        "security": [{}, {"tracker": []}],
        "responses": {
            "200": _answer("Taken; the body is empty, for OwnTracks `[]`", accepted),
            "401": {"description": "A wrong OwnTracks login or password, and nothing else"},
            "503": _answer("It cannot be taken now: send it again", problem),
        },
    }
    if method == "get":
        described["parameters"] = [
            {"name": name, "in": "query", "required": False, "description": words, "schema": {"type": kind}}
            for name, (kind, words) in _TRACCAR_FIELDS.items()
        ]
        return described
    message = {"$ref": "#/components/schemas/OwnTracksMessage"}
    report = {"$ref": "#/components/schemas/TraccarReport"}
    fields = {"$ref": "#/components/schemas/TraccarFields"}
    shapes = [report, message, {"type": "array", "items": message}]
    described["parameters"] = [
        {"name": "X-Limit-D", "in": "header", "required": False, "schema": {"type": "string", "maxLength": 40}}
    ]
    described["requestBody"] = {
        "required": False,
        "description": "At most 64 KiB. The fields may come as a query string instead.",
        "content": {
            "application/json": {"schema": {"anyOf": shapes}},
            "application/x-www-form-urlencoded": {"schema": fields},
        },
    }
    return described


def _operation(name: str, summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": f"operations_{name}",
        "tags": [OPERATIONS],
        "summary": summary,
        "parameters": [],
        "responses": responses,
    }


def _answer(description: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": content}
