"""Traccar Client's three formats, as its versions send them, told as OwnTracks JSON."""

import json
from urllib.parse import parse_qsl

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.phone_formats import MOST_ARRAY_BYTES, from_fields, from_json, payloads

NOW_S = 1_790_000_000.0

# As the Android client up to 9.0 writes it: speed in knots, battery in percent, zero for what GPS did not measure.
QUERY = (
    "id=dk3m9qwxz-abc&timestamp=1789999990&lat=42.8746&lon=74.5698&speed=32.3974&bearing=214.5&altitude=771.0"
    "&accuracy=4.5&batt=87.0"
)
# As 9.x writes it, with its location template.
JSON = {
    "location": {
        "timestamp": "2026-09-21T17:46:30.000Z",
        "coords": {
            "latitude": 42.8746,
            "longitude": 74.5698,
            "accuracy": 4.5,
            "speed": 16.67,
            "heading": 214.5,
            "altitude": 771.0,
        },
        "is_moving": True,
        "odometer": 1204.5,
        "event": "motionchange",
        "battery": {"level": 0.87, "is_charging": True},
        "activity": {"type": "in_vehicle"},
        "extras": {},
        "_": "&id=dk3m9qwxz-abc&lat=42.8746&lon=74.5698&timestamp=2026-09-21T17:46:30.000Z&",
    },
    "device_id": "dk3m9qwxz-abc",
}


def said(text: str) -> dict[str, object]:
    (message,) = from_fields(dict(parse_qsl(text)), NOW_S).messages
    return message


def test_a_query_string_is_read_with_its_units() -> None:
    report = from_fields(dict(parse_qsl(QUERY)), NOW_S)
    assert report.identifier == "dk3m9qwxz-abc"
    assert report.messages == [
        {
            "_type": "location",
            "lat": 42.8746,
            "lon": 74.5698,
            "tst": 1_789_999_990.0,
            "acc": 4.5,
            "vel": pytest.approx(60.0, abs=0.01),
            "cog": 214.5,
            "alt": 771.0,
            "batt": 87.0,
        }
    ]


def test_the_json_of_the_ninth_version_is_read_with_its_units() -> None:
    report = from_json(JSON, NOW_S)
    assert report.identifier == "dk3m9qwxz-abc"
    assert report.messages == [
        {
            "_type": "location",
            "lat": 42.8746,
            "lon": 74.5698,
            "tst": 1_790_012_790.0,
            "acc": 4.5,
            "vel": pytest.approx(60.012),
            "cog": 214.5,
            "alt": 771.0,
            "batt": 87,
            "bs": 2,
        }
    ]


def test_minus_one_is_unknown_in_json() -> None:
    location = json.loads(json.dumps(JSON["location"]))
    location["coords"] |= {"speed": -1, "heading": -1, "accuracy": -1}
    location["battery"]["level"] = -1
    (message,) = from_json({"device_id": "x", "location": location}, NOW_S).messages
    assert not {"vel", "cog", "acc", "batt"} & message.keys()


def test_zero_accuracy_is_unknown_in_a_query() -> None:
    assert "acc" not in said("id=x&lat=1&lon=2&timestamp=1789999990&accuracy=0.0")


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [
        ("1789999990", 1_789_999_990.0),
        ("1789999990123", 1_789_999_990.123),
        ("2026-09-21T17:46:30.000Z", 1_790_012_790.0),
        ("2026-09-21T23:46:30+06:00", 1_790_012_790.0),
        ("2026-09-21 17:46:30", 1_790_012_790.0),
        ("", NOW_S),
        ("yesterday", "yesterday"),
    ],
)
def test_a_time_is_read_in_every_spelling(timestamp: str, seconds: float | str) -> None:
    message = from_fields({"id": "x", "lat": "1", "lon": "2", "timestamp": timestamp}, NOW_S).messages[0]
    assert message["tst"] == seconds


def test_a_missing_time_is_now() -> None:
    assert said("id=x&lat=1&lon=2")["tst"] == NOW_S


def test_a_place_may_come_as_a_pair() -> None:
    message = said("deviceid=x&location=42.5,74.5&timestamp=1789999990")
    assert (message["lat"], message["lon"]) == (42.5, 74.5)


