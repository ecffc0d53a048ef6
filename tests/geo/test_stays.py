"""When a truck was in a fence: standing, jams, strays, gaps, noise."""

import math

import pytest

from geo.fences import Circle, Polygon
from geo.stages import Folded, Plan, fold, initial
from geo.stays import MOST_STAYS
from tests.geo.drives import KMH, Drive, brief, circle, east, north, plan, square


def folded(drive: Drive, trip: Plan | None = None) -> Folded:
    trip = trip or plan()
    return fold(trip, initial(trip), drive.columns)


def visits(drive: Drive, trip: Plan | None = None) -> list[tuple[int, float | None, float | None]]:
    """To the second."""
    return [
        (stop, arrived and round(arrived), departed and round(departed))
        for stop, arrived, departed in brief(folded(drive, trip).visits)
    ]


def arrivals(drive: Drive, trip: Plan | None = None) -> list[float | None]:
    return [arrived for _, arrived, _ in visits(drive, trip)]


def test_two_stray_fixes_do_not_end_a_stay():
    strays = Drive().stand(0, 1200, 0).fix(1210, 450, accuracy=2).fix(1240, 450, accuracy=2)
    assert visits(strays) == [(0, 0, None)]
    assert visits(strays.stand(1270, 9000, 0)) == [(0, 0, None)]


def test_who_is_back_within_the_hour_has_not_left():
    drive = Drive().stand(0, 1200, 0).drive(1210, 1400, 100, 3000).stand(1410, 2400, 3000)
    assert visits(drive) == [(0, 0, 1223)]
    back = drive.drive(2410, 2600, 3000, 100)
    assert visits(back.stand(2610, 2680, 0)) == [(0, 0, 1223)]
    assert visits(back.stand(2690, 4000, 0)) == [(0, 0, None)]


def test_who_only_drives_past_again_stays_departed():
    drive = Drive().stand(0, 1200, 0).drive(1210, 1400, 100, 3000).drive(1410, 1800, 3000, -3000)
    assert visits(drive) == [(0, 0, 1223)]


def test_who_is_back_after_more_than_an_hour_is_not_taken_back():
    drive = Drive().stand(0, 1200, 0).drive(1210, 1400, 100, 3000).stand(1410, 5000, 3000)
    assert visits(drive.drive(5010, 5200, 3000, 100).stand(5210, 9000, 0)) == [(0, 0, 1223)]


@pytest.mark.parametrize("fence", [circle(0), square(0, 300)])
def test_a_truck_that_queues_before_the_gate_arrives_when_it_drives_in(fence: Circle | Polygon):
    # One stray fix inside, then two hours fifty metres before the edge.
    queue = Drive().drive(0, 200, -3000, -360).fix(210, -290).stand(220, 7400, -350, 20)
    drive = Drive([*queue.rows]).drive(7410, 7440, -340, 0).stand(7450, 9000, 0)
    assert visits(queue, plan(fence, circle(100_000))) == []
    assert arrivals(drive, plan(fence, circle(100_000))) == [pytest.approx(7414, abs=1)]


def test_one_stray_fix_does_not_drop_a_candidate():
    drive = Drive().fix(0, -600).fix(30, 0).fix(60, 2).fix(90, 500, accuracy=5).fix(120, 1).fix(150, 0)
    assert arrivals(drive) == [15]


def test_who_comes_in_again_elsewhere_begins_anew():
    drive = Drive().fix(0, -600).fix(30, -250).fix(60, -600).fix(90, 250).stand(120, 300, 250)
    assert arrivals(drive) == [pytest.approx(71, abs=1)]


@pytest.mark.parametrize("radius_m", [100, 300, 1000, 5000])
@pytest.mark.parametrize("kmh", [15, 40, 80])
@pytest.mark.parametrize("every", [5, 30, 60])
def test_driving_through_is_no_visit_at_any_pace_nor_in_any_fence(radius_m: int, kmh: int, every: int):
    way_m = radius_m + 2000
    drive = Drive().drive(0, 2 * way_m / (kmh * KMH), -way_m, way_m, every)
    assert visits(drive, plan(circle(0, radius_m), circle(100_000))) == []


@pytest.mark.parametrize("every", [5, 10, 30])
def test_a_red_light_is_no_visit(every: int):
    drive = Drive().drive(0, 100, -1200, 0, every).stand(100 + every, 174, 0, every)
    assert visits(drive.drive(175, 275, 0, 1200, every)) == []


@pytest.mark.parametrize("every", [10, 20, 30])
def test_loading_for_ninety_seconds_is_found_where_the_truck_stands(every: int):
    drive = Drive().drive(0, 100, -1200, -20, every).stand(100 + every, 200 + every, 0, every)
    assert len(visits(drive.drive(200 + 2 * every, 400, 20, 1200, every))) == 1


def test_a_fix_a_minute_tells_by_the_time_around_it_how_long_a_truck_stood():
    def stood(seconds: float) -> Drive:
        drive = Drive().fix(0, -1000, speed=12).fix(60, -280, speed=12).fix(120, 0, speed=0.3).fix(170, 1, speed=0.3)
        return drive.fix(170 + seconds, 400, speed=12).fix(230 + seconds, 1120, speed=12)

    assert visits(stood(42)) == []
    assert arrivals(stood(52)) == [58]


