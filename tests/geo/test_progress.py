import numpy as np
import pytest

from geo.fix import SECOND_US
from geo.progress import FASTEST_PACE_MPS, SLOWEST_PACE_MPS, Pace, Route, eta, progress_m
from tests.geo.drives import at, east, north

MINUTE = 60


def line(*points: tuple[float, float]) -> Route:
    """A route through points given in metres north and east."""
    return Route.along([north(point[0]) for point in points], [east(point[1]) for point in points])


def there_and_back() -> Route:
    """Up a valley and back on the other lane 20 m aside."""
    up = [(step * 1000.0, 0.0) for step in range(101)]
    return line(*up, *[(step * 1000.0, 20.0) for step in range(100, -1, -1)])


def test_a_route_knows_its_length():
    assert line((0, 0), (3000, 0), (3000, 4000)).length_m == pytest.approx(7000, rel=1e-3)


@pytest.mark.parametrize(("lat", "lon"), [([42.0], [74.0]), ([42.0, 43.0], [74.0])])
def test_a_route_needs_two_whole_points(lat: list[float], lon: list[float]):
    with pytest.raises(ValueError, match="two points"):
        Route.along(lat, lon)


def test_a_truck_beside_the_road_is_put_on_it():
    place = progress_m(line((0, 0), (10_000, 0)), north(4000), east(150))
    assert place.progress_m == pytest.approx(4000, abs=5)
    assert place.off_route_m == pytest.approx(150, abs=2)


def test_before_the_start_and_past_the_end_count_as_start_and_end():
    route = line((0, 0), (10_000, 0))
    assert progress_m(route, north(-500), east(0)).progress_m == 0
    assert progress_m(route, north(10_500), east(0)).progress_m == pytest.approx(route.length_m)


def test_on_the_way_back_it_does_not_snap_to_the_way_out():
    route = there_and_back()
    assert progress_m(route, north(30_000), east(2), None).progress_m == pytest.approx(30_000, rel=0.01)
    returning = progress_m(route, north(30_000), east(2), 168_000)
    assert returning.progress_m == pytest.approx(route.length_m - 30_000, rel=0.01)


def test_noise_backwards_is_held():
    route = line((0, 0), (50_000, 0))
    assert progress_m(route, north(9800), east(0), 10_000.0).progress_m == 10_000.0
    assert progress_m(route, north(9000), east(0), 10_000.0).progress_m == pytest.approx(9000, abs=10)


def test_a_truck_far_from_the_stretch_ahead_is_looked_for_everywhere():
    route = line((0, 0), (400_000, 0))
    assert progress_m(route, north(350_000), east(0), 10_000.0).progress_m == pytest.approx(350_000, rel=0.01)


def test_a_truck_off_the_route_stays_at_the_nearest_place_ahead():
    place = progress_m(line((0, 0), (400_000, 0)), north(12_000), east(30_000), 10_000.0)
    assert place.progress_m == pytest.approx(12_000, rel=0.02)
    assert place.off_route_m == pytest.approx(30_000, rel=0.01)


def test_a_replaced_shorter_route_is_followed_to_its_end():
    route = line((0, 0), (10_000, 0))
    assert progress_m(route, north(10_000), east(0), 90_000.0).progress_m == pytest.approx(route.length_m, abs=1)


def test_a_route_of_no_length_has_only_its_one_place():
    assert progress_m(line((0, 0), (0, 0)), north(5), east(0), 0.0).progress_m == 0


def driven(mps: float, minutes: int, start_m: float = 0.0) -> Pace:
    pace = Pace()
    for minute in range(minutes + 1):
        pace = pace.with_sample(at(minute * MINUTE), start_m + minute * MINUTE * mps)
    return pace


def test_the_pace_is_the_trucks_own_with_stops_included():
    pace = driven(20.0, 60)
    assert pace.mps() == pytest.approx(20.0)
    standing = pace
    for minute in range(65, 125, 5):
        standing = standing.with_sample(at(minute * MINUTE), 72_000.0)
    assert standing.mps() == pytest.approx(10.0, rel=0.1)


