"""What stays mean for the stops: neighbours, the same place twice, stops left out or taken in another order."""

import pytest

from geo.stages import Doubt, Folded, Mark, Plan, fold, initial, stage_of
from tests.geo.drives import Drive, at, brief, circle, plan, square


def folded(drive: Drive, trip: Plan) -> Folded:
    return fold(trip, initial(trip), drive.columns)


def visits(drive: Drive, trip: Plan) -> list[tuple[int, float | None, float | None]]:
    """To the second."""
    return [
        (stop, arrived and round(arrived), departed and round(departed))
        for stop, arrived, departed in brief(folded(drive, trip).visits)
    ]


def delivery(apart: float) -> Drive:
    """Half an hour at two places so far apart, then a hundred kilometres to the third."""
    drive = Drive().stand(0, 1800, 0).stand(1900, 3700, apart).drive(3760, 9000, apart + 1000, 99_000, 60)
    return drive.stand(9060, 10_800, 100_000).drive(10_860, 12_000, 101_000, 120_000, 60)


@pytest.mark.parametrize("apart", range(0, 391, 30))
@pytest.mark.parametrize("shape", [circle, square])
def test_neighbouring_fences_are_three_visits_and_a_delivery(apart: int, shape: type) -> None:
    trip = plan(shape(0), shape(apart), shape(100_000), places=(0, apart, 100_000), kinds="LLU")
    found = visits(delivery(apart), trip)
    assert [stop for stop, _, _ in found] == [0, 1, 2]
    assert all(arrived is not None and departed is not None for _, arrived, departed in found)
    assert stage_of(trip, folded(delivery(apart), trip).visits) == "delivered"


def test_the_second_of_two_neighbours_is_reached_where_its_fence_begins() -> None:
    trip = plan(circle(0), circle(350), circle(100_000), places=(0, 350, 100_000), kinds="LLU")
    assert visits(delivery(350), trip)[:2] == [(0, 0, 1814), (1, 1814, pytest.approx(3720, abs=20))]
    halfway = Drive(delivery(350).rows[:50])
    assert [stop for stop, _, _ in visits(halfway, trip)] == [0, 1]


def test_loading_and_unloading_at_one_place_is_loading_until_the_truck_leaves() -> None:
    trip = plan(circle(0), circle(0), places=(0, 0), kinds="LU")
    standing = Drive().drive(-600, 0, -8000, 0).stand(10, 3600, 0)
    assert stage_of(trip, folded(standing, trip).visits) == "at_loading"
    left = standing.drive(3610, 4000, 100, 8000)
    assert [stop for stop, _, _ in visits(left, trip)] == [0, 1]
    assert stage_of(trip, folded(left, trip).visits) == "delivered"


def test_loading_twice_at_one_place_with_a_way_between_is_two_stays() -> None:
    trip = plan(circle(0), circle(0), circle(100_000), places=(0, 0, 100_000), kinds="LLU")
    drive = Drive().stand(0, 1800, 0).drive(1810, 2200, 100, 9000).stand(2210, 7000, 9000).drive(7010, 7400, 9000, 100)
    drive.stand(7410, 9000, 0).drive(9010, 9400, 100, 9000)
    assert visits(drive, trip) == [(0, 0, 1819), (1, 7391, 9019)]


def test_there_and_back_again_visits_the_first_place_twice() -> None:
    trip = plan(circle(0), circle(20_000), circle(0), places=(0, 20_000, 0), kinds="LUU")
    drive = Drive().stand(0, 1800, 0).drive(1810, 3000, 100, 19_900).stand(3010, 5000, 20_000)
    drive.drive(5010, 6200, 19_900, 100).stand(6210, 8000, 0).drive(8010, 8600, 100, 9000)
    assert [stop for stop, _, _ in visits(drive, trip)] == [0, 1, 2]
    assert stage_of(trip, folded(drive, trip).visits) == "delivered"


