"""How far a truck is along its planned route and when it will be there, for many trucks, now and then."""

import datetime as dt
from collections import OrderedDict
from collections.abc import Sequence

import msgspec
import numpy as np

from freight.moments import moment
from freight.tracking.locked_tracks import Arrival, TrackUpdate
from freight.tracking.queries import ROUTES
from geo.polyline import decode_polyline
from geo.progress import Pace, Route, eta, progress_m
from store.pool import Connection

ANEW_EVERY = dt.timedelta(seconds=15)
# Reading a route takes milliseconds: after a start they are read over several batches.
MOST_ROUTES_A_BATCH = 20
MOST_KEPT = 20_000


class _Journey:
    """One trip's route, pace and last estimate; without a route nothing is estimated.

    `is_replanned` while no place was found yet on a route that came in place of another.
    """

    __slots__ = ("arrival", "is_replanned", "pace", "route", "usual_mps", "version")

    def __init__(self, version: int, route: Route | None, usual_mps: float | None) -> None:
        self.version = version
        self.route = route
        self.usual_mps = usual_mps
        self.pace = Pace()
        self.arrival: Arrival | None = None
        self.is_replanned = False

    def follow(self, before: "_Journey") -> None:
        """Go on from an earlier version of the trip's plan. Metres along another line are another measure: on a new
        route the pace begins anew."""
        if _is_same_route(before.route, self.route):
            self.pace, self.is_replanned = before.pace, before.is_replanned
        else:
            self.is_replanned = True

    def last_progress_m(self, stored_m: float | None) -> float | None:
        """Where on this route the truck was last; `stored_m` as its track says, whoever measured that."""
        if self.arrival is not None:
            return self.arrival.progress_m
        return None if self.is_replanned else stored_m


class ArrivalBook:
    """Estimates arrivals at most every 15 seconds of a truck's time; in between the last one is repeated.

    The pace is remembered here alone: after a restart the routing's usual pace stands in for a quarter of an hour.
    """

    def __init__(self) -> None:
        self._journeys: OrderedDict[int, _Journey] = OrderedDict()

    async def estimate(self, connection: Connection, updates: Sequence[TrackUpdate]) -> list[TrackUpdate]:
        """The updates with their arrivals."""
        await self._read_routes(connection, updates)
        return [self._with_arrival(update) for update in updates]

    async def _read_routes(self, connection: Connection, updates: Sequence[TrackUpdate]) -> None:
        versions = {
            trip.trip_id: trip.version
            for trip in (update.track.trip for update in updates)
            if (known := self._journeys.get(trip.trip_id)) is None or known.version < trip.version
        }
        if not versions:
            return
        wanted = list(versions)[:MOST_ROUTES_A_BATCH]
        for row in await connection.fetch(ROUTES, wanted):
            journey = _Journey(versions[row["id"]], *_read_route(row["line"], row["length_m"], row["duration_s"]))
            before = self._journeys.get(row["id"])
            if before is not None:
                journey.follow(before)
            self._journeys[row["id"]] = journey
        while len(self._journeys) > MOST_KEPT:
            self._journeys.popitem(last=False)

    def _with_arrival(self, update: TrackUpdate) -> TrackUpdate:
        journey = self._journeys.get(update.track.trip.trip_id)
        if journey is None or journey.route is None or update.newest is None:
            return update
        known = journey.arrival
        at_us = update.newest.fix_time_us
        if known is None or moment(at_us) - known.computed_at >= ANEW_EVERY:
            journey.arrival = _arrival(journey, journey.route, update)
        return msgspec.structs.replace(update, arrival=journey.arrival)


def _arrival(journey: _Journey, route: Route, update: TrackUpdate) -> Arrival | None:
    fix, track = update.newest, update.track
    if fix is None:
        return None
    place = progress_m(route, fix.lat, fix.lon, journey.last_progress_m(track.progress_m))
    visits = track.fold.visits if update.folded is None else update.folded.visits
    at_stop = any(visit.arrived_at_us is not None and visit.departed_at_us is None for visit in visits)
    # Loading is no slow driving: the pace is that since the truck last left a stop.
    journey.pace = Pace() if at_stop else journey.pace.with_sample(fix.fix_time_us, place.progress_m)
    estimate = eta(route, place.progress_m, journey.pace, fix.fix_time_us, usual_mps=journey.usual_mps)
    state = track.fold.state if update.folded is None else update.folded.state
    is_over = state.current >= len(track.trip.plan.stops)
    return Arrival(
        place.progress_m,
        estimate.distance_left_m,
        None if is_over else moment(estimate.eta_us),
        moment(estimate.computed_at_us),
    )


def _is_same_route(one: Route | None, other: Route | None) -> bool:
    if one is None or other is None:
        return one is other
    return all(
        np.array_equal(before, after)
        for before, after in ((one.lat, other.lat), (one.lon, other.lon), (one.cumulative_m, other.cumulative_m))
    )


def _read_route(
    line: str | None, length_m: float | None, duration_s: float | None
) -> tuple[Route | None, float | None]:
    if not line:
        return None, None
    points = decode_polyline(line)
    if len(points) < 2:
        return None, None
    usual_mps = length_m / duration_s if length_m and duration_s else None
    return Route.along([lat for lat, _ in points], [lon for _, lon in points], length_m), usual_mps