@pytest.mark.parametrize(("name", "value"), [("lat", "north"), ("lon", "nan"), ("lat", "inf"), ("lat", "")])
def test_what_cannot_be_read_stays_as_it_came(name: str, value: str) -> None:
    fields = {"id": "x", "lat": "1", "lon": "2", "timestamp": "1789999990", name: value}
    message = from_fields(fields, NOW_S).messages[0]
    assert message.get(name) == (value or None)
    assert message["_type"] == "location"


def test_a_place_the_phone_does_not_trust_is_told_as_a_ping() -> None:
    assert said("id=x&lat=1&lon=2&valid=0")["t"] == "p"
    assert "t" not in said("id=x&lat=1&lon=2&valid=true")


def test_a_fake_place_and_a_charger_are_told() -> None:
    message = said("id=x&lat=1&lon=2&mock=true&charge=true")
    assert (message["mock"], message["bs"]) == (True, 2)


def test_without_a_place_it_is_a_heartbeat() -> None:
    assert said("id=x&batt=44&timestamp=1789999990") == {"_type": "heartbeat", "tst": 1_790_000_000, "batt": 44.0}
    report = from_json({"device_id": "x", "location": {"battery": {"level": 0.5}}}, NOW_S)
    assert report.messages == [{"_type": "heartbeat", "tst": 1_790_000_000, "batt": 50}]


def test_a_notification_token_alone_is_a_greeting() -> None:
    assert from_fields({"id": "x", "notificationToken": "secret"}, NOW_S).messages == []


def test_several_locations_in_one_request_are_several_fixes() -> None:
    report = from_json({"device_id": "x", "location": [JSON["location"], JSON["location"]]}, NOW_S)
    assert len(report.messages) == 2


@pytest.mark.parametrize("timestamp", [10**400, 10**300, [1], {"a": [10**400]}, True])
def test_a_time_nobody_can_reckon_with_stays_for_ingest_to_refuse(timestamp: object) -> None:
    location = {"coords": {"latitude": 1, "longitude": 2, "speed": 10**400}, "battery": {"level": 1e308}}
    (message,) = from_json({"device_id": "x", "location": {**location, "timestamp": timestamp}}, NOW_S).messages
    assert msgspec.json.encode(message)
    assert not {"vel", "batt"} & message.keys()


def test_a_request_brings_a_thousand_items_and_one_heartbeat_at_most() -> None:
    report = from_json({"device_id": "x", "location": [1] * 1500 + [JSON["location"]]}, NOW_S)
    assert [message["_type"] for message in report.messages] == ["heartbeat"]
    assert report.left_out == 501
    mixed = from_json({"device_id": "x", "location": [JSON["location"], 1, JSON["location"], 2]}, NOW_S)
    assert [message["_type"] for message in mixed.messages] == ["location", "location", "heartbeat"]
    assert mixed.left_out == 0


def test_fixes_are_published_together_in_arrays_the_broker_takes() -> None:
    report = from_json({"device_id": "x", "location": [JSON["location"]] * 999 + [5]}, NOW_S)
    written = list(payloads(report.messages))
    assert max(map(len, written)) <= MOST_ARRAY_BYTES + 2
    *arrays, heartbeat = [json.loads(payload) for payload in written]
    assert 2 <= len(arrays) <= 5
    assert [fix for array in arrays for fix in array] == report.messages[:-1]
    assert heartbeat["_type"] == "heartbeat"


@given(st.lists(st.integers(0, 3 * MOST_ARRAY_BYTES // 2), max_size=8))
def test_every_fix_is_published_once_whatever_its_size(sizes: list[int]) -> None:
    messages = [{"_type": "location", "x": "x" * size, "n": n} for n, size in enumerate(sizes)]
    written = [json.loads(payload) for payload in payloads(messages)]
    assert [fix for one in written for fix in (one if isinstance(one, list) else [one])] == messages


@pytest.mark.parametrize(
    "content", [{}, {"location": None}, {"location": 5, "device_id": 7}, {"location": {"coords": [1, 2]}}]
)
def test_nonsense_becomes_a_heartbeat_of_nobody_in_particular(content: dict[str, object]) -> None:
    report = from_json(content, NOW_S)
    assert [message["_type"] for message in report.messages] == ["heartbeat"]