@pytest.mark.parametrize(
    ("approach", "standing", "after"), [(1, 0.3, 12), (12, 0.3, 1), (12, math.nan, 12), (12, 3, 12)]
)
def test_without_the_speeds_of_a_truck_that_stood_nothing_is_told_by_the_time_around(
    approach: float, standing: float, after: float
):
    drive = Drive().fix(60, -380, speed=approach).fix(120, 0, speed=standing).fix(205, 700, speed=after)
    assert visits(drive.fix(265, 1400, speed=12)) == []


def test_fixes_two_minutes_apart_tell_nothing_by_the_time_around():
    drive = Drive().fix(0, -1000, speed=12).fix(120, 0, speed=0.3).fix(240, 1000, speed=12).fix(300, 2000, speed=12)
    assert visits(drive) == []


def test_a_truck_known_to_have_crawled_is_known_to_stand_once_it_does():
    yard = Drive().fix(-10, -500)
    for step in range(60):
        yard.fix(step * 10, 100 if step % 6 < 3 else -100)
    assert folded(yard).state.stays[0].shown_by == 2
    yard.stand(610, 900, 0)
    assert folded(yard).state.stays[0].shown_by == 3
    assert len(visits(yard)) == 1


@pytest.mark.parametrize("minutes", [20, 30, 45])
@pytest.mark.parametrize("before", [0.1, 0.5, 0.9])
def test_a_phone_lost_on_the_highway_beside_the_fence_has_not_visited(minutes: int, before: float):
    lost_s, speed = minutes * 60, 70 * KMH
    begin_m, end_m = -lost_s * before * speed, lost_s * (1 - before) * speed
    drive = (
        Drive()
        .drive(0, 600, begin_m - 600 * speed, begin_m)
        .drive(600 + lost_s, 1200 + lost_s, end_m, end_m + 600 * speed)
    )
    assert visits(drive, plan(circle(0), circle(500_000))) == []


def test_a_phone_off_while_loading_that_saw_the_truck_come_is_a_visit():
    drive = Drive().drive(0, 300, -5000, -50).drive(3000, 3600, 6000, 16_000)
    assert [visit.arrived_source for visit in folded(drive).visits] == ["gap"]
    assert arrivals(drive) == [285]


def test_a_sparse_phone_that_stands_and_says_nothing_is_a_visit_by_one_fix():
    drive = Drive().fix(0, -15_000).fix(900, 0, speed=0).fix(4500, 3000).fix(5100, 15_000).fix(5700, 25_000)
    assert arrivals(drive) == [900]


def test_who_speaks_again_after_long_silence_left_a_little_before():
    drive = Drive().fix(0, -15_000).fix(900, 0).fix(1500, 1).fix(9000, 5000).fix(9600, 12_000)
    assert visits(drive) == [(0, 900, 9000 - round(4700 / (50 * KMH)))]
    assert visits(Drive(drive.rows[:3]).fix(2300, 5000).fix(2900, 12_000)) == [(0, 900, 1500)]


def test_an_hour_at_120_metres_of_accuracy_is_a_visit():
    drive = Drive().fix(0, -5000)
    for step in range(60):
        drive.fix(600 + step * 60, 100 + (step % 3) * 30, accuracy=120)
    assert arrivals(drive) == [600]


@pytest.mark.parametrize("stray", [{"metres": 450, "accuracy": 1.7}, {"metres": 900, "accuracy": math.nan}])
def test_lies_now_and_then_cost_a_stay_nothing(stray: dict[str, float]):
    drive = Drive().drive(0, 100, -1600, 0)
    for step in range(60):
        drive.fix(110 + step * 30, **stray) if step % 7 == 3 else drive.fix(110 + step * 30, step % 2)
    drive.drive(1950, 2150, 200, 4000)
    assert visits(drive) == [(0, 81, pytest.approx(1955, abs=2))]


@pytest.mark.parametrize("every", [30, 60, 300])
def test_the_edge_is_crossed_on_the_way_between_two_fixes(every: int):
    drive = Drive().fix(0, -600).fix(every, 0).stand(every + 60, every + 600, 0)
    assert arrivals(drive) == [every / 2]


def test_fixes_further_apart_do_not_tell_when_the_edge_was_crossed():
    drive = Drive().fix(0, -600).fix(301, 0).stand(361, 900, 0)
    assert arrivals(drive) == [301]


def test_many_stays_are_not_remembered_for_ever():
    drive, second = Drive(), 0
    for _ in range(MOST_STAYS + 5):
        drive.drive(second, second + 300, 5000, 0, 60).stand(second + 310, second + 610, 0)
        drive.drive(second + 620, second + 920, 100, 5000, 60)
        second += 6000
    state = folded(drive).state
    assert len(state.stays) == MOST_STAYS
    assert brief(folded(drive).visits)[0][0] == 0


def test_a_fence_of_many_corners_is_measured_alike():
    corners = 40
    turns = [2 * math.pi * n / corners for n in range(corners)]
    outline = Polygon(tuple((east(300 * math.sin(turn)), north(300 * math.cos(turn))) for turn in turns))
    corner = (east(-300), north(-300))
    closed = Polygon(
        (corner, corner, (east(300), north(-300)), (east(300), north(300)), (east(-300), north(300)), corner)
    )
    drive = Drive().drive(0, 100, -1600, 0).stand(110, 900, 0).drive(910, 1200, 100, 5000)
    for fence in (outline, closed):
        assert visits(drive, plan(fence, circle(100_000))) == [(0, 81, pytest.approx(922, abs=1))]
