"""When a truck will be there: by its own pace on the route it is on."""

import itertools

import pytest

from freight.tracking.views import PositionView
from geo.polyline import encode_polyline
from ingest.pipeline import Pipeline
from store.pool import Pool
from tests.ingest.world import Carried, at, fix, send

KM_A_DEGREE = 111.195
START, END = (42.0, 76.0), (44.0, 76.0)


async def plan(database: Pool, *places: tuple[float, float], kmh: float = 60) -> None:
    """Give the trip a route through these places, driven at `kmh` by the routing's word."""
    length_m = sum(abs(b[0] - a[0]) for a, b in itertools.pairwise(places)) * KM_A_DEGREE * 1000
    route = {"line": encode_polyline(list(places)), "length_m": length_m, "duration_s": length_m / kmh * 3.6}
    await database.execute("update trips set route = $1, plan_version = plan_version + 1", route)


async def drive(pipeline: Pipeline, trip: Carried, minutes: range, kmh: float = 45) -> PositionView:
    """North along the meridian from START; where the truck is then."""
    for minute in minutes:
        lat = START[0] + minute / 60 * kmh / KM_A_DEGREE
        aftermath = await send(pipeline, trip, fix(at(trip, minute), lat, 76.0, vel=kmh))
    [view] = aftermath.positions[trip.organisation_id]
    return view


def kmh_to_go(view: PositionView) -> float:
    """The pace an arrival is reckoned with for the whole way left."""
    assert view.distance_left_m is not None and view.eta_at_ms is not None
    return view.distance_left_m * 3600 / (view.eta_at_ms - view.fix_time_ms)


@pytest.fixture
async def on_the_way(database: Pool, pipeline: Pipeline, trip: Carried) -> PositionView:
    """After an hour at 45 km/h, an eighth of the way."""
    await plan(database, START, END)
    view = await drive(pipeline, trip, range(0, 61, 5))
    assert view.progress_m == pytest.approx(45_000, rel=0.01)
    assert kmh_to_go(view) < 57
    return view


async def test_a_pace_on_one_route_is_none_on_another(
    database: Pool, pipeline: Pipeline, trip: Carried, on_the_way: PositionView
) -> None:
    # The new one begins 45 km further back: by its metres the truck would have driven 90 in that hour.
    await plan(database, (START[0] - 45 / KM_A_DEGREE, 76.0), END)
    view = await drive(pipeline, trip, range(65, 66))
    assert view.progress_m == pytest.approx(93_750, rel=0.01)
    assert kmh_to_go(view) == pytest.approx(60, rel=0.01)
    view = await drive(pipeline, trip, range(70, 126, 5))
    assert kmh_to_go(view) < 57


async def test_a_plan_that_changed_without_its_route_leaves_the_pace(
    database: Pool, pipeline: Pipeline, trip: Carried, on_the_way: PositionView
) -> None:
    await database.execute("update trips set plan_version = plan_version + 1")
    assert kmh_to_go(await drive(pipeline, trip, range(65, 66))) < 57


async def test_a_place_on_a_new_route_is_not_looked_for_where_it_was_on_the_old_one(
    database: Pool, pipeline: Pipeline, trip: Carried, on_the_way: PositionView
) -> None:
    # It comes by here at 22 km, and 165 m aside of here at 48: on the old one 45 were driven.
    north = (START[0] + 58 / KM_A_DEGREE, 76.0)
    await plan(database, (START[0] + 23 / KM_A_DEGREE, 76.0), north, (north[0], 76.002), (START[0], 76.002))
    view = await drive(pipeline, trip, range(60, 61))
    assert view.progress_m == pytest.approx(22_000, rel=0.02)
