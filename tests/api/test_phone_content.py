"""Whatever a phone says, it is answered with 200, 401 or 503: anything else makes it drop or keep the wrong fix."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from api.phone_formats import MOST_ITEMS
from freight.drivers.views import DeviceSetup
from store.pool import Pool
from tests.api.browser import Browser
from tests.api.test_phones import FORM, Broker, basic, broker_ears, quarantined, tracker
from tests.waiting import until

__all__ = ["broker_ears", "tracker"]

ANSWERS = {200, 401, 503}
MADE_UP = settings(max_examples=80, deadline=None, database=None, suppress_health_check=list(HealthCheck))

NUMBERS = st.one_of(
    st.integers(),
    st.integers(-(10**400), 10**400),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1e308, -1e308, 10**18, 2**64, 1e11 + 1, True, False]),
)
ANYTHING = st.recursive(
    st.none() | NUMBERS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        *("id", "deviceid", "lat", "lon", "location", "timestamp", "speed", "bearing", "heading", "altitude"),
        *("accuracy", "batt", "charge", "mock", "valid", "notificationToken"),
    ]
)
WORDS = st.one_of(st.text(max_size=20), NUMBERS.map(str), st.sampled_from(["nan", "inf", "-inf", "1e999", "1_0"]))
FIELDS = st.dictionaries(NAMES | st.text(max_size=8), WORDS, max_size=8)


def parts(*names: str) -> st.SearchStrategy[dict[str, Any]]:
    """An object with some of these parts, each anything at all."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, ANYTHING))


LOCATIONS = st.fixed_dictionaries(
    {},
    optional={
        "coords": parts("latitude", "longitude", "speed", "heading", "accuracy", "altitude") | ANYTHING,
        "battery": parts("level", "is_charging") | ANYTHING,
        "timestamp": ANYTHING,
        "mock": ANYTHING,
    },
)


@pytest.mark.usefixtures("bridged")
async def test_no_content_costs_a_phone_an_error(visitor: Browser, tracker: DeviceSetup, broker_ears: Broker) -> None:
    client, loop = visitor.client, asyncio.get_running_loop()
    owntracks = basic(tracker.login, tracker.password)

    def answered(request: dict[str, Any]) -> None:
        asking = asyncio.run_coroutine_threadsafe(client.request(url="/phone", **request), loop)
        answer: httpx.Response = asking.result(60)
        assert answer.status_code in ANSWERS, answer.text

    @MADE_UP
    @example([{"coords": {"latitude": 1}, "battery": {"level": 1e308}}])
    @example([{"coords": {"latitude": 1}, "timestamp": 10**400}])
    @example([{"coords": {"latitude": 10**300, "speed": 10**400}, "battery": {"level": 10**400}}])
    @given(st.lists(LOCATIONS | ANYTHING, max_size=4) | LOCATIONS | ANYTHING)
    def by_json(location: Any) -> None:
        answered({"method": "POST", "json": {"device_id": tracker.traccar_id, "location": location}})

    @MADE_UP
    @given(FIELDS)
    def by_fields(fields: dict[str, str]) -> None:
        said = {"id": tracker.traccar_id, **fields}
        answered({"method": "GET", "params": said})
        answered({"method": "POST", "content": urlencode(said, errors="replace").encode(), "headers": FORM})

    @MADE_UP
    @given(ANYTHING.map(json.dumps).map(str.encode) | st.binary(max_size=200))
    def by_bytes(body: bytes) -> None:
        answered({"method": "POST", "content": body})
        answered({"method": "POST", "content": body, "headers": owntracks})

    for ask in (by_json, by_fields, by_bytes):
        await asyncio.to_thread(ask)


@pytest.mark.usefixtures("bridged")
async def test_content_nested_to_the_edge_of_what_can_be_read_is_answered(
    visitor: Browser, tracker: DeviceSetup, broker_ears: Broker
) -> None:
    for depth in range(100, 1100, 7):
        deep = "[" * depth + "]" * depth
        location = f'{{"coords":{{"latitude":{deep}}},"timestamp":{deep}}}'
        body = f'{{"device_id":"{tracker.traccar_id}","location":{location}}}'
        assert (await visitor.client.post("/phone", content=body)).status_code == 200


@pytest.mark.usefixtures("bridged")
async def test_thousands_of_items_in_one_request_are_a_handful_of_messages(
    visitor: Browser, tracker: DeviceSetup, broker_ears: Broker, database: Pool
) -> None:
    beats = await visitor.client.post("/phone", json={"device_id": tracker.traccar_id, "location": [1] * 30_000})
    assert beats.status_code == 200
    fixes = [{"coords": {"latitude": 1}}] * 1500
    answer = await visitor.client.post("/phone", json={"device_id": tracker.traccar_id, "location": fixes})
    assert answer.status_code == 200

    async def fixes_heard() -> bool:
        return sum(len(content) for _, content in (await broker_ears.say(tracker.login, 2))[1:]) == MOST_ITEMS

    await until(fixes_heard, what="every fix within the bound")
    heard = await broker_ears.say(tracker.login, 2)
    assert heard[0][1]["_type"] == "heartbeat"
    assert len(heard) <= 4
    assert [(reason, detail.split()[0]) for reason, detail, _ in await quarantined(database)] == [
        ("too_many", "29000"),
        ("too_many", "500"),
    ]
