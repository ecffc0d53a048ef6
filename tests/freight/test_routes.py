"""Routes by the operator's own router: real HTTP servers that answer well, badly, slowly or not at all."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from freight.routes.router import RoadRouter, RoutingConfig, embedded_route
from geo.errors import RoutePointsMissing
from geo.polyline import decode_polyline, encode_polyline

BISHKEK = (42.874, 74.590)
TOKMOK = (42.840, 75.300)
LINE = [BISHKEK, (42.880, 74.850), (42.8403, 75.0001), TOKMOK]

Answer = Callable[[str, bytes], tuple[int, bytes]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[tuple[str, list[tuple[str, bytes]]]]:
    """An HTTP server on a free local port; yields its address and the (request line, body) pairs it was asked."""
    asked: list[tuple[str, bytes]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            (int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0
        )
        body = await reader.readexactly(length)
        line = head.split("\r\n", 1)[0]
        asked.append((line, body))
        status, content = answer(line, body)
        writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: {len(content)}\r\nconnection: close\r\n\r\n".encode())
        writer.write(content)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


def valhalla_answer(_line: str, _body: bytes) -> tuple[int, bytes]:
    """What Valhalla 3 answers to `/route` for two legs, less the manoeuvres."""
    legs: list[dict[str, Any]] = [
        {"summary": {"length": 30.5, "time": 1800.0}, "shape": encode_polyline(LINE[:3], 6)},
        {"summary": {"length": 29.5, "time": 1700.0}, "shape": encode_polyline(LINE[2:], 6)},
    ]
    trip = {
        "locations": [],
        "legs": legs,
        "summary": {"length": 60.0, "time": 3500.0, "has_toll": False},
        "status": 0,
        "status_message": "Found route between points",
        "units": "kilometers",
        "language": "en-US",
    }
    return 200, json.dumps({"trip": trip}).encode()


def osrm_answer(_line: str, _body: bytes) -> tuple[int, bytes]:
    """What osrm-routed answers to `/route/v1`."""
    route = {
        "geometry": encode_polyline(LINE, 6),
        "legs": [],
        "weight_name": "routability",
        "weight": 3300.1,
        "duration": 3300.1,
        "distance": 60123.4,
    }
    return 200, json.dumps({"code": "Ok", "routes": [route], "waypoints": []}).encode()


async def test_without_a_router_the_embedded_roads_answer() -> None:
    async with RoadRouter(RoutingConfig()) as router:
        found = await router.plan([BISHKEK, TOKMOK])
    assert found.source == "embedded"
    assert found.length_m == pytest.approx(62_000, rel=0.1)
    assert decode_polyline(found.line)[0] == BISHKEK
    assert decode_polyline(found.line)[-1] == TOKMOK


async def test_valhalla_is_asked_for_a_truck_and_believed() -> None:
    async with serving(valhalla_answer) as (url, asked), RoadRouter(RoutingConfig(valhalla_url=url)) as router:
        found = await router.plan([BISHKEK, TOKMOK])
    line, body = asked[0]
    question = json.loads(body)
    assert line.startswith("POST /route ")
    assert question["costing"] == "truck"
    assert question["locations"] == [{"lat": 42.874, "lon": 74.59}, {"lat": 42.84, "lon": 75.3}]
    assert (found.source, found.length_m, found.duration_s, found.approximate) == ("valhalla", 60_000, 3500, False)
    assert decode_polyline(found.line) == LINE


async def test_osrm_is_asked_with_longitude_first_and_believed() -> None:
    async with serving(osrm_answer) as (url, asked), RoadRouter(RoutingConfig(osrm_url=url + "/")) as router:
        found = await router.plan([BISHKEK, TOKMOK])
    assert asked[0][0].startswith("GET /route/v1/driving/74.590000,42.874000;75.300000,42.840000?")
    assert (found.source, found.length_m, found.duration_s) == ("osrm", 60_123.4, 3300.1)
    assert decode_polyline(found.line) == LINE


async def test_valhalla_goes_before_osrm() -> None:
    async with (
        serving(valhalla_answer) as (valhalla_url, _),
        serving(osrm_answer) as (osrm_url, asked),
        RoadRouter(RoutingConfig(valhalla_url=valhalla_url, osrm_url=osrm_url)) as router,
    ):
        assert (await router.plan([BISHKEK, TOKMOK])).source == "valhalla"
    assert asked == []


async def test_vertices_nobody_would_see_are_left_out() -> None:
    dense = [(42.0 + step * 1e-5, 74.0) for step in range(20_000)]
    body = json.dumps({"code": "Ok", "routes": [{"geometry": encode_polyline(dense, 6), "duration": 1, "distance": 1}]})
    async with (
        serving(lambda _line, _body: (200, body.encode())) as (url, _),
        RoadRouter(RoutingConfig(osrm_url=url)) as router,
    ):
        found = await router.plan([BISHKEK, TOKMOK])
    assert decode_polyline(found.line) == [dense[0], dense[-1]]


@pytest.mark.parametrize(
    "answer",
    [
        (400, b'{"code":"NoRoute","message":"Impossible route between points"}'),
        (500, b"boom"),
        (200, b"<html>not the router you are looking for</html>"),
        (200, b'{"code":"Ok","routes":[]}'),
        (200, b'{"code":"Ok","routes":[{"geometry":"_p~iF","distance":1,"duration":1}]}'),
        (200, b'{"code":"Ok","routes":[{"geometry":"","distance":1,"duration":1}]}'),
        (200, b"\xff\xfe"),
    ],
)
async def test_a_router_that_answers_nonsense_is_replaced_by_the_embedded_roads(answer: tuple[int, bytes]) -> None:
    async with serving(lambda _line, _body: answer) as (url, _), RoadRouter(RoutingConfig(osrm_url=url)) as router:
        found = await router.plan([BISHKEK, TOKMOK])
    assert found.source == "embedded"
    assert found.approximate


async def test_a_router_nobody_answers_for_is_replaced_and_given_a_rest() -> None:
    async with serving(osrm_answer) as (url, asked):
        pass
    now = 0.0
    async with RoadRouter(RoutingConfig(osrm_url=url), clock=lambda: now) as router:
        assert (await router.plan([BISHKEK, TOKMOK])).approximate
        port = int(url.rsplit(":", 1)[1])
        server = await asyncio.start_server(
            lambda reader, writer: asked.append(("", b"")) or writer.close(), "127.0.0.1", port
        )
        async with server:
            await router.plan([BISHKEK, TOKMOK])
            assert asked == []
            now = 31.0
            await router.plan([BISHKEK, TOKMOK])
            assert len(asked) == 1


async def test_a_router_that_says_no_way_is_asked_again_for_other_points() -> None:
    async with (
        serving(lambda _line, _body: (400, b'{"code":"NoRoute"}')) as (url, asked),
        RoadRouter(RoutingConfig(osrm_url=url)) as router,
    ):
        await router.plan([BISHKEK, TOKMOK])
        await router.plan([TOKMOK, BISHKEK])
    assert len(asked) == 2


async def test_a_router_that_never_answers_is_waited_for_no_longer_than_set() -> None:
    release = asyncio.Event()

    async def never(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    server = await asyncio.start_server(never, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, RoadRouter(RoutingConfig(valhalla_url=url, timeout_s=0.1)) as router:
        found = await asyncio.wait_for(router.plan([BISHKEK, TOKMOK]), 5)
        release.set()
    assert found.source == "embedded"


async def test_points_no_router_could_use_are_refused() -> None:
    async with serving(osrm_answer) as (url, asked), RoadRouter(RoutingConfig(osrm_url=url)) as router:
        with pytest.raises(RoutePointsMissing):
            await router.plan([BISHKEK])
    assert asked == []


def test_the_embedded_answer_is_what_the_browser_reads() -> None:
    found = embedded_route([BISHKEK, TOKMOK])
    assert len(decode_polyline(found.line)) > 2