def test_a_pace_is_not_known_before_a_quarter_of_an_hour():
    assert Pace().mps() is None
    assert driven(20.0, 14).mps() is None
    assert driven(20.0, 15).mps() == pytest.approx(20.0)


@pytest.mark.parametrize(("mps", "expected"), [(0.0, SLOWEST_PACE_MPS), (40.0, FASTEST_PACE_MPS)])
def test_a_pace_stays_within_reason(mps: float, expected: float):
    assert driven(mps, 60).mps() == expected


def test_a_pace_remembers_two_hours_in_five_minute_steps():
    pace = driven(20.0, 600)
    assert len(pace.samples) <= 26
    assert pace.samples[-1][0] - pace.samples[0][0] == 120 * MINUTE * SECOND_US


def test_a_truck_that_turned_back_starts_its_pace_over():
    assert driven(20.0, 60).with_sample(at(70 * MINUTE), 1000.0).samples == ((at(70 * MINUTE), 1000.0),)


def test_arrival_is_the_distance_left_at_that_pace():
    route = line((0, 0), (144_000, 0))
    estimate = eta(route, 72_000.0, driven(20.0, 60), at(3600))
    assert estimate.distance_left_m == pytest.approx(72_000, rel=0.01)
    assert estimate.computed_at_us == at(3600)
    assert (estimate.eta_us - at(3600)) / SECOND_US == pytest.approx(3600, rel=0.01)


def test_arrival_at_a_stop_on_the_way_counts_only_the_way_to_it():
    estimate = eta(line((0, 0), (100_000, 0)), 20_000.0, driven(20.0, 60), at(0), until_m=40_000.0)
    assert estimate.distance_left_m == 20_000.0
    assert estimate.eta_us == at(1000)


def test_a_stop_already_passed_is_reached_now():
    estimate = eta(line((0, 0), (100_000, 0)), 50_000.0, Pace(), at(0), until_m=40_000.0)
    assert (estimate.distance_left_m, estimate.eta_us) == (0.0, at(0))


def test_without_a_pace_the_routing_hours_stand_in():
    route = line((0, 0), (100_000, 0))
    assert eta(route, 0.0, Pace(), at(0), usual_mps=15.0).pace_mps == 15.0
    assert eta(route, 0.0, Pace(), at(0)).pace_mps == pytest.approx(50 / 3.6)
    assert eta(route, 0.0, Pace(), at(0), usual_mps=0.0).pace_mps == SLOWEST_PACE_MPS


def test_a_long_route_is_followed_from_its_middle():
    lats = np.linspace(42, 50, 20_000)
    route = Route.along(lats, np.full(20_000, 74.0))
    assert progress_m(route, 46.0, 74.0, route.length_m / 2 - 500).progress_m == pytest.approx(
        route.length_m / 2, rel=1e-3
    )


def test_metres_are_those_of_the_road_not_of_the_drawn_line() -> None:
    drawn = Route.along([42.0, 42.0, 42.0], [74.0, 74.5, 75.0])
    route = Route.along([42.0, 42.0, 42.0], [74.0, 74.5, 75.0], drawn.length_m * 1.15)
    assert route.length_m == pytest.approx(drawn.length_m * 1.15)
    assert progress_m(route, 42.0, 74.5).progress_m == pytest.approx(route.length_m / 2)
    assert eta(route, route.length_m, Pace(), 0).distance_left_m == 0


def test_a_route_that_goes_nowhere_is_not_stretched() -> None:
    assert Route.along([42.0, 42.0], [74.0, 74.0], 900.0).length_m == 0


def test_two_hours_at_a_border_say_little_about_the_day_after() -> None:
    waited = Pace(((at(0), 0.0), (at(7200), 0.0)))
    estimate = eta(line((0, 0), (600_000, 0)), 0.0, waited, at(7200), usual_mps=20.0)
    crawled_m = SLOWEST_PACE_MPS * 7200
    assert (estimate.eta_us - at(7200)) / SECOND_US == pytest.approx(
        7200 + (estimate.distance_left_m - crawled_m) / 20.0, rel=0.01
    )
    assert SLOWEST_PACE_MPS < estimate.pace_mps < 20.0
