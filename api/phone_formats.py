"""Traccar Client's three ways of telling a position, as OwnTracks JSON. Pure; nothing here refuses anything.

- Query string (Traccar Client up to 9.0, OsmAnd) and form body (10.x) name the same fields: `id`, `timestamp`
  (seconds, milliseconds, ISO 8601 or `yyyy-MM-dd HH:mm:ss`, UTC), `lat`, `lon`, `speed` in **knots**, `bearing`,
  `altitude` m, `accuracy` m, `batt` in percent, `charge`, `mock`, `valid`. Source: traccar.org/osmand and the
  Android client, which multiplies m/s by 1.943844 before sending.
- JSON (9.x): `location.coords` with `speed` in **m/s** and `heading`, both -1 when unknown; `battery.level` 0..1.

What cannot be read stays as it came, so that ingest puts it into quarantine with its reason.
"""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

KMH_PER_KNOT = 1.852
KMH_PER_MPS = 3.6
# A number of seconds beyond this (year 5138) was meant in milliseconds.
MILLISECONDS_ABOVE = 1e11
# What one request may bring; a phone empties its queue in more requests.
MOST_ITEMS = 1000
# Under what the broker takes in one message, with room for its topic.
MOST_ARRAY_BYTES = 48 * 1024


class Report(msgspec.Struct, frozen=True):
    """What one request says: whose it is, and OwnTracks messages to publish (none for a mere greeting), at most one
    heartbeat among them. `left_out` counts what was beyond the bound."""

    identifier: str
    messages: list[dict[str, Any]]
    left_out: int = 0


def payloads(messages: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """The messages as they are published: fixes together in arrays, everything else by itself."""
    fixes = [msgspec.json.encode(message) for message in messages if message["_type"] == "location"]
    start, size = 0, 0
    for index, fix in enumerate(fixes):
        if index > start and size + len(fix) > MOST_ARRAY_BYTES:
            yield _array(fixes[start:index])
            start, size = index, 0
        size += len(fix) + 1
    if fixes:
        yield _array(fixes[start:])
    yield from (msgspec.json.encode(message) for message in messages if message["_type"] != "location")


def _array(fixes: Sequence[bytes]) -> bytes:
    return fixes[0] if len(fixes) == 1 else b"[" + b",".join(fixes) + b"]"


def from_fields(fields: Mapping[str, str], now_s: float) -> Report:
    """A query string or form body. Without a place it is a heartbeat; with a notification token alone, a greeting."""
    identifier = fields.get("id") or fields.get("deviceid") or ""
    lat, lon = _place(fields)
    if lat is None and lon is None:
        greeting = "notificationToken" in fields and "timestamp" not in fields
        return Report(identifier, [] if greeting else [_heartbeat(now_s, _number(fields.get("batt")))])
    message = {
        "_type": "location",
        "lat": _number(lat),
        "lon": _number(lon),
        "tst": _seconds(fields.get("timestamp"), now_s),
        "acc": _positive(fields.get("accuracy")),
        "vel": _times(fields.get("speed"), KMH_PER_KNOT),
        "cog": _number(fields.get("bearing") or fields.get("heading")),
        "alt": _number(fields.get("altitude")),
        "batt": _number(fields.get("batt")),
        "bs": 2 if fields.get("charge") == "true" else None,
        # A place the phone itself does not trust never moves a stage, as OwnTracks' ping.
        "t": "p" if fields.get("valid") in ("false", "0") else None,
        "mock": True if fields.get("mock") == "true" else None,
    }
    return Report(identifier, [_said(message)])


def from_json(content: Mapping[str, Any], now_s: float) -> Report:
    """The JSON of Traccar Client 9.x; `location` may be a list of what was kept while offline."""
    identifier = content.get("device_id")
    location = content.get("location")
    locations = location if isinstance(location, list) else [location]
    messages = [_from_location(one, now_s) for one in locations[:MOST_ITEMS]]
    beats = [message for message in messages if message["_type"] == "heartbeat"]
    # They are all of this moment: one says what a thousand do.
    messages = [message for message in messages if message["_type"] != "heartbeat"] + beats[-1:]
    known = identifier if isinstance(identifier, str | int | float) else ""
    return Report(str(known or ""), messages, max(0, len(locations) - MOST_ITEMS))


def _from_location(location: Any, now_s: float) -> dict[str, Any]:
    found: Mapping[str, Any] = location if isinstance(location, dict) else {}
    coords = found.get("coords")
    battery = found.get("battery")
    level = _known(battery.get("level")) if isinstance(battery, dict) else None
    percent = _scaled(level, 100)
    percent = round(percent) if isinstance(percent, float) else None
    if not isinstance(coords, dict) or ("latitude" not in coords and "longitude" not in coords):
        return _heartbeat(now_s, percent)
    speed = _known(coords.get("speed"))
    message = {
        "_type": "location",
        "lat": coords.get("latitude"),
        "lon": coords.get("longitude"),
        "tst": _seconds(found.get("timestamp"), now_s),
        "acc": _known(coords.get("accuracy")),
        "vel": _scaled(speed, KMH_PER_MPS),
        "cog": _known(coords.get("heading")),
        "alt": coords.get("altitude"),
        "batt": percent,
        "bs": 2 if isinstance(battery, dict) and battery.get("is_charging") is True else None,
        "mock": True if found.get("mock") is True else None,
    }
    return _said(message)


def _place(fields: Mapping[str, str]) -> tuple[str | None, str | None]:
    if "location" in fields:
        lat, _, lon = fields["location"].partition(",")
        return lat, lon
    return fields.get("lat"), fields.get("lon")


def _heartbeat(now_s: float, batt: Any) -> dict[str, Any]:
    return _said({"_type": "heartbeat", "tst": int(now_s), "batt": batt})


def _said(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        # Ingest refuses the one like the other; nested without end, a list could not even be written.
        name: f"a {type(value).__name__}" if isinstance(value, list | dict) else value
        for name, value in message.items()
        if value is not None
    }


def _number(text: str | None) -> float | str | None:
    """The number a text is; the text itself when it is none."""
    if text is None or text == "":
        return None
    try:
        number = float(text)
    except ValueError:
        return text
    # JSON has no word for these: as text they are refused further on, with their own reason.
    return number if abs(number) < float("inf") else text


def _positive(text: str | None) -> float | str | None:
    # Zero is how the client says "not measured".
    number = _number(text)
    return None if number == 0 else number


def _times(text: str | None, factor: float) -> float | str | None:
    scaled = _scaled(number := _number(text), factor)
    return number if scaled is None else round(scaled, 3)


def _scaled(value: Any, factor: float) -> float | None:
    """A measurement in another unit; None for what is no number, or none that can be reckoned with."""
    try:
        scaled = float(value) * factor if isinstance(value, int | float) else math.nan
    except OverflowError:
        return None
    return scaled if math.isfinite(scaled) else None


def _known(value: Any) -> Any:
    """A measurement that is not negative: -1 is the client's "unknown"."""
    return None if isinstance(value, int | float) and value < 0 else value


def _seconds(value: Any, now_s: float) -> Any:
    """Seconds since 1970 UTC; a missing time is now, an unreadable one stays as it came."""
    if value is None or value == "":
        return now_s
    number = _number(value) if isinstance(value, str) else value
    if isinstance(number, int | float):
        try:
            return number / 1000 if number > MILLISECONDS_ABOVE else number
        except OverflowError:
            return number
    return _written(value) if isinstance(value, str) else value


def _written(text: str) -> float | str:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
