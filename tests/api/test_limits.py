"""How often one may ask, with Redis and without."""

import pytest
from limits import parse

from api.limits import LIMITS, RateLimits
from api.problems import RequestRefused
from freight.shares.views import ShareView
from freight.trips.views import TripView
from store.bus import BusConfig
from tests.api.browser import Browser


async def test_two_processes_count_together(bus_config: BusConfig) -> None:
    first, second = RateLimits(bus_config), RateLimits(bus_config)
    for limits in (first, second) * 5:
        await limits.check("password", "7")
    for limits in (first, second):
        with pytest.raises(RequestRefused) as refused:
            await limits.check("password", "7")
        assert refused.value.status == 429 and (refused.value.retry_after_s or 0) > 0
    await first.check("password", "8")
    await first.close()
    await second.close()


async def test_it_counts_alone_while_redis_is_away() -> None:
    limits = RateLimits(BusConfig("redis://127.0.0.1:9"))
    answers = [await limits.allows("password", "7") for _ in range(11)]
    assert answers == [True] * 10 + [False]
    await limits.close()


async def test_changes_of_every_kind_are_counted_together(
    office: Browser, trip: TripView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "changes", parse("7 per hour"))
    stop = f"/api/trips/{trip.id}/stops/{trip.stops[0].id}"
    mark = {"stop_id": trip.stops[0].id, "kind": "arrived"}
    link = await office.post(f"/api/trips/{trip.id}/shares", {}, ShareView, status=201)
    changes = [
        ("PATCH", f"/api/shares/{link.id}", {"label": "Заказчик"}),
        ("PATCH", stop, {"name": "Склад"}),
        ("POST", f"/api/trips/{trip.id}/marks", mark),
        ("PATCH", f"/api/drivers/{trip.driver.id}", {"name": "Бакыт"}),
        ("POST", f"/api/drivers/{trip.driver.id}/link", None),
        ("POST", f"/api/drivers/{trip.driver.id}/devices", {"kind": "traccar"}),
    ]
    # The link was the first.
    for method, path, body in changes:
        assert (await office.client.request(method, path, json=body)).is_success
    changes += [
        ("POST", "/api/drivers", {"name": "Улан", "phone": "+996555700701"}),
        ("DELETE", f"/api/shares/{link.id}", None),
        ("POST", f"/api/trips/{trip.id}/end", {"action": "fail", "reason": "авария"}),
        ("POST", "/api/notifications/read", {"up_to_id": 1}),
    ]
    for method, path, body in changes:
        assert (await office.client.request(method, path, json=body)).status_code == 429, path
    # Looking is no change, and nobody can be kept from leaving.
    assert (await office.client.get("/api/trips")).is_success
    assert (await office.client.delete("/api/session")).is_success


async def test_moving_a_stop_counts_as_asking_for_a_route(
    office: Browser, trip: TripView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "routes", parse("2 per hour"))
    stop = f"/api/trips/{trip.id}/stops/{trip.stops[0].id}"
    answers = [await office.client.patch(stop, json={"lat": 42.8 + step / 100}) for step in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (await office.client.patch(stop, json={"name": "Склад"})).is_success
