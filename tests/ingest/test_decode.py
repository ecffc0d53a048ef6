"""Every kind of input has its fix, its flag or its reason; nothing raises and nothing disappears."""

import datetime as dt
import json
import time
from typing import Any

import mqtt5
import numpy as np
import pytest

from geo.fix import Flag
from ingest.decode import Readings, read
from ingest.message import Message
from tests.ingest.world import fix, message

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
OLDEST_US = int((NOW - dt.timedelta(days=30)).timestamp()) * 1_000_000
GOOD = fix(NOW, 42.5, 74.5, vel=36, cog=90, alt=800, batt=55)


def reading(*contents: Any, login: str = "phone") -> Readings:
    return read([message(login, content, at=NOW) for content in contents], OLDEST_US)


def reason(content: Any) -> str:
    found = reading(content)
    assert len(found.fixes) == 0
    assert len(found.refusals) == 1
    return found.refusals[0].reason


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def test_an_owntracks_location_becomes_a_fix_in_our_units() -> None:
    fixes = reading(GOOD).fixes
    assert fixes.fix_time.tolist() == [int(NOW.timestamp() * 1_000_000)]
    assert (fixes.lat[0], fixes.lon[0]) == (42.5, 74.5)
    assert fixes.speed_mps[0] == pytest.approx(10)
    assert (fixes.bearing_deg[0], fixes.altitude_m[0], fixes.accuracy_m[0]) == (90, 800, 10)
    assert fixes.battery_pct[0] == 55


def test_an_array_is_as_many_fixes() -> None:
    assert reading([GOOD, {**GOOD, "lat": 42.6}]).fixes.lat.tolist() == [42.5, 42.6]


def test_one_bad_fix_of_an_array_costs_only_itself() -> None:
    found = reading([GOOD, without("tst"), {**GOOD, "lat": 95}, 7])
    assert len(found.fixes) == 1
    assert sorted(refusal.reason for refusal in found.refusals) == ["bad_lat", "bad_type", "missing_tst"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", "bad_json"),
        (b"hello", "bad_json"),
        (b'{"_type":"location","lat":1,"lon":1,"tst":1} x', "bad_json"),
        (b'{"_type":"location","tid":"\xff\xfe","lat":"x"}', "bad_utf8"),
        (b"\x80\x81", "bad_utf8"),
        (b"[" * 100_000, "too_large"),
        (b"[" * 60_000, "too_deep"),
        (b'{"a":' * 10_000, "too_deep"),
        (b" " * (64 * 1024 + 1), "too_large"),
        (b'{"_type":"location","lat":1,"lon":1,"tst":1,"x":"\0"}', "nul"),
        (5, "bad_type"),
        ("text", "bad_type"),
        (None, "bad_type"),
        ({}, "unknown_type"),
        ({"_type": "nonsense"}, "unknown_type"),
        ({"_type": 5}, "unknown_type"),
        ({"_type": ["location"]}, "unknown_type"),
        ({"_type": "encrypted", "data": "abc"}, "encrypted"),
        (without("tst"), "missing_tst"),
        ({**GOOD, "tst": None}, "missing_tst"),
        ({**GOOD, "tst": "yesterday"}, "bad_tst"),
        ({**GOOD, "tst": True}, "bad_tst"),
        (without("lat"), "bad_lat"),
        (without("lon"), "bad_lon"),
        ({**GOOD, "lat": "north"}, "bad_lat"),
        ({**GOOD, "lat": [42]}, "bad_lat"),
        ({**GOOD, "lat": 95}, "bad_lat"),
        ({**GOOD, "lat": -90.0001}, "bad_lat"),
        ({**GOOD, "lon": 180.5}, "bad_lon"),
        # Swapped: 74.5 is a latitude, 242.5 no longitude.
        ({**GOOD, "lat": 74.5, "lon": 242.5}, "bad_lon"),
        ({**GOOD, "lat": float("nan")}, "not_finite"),
        ({**GOOD, "lon": float("inf")}, "not_finite"),
        (b'{"_type":"location","lat":1e999,"lon":1,"tst":1795435200}', "not_finite"),
        ({**GOOD, "lat": "1e999"}, "not_finite"),
        ({**GOOD, "lat": "infinity"}, "bad_lat"),
        ({**GOOD, "lat": "4_2"}, "bad_lat"),
        ({**GOOD, "tst": 0}, "too_old"),
        ({**GOOD, "tst": -5}, "too_old"),
        ({**GOOD, "tst": NOW.timestamp() - 40 * 86400}, "too_old"),
        ({**GOOD, "tst": NOW.timestamp() + 2 * 86400}, "far_future"),
        ({**GOOD, "tst": 1e300}, "far_future"),
        ({**GOOD, "tst": 10**25}, "far_future"),
        (b'{"_type":"location","lat":1,"lon":1,"tst":' + b"9" * 400 + b"}", "not_finite"),
    ],
)
def test_what_is_no_fix_has_a_reason(content: Any, expected: str | None) -> None:
    if expected is not None:
        assert reason(content) == expected