@pytest.mark.parametrize("wide_first", [True, False])
def test_a_fence_inside_another_hides_neither(wide_first: bool) -> None:
    wide, narrow = circle(0, 5000), circle(3000)
    fences, places = ((wide, narrow), (0, 3000)) if wide_first else ((narrow, wide), (3000, 0))
    trip = plan(*fences, circle(100_000), places=(*places, 100_000), kinds="LLU")
    stands = (-1000, 3000) if wide_first else (3000, -1000)
    drive = Drive().drive(-900, 0, -9000, stands[0]).stand(10, 1800, stands[0]).drive(1810, 2200, *stands)
    drive.stand(2210, 4000, stands[1]).drive(4010, 9000, stands[1], 99_900, 30).stand(9010, 11_000, 100_000)
    found = visits(drive.drive(11_010, 11_600, 100_000, 109_000), trip)
    assert [stop for stop, _, _ in found] == [0, 1, 2]
    assert stage_of(trip, folded(drive, trip).visits) == "delivered"
    assert found[0][2] is not None and found[1][1] is not None and found[0][2] <= found[1][1] + 1


def test_unloading_inside_the_fence_of_the_loading_begins_when_the_truck_gets_there() -> None:
    trip = plan(circle(0, 5000), circle(3000), places=(0, 3000), kinds="LU")
    drive = Drive().drive(-900, 0, -9000, -1000).stand(10, 1800, -1000).drive(1810, 2200, -1000, 3000)
    drive.stand(2210, 4000, 3000).drive(4010, 5000, 3000, 20_000)
    assert [stop for stop, _, _ in visits(drive, trip)] == [0, 1]
    assert visits(drive, trip)[0][2] == visits(drive, trip)[1][1]


def test_loading_inside_the_fence_of_the_unloading_comes_first() -> None:
    trip = plan(circle(3000), circle(0, 5000), places=(3000, 0), kinds="LU")
    drive = Drive().drive(-900, 0, -9000, -1000).stand(10, 600, -1000).drive(610, 1000, -1000, 3000)
    loading = Drive(drive.rows).stand(1010, 3000, 3000)
    assert stage_of(trip, folded(loading, trip).visits) == "at_loading"
    unloading = loading.drive(3010, 3400, 3000, -1000).stand(3410, 6000, -1000)
    assert stage_of(trip, folded(unloading, trip).visits) == "at_unloading"
    found = visits(unloading.drive(6010, 7000, -1000, -20_000), trip)
    assert found[0][2] == found[1][1]
    assert stage_of(trip, folded(unloading, trip).visits) == "delivered"


def late_phone() -> Drive:
    """Switched on when the truck is on its way."""
    return Drive().drive(0, 3600, 40_000, 99_900, 30)


def test_a_phone_switched_on_after_loading_passes_it_unmarked() -> None:
    drive = late_phone().stand(3610, 4270, 100_000, 30)
    standing = folded(drive, plan())
    assert standing.visits == ()
    assert standing.state.doubt == Doubt(1, 0, pytest.approx(at(3588), abs=1_000_000))
    certain = folded(drive.stand(4300, 4420, 100_000, 30), plan())
    assert [(visit.stop_index, visit.is_unmarked) for visit in certain.visits] == [(0, True), (1, False)]
    assert certain.state.doubt is None
    assert stage_of(plan(), certain.visits) == "at_unloading"
    over = drive.stand(4450, 6000, 100_000).drive(6010, 6600, 100_100, 109_000)
    assert stage_of(plan(), folded(over, plan()).visits) == "delivered"


def test_a_mark_or_late_fixes_fill_in_what_was_passed_unmarked() -> None:
    drive = late_phone().stand(3610, 6000, 100_000, 30)
    marked = plan(marks=(Mark(0, "departed", at(-3000), "driver"),))
    assert visits(drive, marked) == [(0, None, -3000), (1, 3588, None)]
    late = Drive([*Drive().stand(-6000, -3000, 0).drive(-2990, -10, 100, 40_000, 30).rows, *drive.rows])
    assert [visit.is_unmarked for visit in folded(late, plan()).visits] == [False, False]


def test_a_mark_ends_the_doubt_at_once() -> None:
    drive = late_phone().stand(3610, 3900, 100_000, 30)
    assert folded(drive, plan()).state.doubt is not None
    marked = plan(marks=(Mark(0, "departed", at(-3000), "dispatcher"),))
    assert folded(drive, marked).state.doubt is None
    assert stage_of(marked, folded(drive, marked).visits) == "at_unloading"


