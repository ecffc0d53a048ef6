"""How one truck carries one trip, written down so that a phone restarted later goes on where it was."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cached_property

import msgspec
import numpy as np

from freight.routes.views import RouteView
from geo.polyline import decode_polyline
from hub.demo.journey import Journey, Road, Stay, StayKind, there_and_away
from hub.demo.receiver import Receiver
from hub.demo.script import BORDERS, Quirk, Scene

# A border post counts as passed when the drawn road comes this near to it.
BORDER_WITHIN_M = 12_000.0
REST_AFTER_S = 4.5 * 3600
REST_S = 45 * 60
AWAY_M = 2_500.0
USUAL_APPROACH_M = 5_000.0
LOADING_S = (40 * 60, 70 * 60)
UNLOADING_S = (40 * 60, 60 * 60)
BORDER_S = (35 * 60, 120 * 60)
SILENT_FOR_S = 40 * 60
LOW_BATTERY_PCT = 4.0
TUNNEL_EVERY_S = 15 * 60
TUNNEL_S = 5 * 60


class PlannedStay(msgspec.Struct, frozen=True):
    """A stay at `at_m` along the planned route (without the approach)."""

    kind: StayKind
    at_m: float
    duration_s: float


class DrivePlan(msgspec.Struct, dict=True):
    """One truck's way through one trip.

    `line` is the planned route as an encoded polyline; `began_at_s` Unix time of the journey's first second;
    `blackouts` spans of it, in seconds since then, in which the phone has no network.
    """

    trip_id: int
    driver_id: int
    line: str
    approach_m: float
    stays: list[PlannedStay]
    pace_mps: float
    seed: int
    speed_up: float
    began_at_s: float
    battery_pct: float = 80.0
    charging: bool = True
    blackouts: list[tuple[float, float]] = []

    @cached_property
    def start_m(self) -> float:
        """Metres of the approach to the first stop."""
        return self._road[1]

    @cached_property
    def journey(self) -> Journey:
        """The timetable."""
        road, start_m = self._road
        stays = [Stay(stay.kind, stay.at_m + start_m, stay.duration_s) for stay in self.stays]
        return Journey(road, stays, self.pace_mps, self.seed, self.speed_up)

    @cached_property
    def receiver(self) -> Receiver:
        """The phone's GPS."""
        return Receiver(self.journey, self.seed, self.battery_pct, self.charging)

    @cached_property
    def _road(self) -> tuple[Road, float]:
        return there_and_away(road_of(self.line), self.approach_m, AWAY_M)

    def blackout_at(self, elapsed_s: float) -> tuple[float, float] | None:
        """The blackout around this moment, if any."""
        for begins_s, ends_s in self.blackouts:
            if begins_s <= elapsed_s < ends_s:
                return begins_s, ends_s
        return None


def road_of(line: str) -> Road:
    """The road of an encoded polyline. Raises ValueError when it has no length."""
    points = decode_polyline(line)
    return Road.along([lat for lat, _ in points], [lon for _, lon in points])


