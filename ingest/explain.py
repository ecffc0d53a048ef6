"""Messages the quick reading does not take: other types, odd numbers, and what is wrong with the rest."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import msgspec

from ingest.errors import Unreadable
from ingest.location import MOST_SEQUENCE, Location

MOST_BYTES = 64 * 1024
MOST_TRIGGER = 8
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What the phone says besides positions: each is kept as the device's latest word, in part or whole.
REPORT_TYPES = frozenset({"lwt", "status", "steps", "beacon", "transition", "heartbeat"})
# Messages of trackers that tell us nothing; they are counted and let go.
IDLE_TYPES = frozenset({"waypoint", "waypoints", "card", "cmd", "configuration", "request", "dump", "stored"})
# Text that can be read as a number in one way only; Python itself would take "1_0" and "infinity" too.
NUMBER = re.compile(r"\s*[+-]?[0-9]{1,20}(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,3})?\s*")
_MEASURED = ("acc", "vel", "cog", "alt", "batt")


class Report(msgspec.Struct, frozen=True):
    """A device's word other than a position: its type and what it carried."""

    kind: str
    content: Mapping[str, Any]


class Idle(msgspec.Struct, frozen=True):
    """A message that is understood and needs nothing done."""

    kind: str


Explained = list[Location | Unreadable] | Report | Idle


def explain(payload: bytes) -> Explained:
    """Read a message patiently: every location in it or what is wrong with that one, a report, or an idle message.

    Raises Unreadable when the message as a whole is none of these.
    """
    if not payload:
        # How a topic is cleared of what was retained there.
        return Idle("empty")
    content = _parsed(payload)
    if content == []:
        return Idle("empty")
    if isinstance(content, list):
        return [_location_or_fault(item) for item in content]
    if not isinstance(content, dict):
        raise Unreadable("bad_type", f"a {type(content).__name__} where an object is expected")
    kind = content.get("_type")
    if kind == "location":
        return [_location_or_fault(content)]
    if kind == "encrypted":
        raise Unreadable("encrypted", "the phone encrypts; switch that off or send over TLS")
    if isinstance(kind, str) and kind in REPORT_TYPES:
        return Report(kind, content)
    if isinstance(kind, str) and kind in IDLE_TYPES:
        return Idle(kind)
    raise Unreadable("unknown_type", repr(kind)[:80])


def _parsed(payload: bytes) -> Any:
    if len(payload) > MOST_BYTES:
        raise Unreadable("too_large", f"{len(payload)} bytes")
    if b"\0" in payload:
        raise Unreadable("nul", "a zero byte in the text")
    try:
        text = payload.removeprefix(BYTE_ORDER_MARK).decode()
    except UnicodeDecodeError as error:
        raise Unreadable("bad_utf8", str(error)) from None
    try:
        # The standard parser reads NaN and Infinity, so that they can be told from other nonsense.
        return json.loads(text)
    except RecursionError:
        raise Unreadable("too_deep", "nested without end") from None
    except ValueError as error:
        raise Unreadable("bad_json", str(error)) from None


def _location_or_fault(item: Any) -> Location | Unreadable:
    try:
        return _location(item)
    except Unreadable as fault:
        fault.sequence = _sequence(item) if isinstance(item, dict) else 0
        return fault


def _location(item: Any) -> Location:
    if not isinstance(item, dict):
        raise Unreadable("bad_type", f"a {type(item).__name__} where an object is expected")
    if item.get("_type") != "location":
        raise Unreadable("unknown_type", repr(item.get("_type"))[:80])
    if item.get("tst") is None:
        raise Unreadable("missing_tst", "no time of the fix")
    measured = {name: _number_or_unknown(item.get(name)) for name in _MEASURED}
    if math.isnan(measured["batt"]):
        measured["batt"] = -1.0
    return Location(
        lat=_required(item, "lat"),
        lon=_required(item, "lon"),
        tst=_required(item, "tst"),
        t=_trigger(item.get("t")),
        seq=_sequence(item),
        mock=item.get("mock") is True,
        **measured,
    )


def _trigger(value: Any) -> str:
    """A letter. JSON may hold halves of characters, which nothing could write down again."""
    return value if isinstance(value, str) and value.isascii() and len(value) <= MOST_TRIGGER else ""


def _sequence(item: Mapping[str, Any]) -> int:
    """The queue's number our own app gave a fix, 0 for none."""
    number = _number_or_unknown(item.get("seq"))
    return int(number) if 0 < number < MOST_SEQUENCE else 0


def _required(item: Mapping[str, Any], name: str) -> float:
    value = item.get(name)
    if value is None:
        raise Unreadable(f"bad_{name}", "missing")
    number = _number(value)
    if number is None:
        raise Unreadable(f"bad_{name}", f"{value!r:.80} is no number")
    if not math.isfinite(number):
        raise Unreadable("not_finite", f"{name} is {number}")
    return number


def _number_or_unknown(value: Any) -> float:
    """A measurement that is no number is unknown; it does not cost the fix its place and time."""
    number = _number(value)
    return number if number is not None and math.isfinite(number) else math.nan


def _number(value: Any) -> float | None:
    """The number a value unmistakably is, also when it is written as text with a point."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and not NUMBER.fullmatch(value):
        return None
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except OverflowError:
        return math.inf