def test_who_stands_in_both_fences_is_loading_first() -> None:
    near = plan(circle(0), circle(200), places=(0, 200), kinds="LU")
    drive = Drive().drive(-300, 0, 9000, 480).stand(10, 3000, 250).drive(3010, 3200, 300, 6000)
    waiting = Drive(drive.rows[:70])
    assert [visit.is_unmarked for visit in folded(waiting, near).visits] == [False]
    assert stage_of(near, folded(waiting, near).visits) == "at_loading"
    assert stage_of(near, folded(drive, near).visits) == "delivered"


def test_a_stop_left_out_costs_nothing_of_the_rest() -> None:
    trip = plan(places=(0, 30_000, 60_000), kinds="LUU")
    drive = Drive().stand(0, 1800, 0).drive(1810, 3600, 100, 25_000).drive(3610, 5400, 25_000, 59_900, 20)
    # Past the second stop by another road.
    rows = [row for row in drive.rows if not at(3900) < row[0] < at(4300)]
    found = folded(Drive(rows).stand(5410, 8000, 60_000).drive(8010, 8600, 60_100, 69_000), trip)
    assert [visit.is_unmarked for visit in found.visits] == [False, True, False]
    assert stage_of(trip, found.visits) == "delivered"


def test_two_unloading_places_may_change_places() -> None:
    trip = plan(places=(0, 60_000, 30_000), kinds="LUU")
    drive = Drive().stand(0, 1800, 0).drive(1810, 3600, 100, 29_900).stand(3610, 5400, 30_000)
    drive.drive(5410, 7200, 30_100, 59_900)
    assert [(stop, arrived is None) for stop, arrived, _ in visits(drive, trip)] == [(0, False), (1, True), (2, False)]
    drive.stand(7210, 9000, 60_000).drive(9010, 9600, 60_100, 69_000)
    assert [arrived is not None for _, arrived, _ in visits(drive, trip)] == [True, True, True]
    assert stage_of(trip, folded(drive, trip).visits) == "delivered"


def test_of_two_neighbours_the_further_may_be_loaded_at_first() -> None:
    trip = plan(circle(0), circle(350), circle(100_000), places=(0, 350, 100_000), kinds="LLU")
    drive = Drive().drive(-600, 0, 9000, 340).stand(10, 1800, 340).drive(1810, 1900, 330, 40).stand(1910, 4000, 40)
    drive.drive(4010, 4400, 0, -9000)
    found = visits(drive, trip)
    assert found[1][2] == found[0][1] == pytest.approx(1820, abs=10)


def test_unloading_never_comes_before_a_loading_that_is_seen_later() -> None:
    trip = plan(places=(0, 30_000))
    home = Drive().drive(0, 600, 40_000, 30_100).stand(610, 3000, 30_000).drive(3010, 4800, 29_900, 100)
    assert [stop for stop, arrived, _ in visits(home, trip) if arrived] == [1]
    home.stand(4810, 6600, 0).drive(6610, 8400, 100, 29_900)
    assert [stop for stop, _, _ in visits(home, trip)] == [0]
    home.stand(8410, 10_000, 30_000)
    assert [(stop, arrived) for stop, arrived, _ in visits(home, trip)] == [
        (0, pytest.approx(4799, abs=20)),
        (1, pytest.approx(8390, abs=20)),
    ]


def test_a_jam_at_the_stop_does_not_hide_the_real_visit_later() -> None:
    drive = Drive().stand(0, 1800, 0).drive(1810, 5400, 100, 99_600, 30).drive(5430, 6200, 99_650, 100_350, 10)
    drive.drive(6210, 6800, 100_400, 109_000).stand(6810, 11_000, 109_000)
    drive.drive(11_010, 11_600, 109_000, 100_100).stand(11_610, 14_000, 100_000)
    assert visits(drive, plan())[1] == (1, pytest.approx(11_590, abs=20), None)


def test_a_departure_marked_before_the_stay_is_proven_leaves_the_stay_to_the_next_stop() -> None:
    trip = plan(circle(0), circle(0), places=(0, 0), kinds="LL", marks=(Mark(0, "departed", at(50), "driver"),))
    assert visits(Drive().fix(0, 0).stand(60, 240, 0), trip) == [(0, None, 50), (1, 60, None)]