@pytest.mark.parametrize("name", ["acc", "vel", "cog", "alt", "batt"])
@pytest.mark.parametrize("nonsense", [None, "much", [], {}, True, -1, 1e300, float("nan")])
def test_a_nonsense_measurement_is_unknown_and_does_not_cost_the_fix(name: str, nonsense: Any) -> None:
    fixes = reading({**GOOD, name: nonsense}).fixes
    assert fixes.lat.tolist() == [42.5]
    values = {
        "acc": fixes.accuracy_m,
        "vel": fixes.speed_mps,
        "cog": fixes.bearing_deg,
        "alt": fixes.altitude_m,
        "batt": fixes.battery_pct,
    }
    value = values[name][0]
    is_capped = name == "acc" and nonsense == 1e300
    is_plain = name == "alt" and nonsense == -1
    assert is_capped or is_plain or np.isnan(value) or value == -1


def test_numbers_written_as_text_are_read() -> None:
    fixes = reading({**GOOD, "lat": "42.5", "lon": " 74.5 ", "tst": str(int(NOW.timestamp())), "acc": "7"}).fixes
    assert (fixes.lat[0], fixes.lon[0], fixes.accuracy_m[0]) == (42.5, 74.5, 7)


def test_milliseconds_are_recognised_and_counted() -> None:
    found = reading({**GOOD, "tst": NOW.timestamp() * 1000})
    assert found.fixes.fix_time.tolist() == [int(NOW.timestamp() * 1_000_000)]
    assert found.millisecond_times == 1


def test_a_byte_order_mark_is_passed_over() -> None:
    assert len(reading(b"\xef\xbb\xbf" + json.dumps(GOOD).encode()).fixes) == 1


def test_pings_and_mock_places_are_flagged() -> None:
    flags = reading({**GOOD, "t": "p"}, {**GOOD, "mock": True}, GOOD).fixes.flags.tolist()
    assert flags == [Flag.PING, Flag.MOCK, 0]


@pytest.mark.parametrize("kind", ["lwt", "status", "steps", "beacon", "transition", "heartbeat"])
def test_what_tells_of_the_device_is_a_report(kind: str) -> None:
    [(source, report, at_us)] = reading({"_type": kind, "batt": 5}).reports
    assert (source.login, report.kind, at_us) == ("phone", kind, int(NOW.timestamp()) * 1_000_000)


@pytest.mark.parametrize("kind", ["waypoint", "waypoints", "card", "cmd", "configuration", "request", "dump"])
def test_what_tells_nothing_is_counted_and_let_go(kind: str) -> None:
    found = reading({"_type": kind})
    assert found.idle == {kind: 1}
    assert not found.refusals


def test_retained_messages_are_old_news() -> None:
    packet = mqtt5.PublishPacket("owntracks/phone/x", json.dumps(GOOD).encode(), retain=True)
    found = read([Message(packet, 0, 1)], OLDEST_US)
    assert found.idle == {"retained": 1}
    assert len(found.fixes) == 0


def test_the_numbers_our_app_waits_for_include_the_refused() -> None:
    found = reading([{**GOOD, "seq": 8}, {**GOOD, "seq": 7, "lat": 95}], {**GOOD, "seq": 6})
    [(source, numbers)] = found.numbered
    assert (source.login, numbers) == ("phone", [6, 7, 8])


def test_also_a_number_of_a_fix_nobody_can_read_is_answered() -> None:
    found = reading([{**GOOD, "seq": 3}, {**GOOD, "seq": 4, "tst": None}, {**GOOD, "seq": 5, "lat": "north"}])
    assert [numbers for _, numbers in found.numbered] == [[3, 4, 5]]


@pytest.mark.parametrize("odd", [{"acc": None}, {"t": "\ud800"}, {"seq": 2**64 - 1}, {"seq": -1}])
def test_a_long_array_is_read_whole_whatever_one_of_its_fixes_says(odd: dict[str, Any]) -> None:
    bare = {"_type": "location", "lat": 1, "lon": 1, "tst": int(GOOD["tst"])}
    array = json.dumps([bare] * 1100 + [{**bare, **odd}], separators=(",", ":")).encode()
    assert len(reading(array).fixes) == 1101


def test_half_a_character_beside_a_place_that_is_none_is_refused_for_the_place() -> None:
    assert reason({**GOOD, "lat": 95, "t": "\ud800"}) == "bad_lat"


@pytest.mark.parametrize("content", [b"", b"[]", b" [ ] "])
def test_a_message_that_says_nothing_is_counted(content: bytes) -> None:
    found = reading(content)
    assert (found.idle, found.refusals, len(found.fixes)) == ({"empty": 1}, [], 0)


def test_a_report_nobody_can_be_named_for_is_refused() -> None:
    packet = mqtt5.PublishPacket("owntracks/phone", b'{"_type":"lwt"}')
    assert [one.reason for one in read([Message(packet, 0, 1)], OLDEST_US).refusals] == ["bad_topic"]


def test_hostile_messages_take_no_longer_than_honest_ones() -> None:
    began = time.perf_counter()
    reading(*[b"[" * 60_000] * 50, *[b'{"a":' * 10_000] * 50)
    assert time.perf_counter() - began < 5