def plan_drive(
    trip_id: int,
    driver_id: int,
    route: RouteView,
    stops: Sequence[tuple[str, float, float]],
    *,
    seed: int,
    speed_up: float,
    began_at_s: float,
    countries: Sequence[str] = (),
    approach_m: float = USUAL_APPROACH_M,
) -> DrivePlan:
    """A plan for `stops` (kind, lat, lon) on their planned route: stays there, at borders, and for rest.

    `countries` are the ISO codes the road passes, in order.
    """
    chance = np.random.default_rng(seed)
    road = road_of(route.line)
    stays: list[PlannedStay] = []
    for number, (kind, lat, lon) in enumerate(stops):
        if number in (0, len(stops) - 1):
            at_m = 0.0 if number == 0 else road.length_m
        else:
            at_m, _ = road.nearest_m(lat, lon)
        span = LOADING_S if kind == "loading" else UNLOADING_S
        stays.append(PlannedStay("loading" if kind == "loading" else "unloading", at_m, float(chance.uniform(*span))))
    for at_m in borders_on(road, countries):
        stays.append(PlannedStay("border", at_m, float(chance.uniform(*BORDER_S))))
    pace_mps = min(20.0, max(9.0, route.length_m / max(1.0, route.duration_s)))
    rest_every_m = REST_AFTER_S * pace_mps
    for number in range(1, int(road.length_m // rest_every_m) + 1):
        if number * rest_every_m < road.length_m - 40_000:
            stays.append(PlannedStay("rest", number * rest_every_m, float(REST_S)))
    return DrivePlan(
        trip_id=trip_id,
        driver_id=driver_id,
        line=route.line,
        approach_m=min(approach_m, road.length_m / 3),
        stays=stays,
        pace_mps=pace_mps,
        seed=seed,
        speed_up=speed_up,
        began_at_s=began_at_s,
        battery_pct=float(chance.uniform(45.0, 90.0)),
    )


def borders_on(road: Road, countries: Sequence[str]) -> list[float]:
    """Metres along the road of each border it crosses: of the posts between two countries the nearest one."""
    crossed = []
    for pair in itertools.pairwise(countries):
        posts = BORDERS.get((min(pair), max(pair)), {})
        nearest = min((road.nearest_m(lat, lon)[::-1] for lat, lon in posts.values()), default=None)
        if nearest is not None and nearest[0] < BORDER_WITHIN_M and 2_000 < nearest[1] < road.length_m - 2_000:
            crossed.append(nearest[1])
    return crossed


def plan_scene(
    route: RouteView, scene: Scene, countries: Sequence[str], *, seed: int, speed_up: float, now_s: float
) -> DrivePlan:
    """The plan of a scene of the script, begun so long ago that it is now where the script has it."""
    stops = (("loading", 0.0, 0.0), ("unloading", 0.0, 0.0))
    approach_m = scene.amount + 500.0 if scene.part == "ahead" else USUAL_APPROACH_M
    plan = plan_drive(
        0,
        0,
        route,
        stops,
        seed=seed,
        speed_up=speed_up,
        began_at_s=0.0,
        countries=countries,
        approach_m=max(approach_m, 1_000.0),
    )
    if scene.part in ("loading", "border", "unloading"):
        # It has to last a little longer than it did so far.
        lasting_s = (scene.amount + (5.0 if scene.part == "unloading" else 20.0)) * 60 * speed_up
        plan.stays = [
            msgspec.structs.replace(stay, duration_s=lasting_s) if stay.kind == scene.part else stay
            for stay in plan.stays
        ]
    elapsed_s = elapsed_of(plan, scene)
    plan.began_at_s = float(int(now_s - elapsed_s))
    _play(plan, scene.quirk, elapsed_s)
    return plan


def elapsed_of(plan: DrivePlan, scene: Scene) -> float:
    """Seconds since the journey's beginning at which the scene is where the script has it."""
    journey = plan.journey
    end_m = plan.start_m + road_of(plan.line).length_m
    match scene.part:
        case "driving":
            return journey.when_at(plan.start_m + scene.amount * (end_m - plan.start_m))
        case "ahead":
            return journey.when_at(max(0.0, plan.start_m - scene.amount))
        case "before":
            return journey.when_at(end_m - scene.amount)
        case "finished":
            return journey.duration_s + scene.amount * 3600
        case _:
            return journey.leg(scene.part).from_s + scene.amount * 60


def _play(plan: DrivePlan, quirk: Quirk, elapsed_s: float) -> None:
    if quirk == "silent":
        plan.blackouts = [(elapsed_s - SILENT_FOR_S, elapsed_s + SILENT_FOR_S)]
    elif quirk == "tunnels":
        # One is about to end: its backlog bursts in within a minute.
        first_s = elapsed_s + 45.0 - TUNNEL_S
        count = int((plan.journey.duration_s - first_s) // TUNNEL_EVERY_S) + 1
        plan.blackouts = [
            (first_s + number * TUNNEL_EVERY_S, first_s + number * TUNNEL_EVERY_S + TUNNEL_S) for number in range(count)
        ]
    elif quirk == "low_battery":
        plan.charging = False
        plan.battery_pct = LOW_BATTERY_PCT + plan.receiver.drained_pct(elapsed_s)
        del plan.__dict__["receiver"]
