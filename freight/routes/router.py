"""Road routes between stops: from the operator's Valhalla or OSRM when one is set, else from the embedded graph.

A router that can't be reached or answers nonsense never stops a dispatcher: the embedded graph stands in and the
route says `approximate`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Literal, Self

import httpx
import msgspec
import numpy as np
import shapely
import structlog

from freight.routes.views import RouteView
from geo.errors import GeoError
from geo.polyline import ROUTER_PRECISION, decode_polyline, encode_polyline
from geo.routing import route

Points = Sequence[tuple[float, float]]

# After a failure the embedded graph answers at once for a while instead of making every dispatcher wait.
REST_AFTER_FAILURE_S = 30.0
# About 30 m: finer than a browser shows of a route across countries, and a long line stays below 100 KB.
TOLERANCE_DEGREES = 0.0003

log = structlog.get_logger()


class RoutingConfig(msgspec.Struct, frozen=True):
    """Which router to ask: `valhalla_url` before `osrm_url`, none for the embedded graph alone.

    Base addresses without a path (`http://valhalla:8002`, `http://osrm:5000`). `timeout_s` bounds one question.
    """

    valhalla_url: str | None = None
    osrm_url: str | None = None
    timeout_s: float = 6.0


class _ValhallaSummary(msgspec.Struct):
    length: float
    time: float


class _ValhallaLeg(msgspec.Struct):
    shape: str


class _ValhallaTrip(msgspec.Struct):
    legs: list[_ValhallaLeg]
    summary: _ValhallaSummary


class _ValhallaAnswer(msgspec.Struct):
    trip: _ValhallaTrip


class _OsrmRoute(msgspec.Struct):
    geometry: str
    distance: float
    duration: float


class _OsrmAnswer(msgspec.Struct):
    code: str
    routes: list[_OsrmRoute] = []


class RoadRouter:
    """Answers routes; one per process. Use as an asynchronous context manager, which closes its connections."""

    def __init__(self, config: RoutingConfig, clock: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._clock = clock
        self._resting_until = float("-inf")
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(config.timeout_s, connect=min(2.0, config.timeout_s)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def plan(self, points: Points) -> RouteView:
        """The route through `points`, each (lat, lon) in degrees, at least two, in the order given.

        Raises geo.errors.RoutePointsMissing or RoutePointOutOfRange for points no router could use.
        """
        source: Literal["valhalla", "osrm"] = "valhalla" if self._config.valhalla_url else "osrm"
        url = self._config.valhalla_url or self._config.osrm_url
        if url is None:
            return await asyncio.to_thread(embedded_route, points)
        if len(points) > 1 and self._clock() >= self._resting_until:
            ask = self._ask_valhalla if source == "valhalla" else self._ask_osrm
            try:
                return await ask(url.rstrip("/"), points)
            except httpx.HTTPStatusError as refusal:
                # Told that there is no way between these points, others may still be asked for.
                if refusal.response.status_code >= 500:
                    self._rest()
                log.warning("router_refused", source=source, status=refusal.response.status_code)
            except (httpx.HTTPError, httpx.InvalidURL, msgspec.MsgspecError, GeoError, UnicodeDecodeError) as failure:
                self._rest()
                log.warning("router_failed", source=source, reason=str(failure) or type(failure).__name__)
        stand_in = await asyncio.to_thread(embedded_route, points)
        return msgspec.structs.replace(stand_in, approximate=True)

    def _rest(self) -> None:
        self._resting_until = self._clock() + REST_AFTER_FAILURE_S

    async def _ask_valhalla(self, url: str, points: Points) -> RouteView:
        """Valhalla's `/route`: truck costing; kilometres, seconds, shape of precision 6."""
        question = {
            "locations": [{"lat": lat, "lon": lon} for lat, lon in points],
            "costing": "truck",
            "units": "kilometers",
            "directions_type": "none",
        }
        response = await self._client.post(f"{url}/route", json=question)
        response.raise_for_status()
        trip = msgspec.json.decode(response.content, type=_ValhallaAnswer).trip
        return RouteView(
            line=_thinned([leg.shape for leg in trip.legs]),
            length_m=trip.summary.length * 1000,
            duration_s=trip.summary.time,
            approximate=False,
            source="valhalla",
        )

    async def _ask_osrm(self, url: str, points: Points) -> RouteView:
        """OSRM's route service; its profile, and so its speeds, are whatever the operator prepared it with."""
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in points)
        response = await self._client.get(
            f"{url}/route/v1/driving/{places}", params={"overview": "full", "geometries": "polyline6"}
        )
        response.raise_for_status()
        answer = msgspec.json.decode(response.content, type=_OsrmAnswer)
        if answer.code != "Ok" or not answer.routes:
            raise msgspec.ValidationError(f"OSRM answered {answer.code}")
        best = answer.routes[0]
        return RouteView(
            line=_thinned([best.geometry]),
            length_m=best.distance,
            duration_s=best.duration,
            approximate=False,
            source="osrm",
        )


def embedded_route(points: Points) -> RouteView:
    """The embedded graph's answer; pure computation of some milliseconds. Raises as `geo.routing.route`."""
    found = route(points)
    return RouteView(
        line=encode_polyline(zip(found.lats.tolist(), found.lons.tolist(), strict=True)),
        length_m=found.length_m,
        duration_s=found.duration_s,
        approximate=found.approximate,
        source="embedded",
    )


def _thinned(shapes: list[str]) -> str:
    """A router's legs as one line of the hub's precision, without the vertices nobody would see."""
    line = np.array([place for shape in shapes for place in decode_polyline(shape, ROUTER_PRECISION)])
    if len(line) < 2:
        raise msgspec.ValidationError("the route has no line")
    kept = shapely.get_coordinates(shapely.simplify(shapely.linestrings(line), TOLERANCE_DEGREES))
    return encode_polyline(kept.tolist())
