"""For whoever runs the hub."""

import pytest
from starlette.applications import Starlette

from freight.trips.views import TripView
from tests.api.browser import Browser


async def test_it_tells_that_it_is_alive(visitor: Browser) -> None:
    assert (await visitor.client.get("/health/live")).status_code == 200


@pytest.mark.usefixtures("bridged")
async def test_it_tells_that_every_part_is_up(visitor: Browser) -> None:
    answer = await visitor.client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"database": "up", "bus": "up", "broker": "up"})


async def test_metrics_count_requests_by_route_not_by_address(office: Browser, trip: TripView) -> None:
    await office.client.get(f"/api/trips/{trip.id}")
    await office.client.get("/api/trips/999999")
    page = (await office.client.get("/metrics")).text
    assert 'http_requests_total{method="GET",route="/api/trips/{trip_id}",status="200"}' in page
    assert 'http_requests_total{method="GET",route="/api/trips/{trip_id}",status="404"}' in page
    assert "trips/999999" not in page


@pytest.mark.parametrize("address", ["85.113.20.1", "::ffff:85.113.20.1", "2a00::1"])
async def test_metrics_are_not_for_the_world(app: Starlette, address: str) -> None:
    async with Browser(app, address) as stranger:
        assert (await stranger.client.get("/metrics")).status_code == 404
    async with Browser(app, "10.1.2.3") as prometheus:
        assert (await prometheus.client.get("/metrics")).status_code == 200


async def test_metrics_are_not_for_the_world_behind_a_proxy_beside_us(visitor: Browser) -> None:
    for hops, status in (("85.113.20.1", 404), ("127.0.0.1, 85.113.20.1", 404), ("10.1.2.3", 200)):
        answer = await visitor.client.get("/metrics", headers={"X-Forwarded-For": hops})
        assert answer.status_code == status, hops
