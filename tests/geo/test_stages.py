"""The law of stages, one sentence a test."""

import math
import random

import msgspec
import pytest

from geo.fences import Fence
from geo.fix import Flag
from geo.stages import Folded, Mark, Plan, fold, initial, silent_arrival, stage_of
from tests.geo.drives import KMH, Drive, at, brief, circle, plan, square


def folded(drive: Drive, trip: Plan | None = None) -> Folded:
    trip = trip or plan()
    return fold(trip, initial(trip), drive.columns)


def visits(drive: Drive, trip: Plan | None = None) -> list[tuple[int, float | None, float | None]]:
    """To the second: most times are those of an edge crossed between two fixes."""
    return [
        (stop, arrived and round(arrived), departed and round(departed))
        for stop, arrived, departed in brief(folded(drive, trip).visits)
    ]


@pytest.mark.parametrize("fence", [circle(0), square(0)])
def test_a_stay_is_a_visit_from_crossing_the_edge_to_crossing_it_again(fence: Fence):
    drive = Drive().drive(0, 100, -1600, 0).stand(110, 3000, 0).drive(3010, 3130, 0, 2000)
    trip = plan(fence, circle(100_000))
    edge = 300 if isinstance(fence, type(circle(0))) else 250
    inwards, outwards = (1600 - edge) / 16, 3010 + edge * 120 / 2000
    assert brief(folded(drive, trip).visits) == [(0, pytest.approx(inwards, abs=0.1), pytest.approx(outwards, abs=0.1))]
    assert stage_of(trip, folded(drive, trip).visits) == "in_transit"


@pytest.mark.parametrize("fence", [circle(0), square(0), circle(0, 2000), circle(0, 20_000)])
@pytest.mark.parametrize("every", [1, 5, 10, 30])
def test_driving_past_at_60_kmh_is_no_visit(fence: Fence, every: int):
    seconds = 60_000 / (60 * KMH)
    drive = Drive().drive(0, seconds, -30_000, 30_000, every)
    assert visits(drive, plan(fence, circle(500_000), places=(0, 500_000))) == []


def test_a_truck_standing_in_a_wide_fence_has_arrived_after_two_minutes():
    drive = Drive().stand(0, 120, 5000, every=60)
    assert visits(drive, plan(circle(0, 20_000), circle(100_000))) == [(0, 0, None)]


def test_who_needs_longer_than_crawling_through_in_a_jam_has_visited_although_he_never_stood():
    yard = Drive()
    for step in range(60):
        yard.fix(step * 10, 100 if step % 6 < 3 else -100)
    assert visits(Drive(yard.rows[:43]).fix(450, 1500).fix(460, 1700)) == []
    assert visits(yard) == [(0, 0, None)]


def test_one_fix_inside_is_not_yet_an_arrival():
    assert visits(Drive().fix(0, 0)) == []


def test_standing_takes_a_hundred_seconds():
    assert visits(Drive().fix(0, 0).fix(99, 0)) == []
    assert visits(Drive().fix(0, 0).fix(100, 0)) == [(0, 0, None)]


def test_one_fix_inside_and_five_minutes_more_than_the_way_out_takes_are_a_visit():
    way_s = 20_000 / (50 * KMH)
    result = folded(Drive().fix(0, 0).fix(way_s + 301, 20_000))
    assert [(visit.arrived_at_us, visit.arrived_source) for visit in result.visits] == [(at(0), "gap")]
    assert visits(Drive().fix(0, 0).fix(way_s + 299, 20_000)) == []


def test_silence_after_a_fix_on_the_way_out_is_no_arrival():
    assert visits(Drive().fix(0, 0, speed=1.0).fix(10, 350, speed=1.0).fix(400, 20_000)) == []


def test_an_inaccurate_fix_is_inside_only_with_its_whole_error():
    wide = plan(circle(0, 1000), circle(100_000))
    assert visits(Drive().fix(0, 700, accuracy=299).fix(200, 700, accuracy=299), wide) == [(0, 0, None)]
    assert visits(Drive().fix(0, 700, accuracy=301).fix(200, 700, accuracy=301), wide) == []


def test_a_fix_measured_inside_with_a_small_error_counts_however_near_the_edge():
    assert visits(Drive().fix(0, 299, accuracy=100).fix(200, 299, accuracy=100)) == [(0, 0, None)]
    assert visits(Drive().fix(0, 299, accuracy=101).fix(200, 299, accuracy=101)) == []


def test_a_fix_vaguer_than_the_fence_never_moves_a_stage():
    stay = Drive().stand(0, 600, 0).fix(700, 5000, accuracy=301).fix(710, 5000, accuracy=301)
    assert visits(stay) == [(0, 0, None)]
    assert [presence.leaving for presence in folded(stay).state.presences] == [None]
    assert visits(Drive().fix(0, 0).fix(60, 3000, accuracy=400).fix(130, 0)) == [(0, 0, None)]


def test_unknown_accuracy_counts_as_50_metres():
    wide = plan(circle(0, 100), circle(100_000))
    unknown = math.nan
    assert visits(Drive().fix(0, 0, accuracy=unknown).fix(200, 0, accuracy=unknown), wide) == [(0, 0, None)]
    state = folded(Drive().fix(0, 0, accuracy=unknown)).state
    assert state.last is not None
    assert state.last.accuracy_m == 50.0


@pytest.mark.parametrize("flag", [Flag.PING, Flag.NULL_ISLAND, Flag.FUTURE])
def test_untrusted_fixes_are_passed_over_and_keep_their_flags(flag: Flag):
    drive = Drive().fix(0, 0, flags=flag).fix(200, 0, flags=flag)
    result = folded(drive)
    assert result.visits == ()
    assert result.state == initial(plan())
    assert result.flags.tolist() == [int(flag)] * 2


def test_fixes_before_the_tracking_window_are_passed_over():
    drive = Drive().fix(0, 0).fix(200, 0).fix(330, 0)
    assert visits(drive, plan(window_from_us=at(200))) == [(0, 200, None)]


def test_leaving_takes_a_way_that_leads_on():
    stay = Drive().stand(0, 600, 0)
    assert visits(stay.fix(700, 1000)) == [(0, 0, None)]
    assert visits(stay.fix(710, 1010)) == [(0, 0, None)]
    assert visits(stay.fix(720, 1100)) == [(0, 0, 630)]


def test_leaving_takes_two_minutes_when_the_second_fix_is_unsure():
    stay = Drive().stand(0, 600, 0).fix(700, 450)
    assert visits(stay.fix(819, 350)) == [(0, 0, None)]
    assert visits(stay.fix(820, 350)) == [(0, 0, 667)]


def test_one_fix_kilometres_away_after_two_minutes_is_proof_enough():
    stay = Drive().stand(0, 600, 0)
    assert visits(Drive(stay.rows).fix(719, 2500)) == [(0, 0, None)]
    assert visits(Drive(stay.rows).fix(720, 2500)) == [(0, 0, 614)]


def test_a_single_stray_fix_does_not_end_a_visit():
    assert visits(Drive().stand(0, 600, 0).fix(660, 900).fix(700, 0).fix(760, 900)) == [(0, 0, None)]


def test_outside_begins_a_quarter_radius_beyond_a_wide_fence():
    wide = plan(circle(0, 2000), circle(100_000))
    stay = Drive().stand(0, 600, 0)
    assert visits(stay.fix(700, 2400).fix(710, 2490), wide) == [(0, 0, None)]
    assert visits(stay.fix(720, 2600).fix(730, 2700), wide) == [(0, 0, 683)]


@pytest.mark.parametrize("seed", range(20))
def test_a_thousand_noisy_fixes_on_the_edge_change_the_stage_at_most_once(seed: int):
    noise = random.Random(seed)
    drive = Drive()
    for index in range(1000):
        drive.fix(index * 10, 300 + noise.uniform(-30, 30), aside=noise.uniform(-30, 30))
    result = visits(drive)
    assert len(result) <= 1
    assert all(departed is None for _, _, departed in result)


def test_stops_are_visited_in_order():
    early = Drive().stand(0, 600, 100_000)
    assert visits(early) == []
    both = early.stand(20_000, 20_600, 0).drive(20_700, 25_000, 1000, 99_000, 60).stand(25_060, 26_000, 100_000)
    assert visits(both) == [(0, 20_000, 20_630), (1, 25_042, None)]


def test_what_proves_leaving_may_prove_the_arrival_next_door():
    next_door = plan(places=(0, 1000), kinds="LL")
    drive = Drive().stand(0, 600, 0).fix(900, 1000).fix(1200, 1000)
    assert visits(drive, next_door) == [(0, 0, 690), (1, 810, None)]


def test_after_the_last_stop_nothing_more_happens():
    over = Drive().stand(0, 600, 0).drive(700, 4700, 1000, 99_000, 60).stand(4800, 5400, 100_000)
    over.drive(5500, 9000, 99_000, 0, 60).stand(9100, 9900, 0)
    result = folded(over)
    assert visits(over) == [(0, 0, 630), (1, 4770, 5430)]
    assert stage_of(plan(), result.visits) == "delivered"
    assert result.state.last is not None
    assert result.state.last.fix_time == at(9880)


def test_rings_are_told_once_each():
    drive = Drive().drive(0, 4000, -80_000, -1000, 30).drive(4030, 6000, -1000, -80_000, 30)
    rings = folded(drive.drive(6030, 9000, -80_000, -1000, 30)).rings
    assert [(ring.stop_index, ring.ring_m) for ring in rings] == [(0, 50_000), (0, 5_000)]


def test_a_start_within_both_rings_tells_the_nearer_one_only():
    assert [ring.ring_m for ring in folded(Drive().fix(0, 4000)).rings] == [5_000]


def test_a_start_inside_the_fence_tells_no_ring_even_when_it_drives_out_again():
    assert folded(Drive().fix(0, 0).fix(60, 2000)).rings == ()


def test_sparse_fixes_pass_a_ring_between_them():
    rings = folded(Drive().fix(0, -60_000, aside=4000).fix(5000, 60_000, aside=4000)).rings
    assert [(ring.ring_m, ring.at_us) for ring in rings] == [(5_000, at(5000))]


def test_a_vague_fix_tells_no_ring():
    assert folded(Drive().fix(0, -4000, accuracy=2000)).rings == ()


def test_an_implausible_way_passes_no_ring():
    drive = Drive().fix(0, -200_000)
    for index in range(3):
        drive.fix(60 + index, 200_000 + index)
    result = folded(drive)
    assert result.rings == ()
    assert result.state.last is not None
    assert result.state.last.fix_time == at(62)


def test_a_fence_crossed_between_sparse_fixes_with_time_to_spare_was_visited():
    # 20 km take 1800 s at 40 km/h; 3600 s leave half an hour.
    drive = Drive().fix(0, -10_000).fix(3601, 10_000)
    first, last = 9700 / 25, 3601 - 9700 / 25
    result = folded(drive)
    assert brief(result.visits) == [(0, pytest.approx(first, abs=0.1), pytest.approx(last, abs=0.1))]
    assert result.visits[0].arrived_source == result.visits[0].departed_source == "gap"


def test_a_fence_crossed_without_time_to_spare_was_not_visited():
    assert visits(Drive().fix(0, -10_000).fix(3595, 10_000)) == []
    assert visits(Drive().fix(0, -10_000).fix(500, 10_000)) == []


def test_a_fence_passed_aside_was_not_visited():
    assert visits(Drive().fix(0, -10_000, aside=2000).fix(9000, 10_000, aside=2000)) == []


def test_vague_ends_infer_nothing():
    assert visits(Drive().fix(0, -10_000, accuracy=500).fix(9000, 10_000)) == []
    assert visits(Drive().fix(0, -10_000).fix(9000, 10_000, accuracy=500)) == []


def test_a_phone_that_died_in_the_fence_and_woke_far_away_has_visited():
    drive = Drive().fix(0, -5000).fix(280, 0, speed=15).fix(9000, 50_000)
    assert visits(drive) == [(0, 263, 7012)]


def test_a_stop_without_a_fence_makes_no_stage_by_itself():
    city = plan(None, circle(100_000))
    result = folded(Drive().drive(0, 600, -10_000, 0).stand(700, 5000, 0), city)
    assert result.visits == ()
    assert [ring.ring_m for ring in result.rings] == [50_000, 5_000]


def test_arriving_at_the_next_fence_passes_a_stop_without_one():
    city = plan(None, circle(100_000))
    drive = Drive().stand(0, 600, 0).drive(700, 5000, 0, 99_000, 60).stand(5060, 6000, 100_000)
    result = folded(drive, city)
    assert visits(drive, city) == [(1, 5042, None)]
    assert stage_of(city, result.visits) == "at_unloading"


def test_a_driver_who_lives_at_the_unloading_place_has_not_arrived_there():
    city = plan(None, circle(100_000))
    assert visits(Drive().stand(0, 6000, 100_000), city) == []


def test_a_driver_who_starts_near_both_must_enter_the_fence_from_outside():
    near = plan(None, circle(10_000), places=(0, 10_000))
    assert visits(Drive().stand(0, 6000, 10_000), near) == []
    away = Drive().stand(0, 600, 10_000).drive(700, 1200, 10_000, 0, 30).drive(1300, 1900, 0, 9000, 30)
    assert visits(away.stand(1930, 2500, 10_000), near) == [(1, 1921, None)]


def test_a_trip_without_any_fence_only_tells_rings():
    cities = plan(None, None)
    result = folded(Drive().drive(0, 7000, -60_000, 100_000, 60), cities)
    assert result.visits == ()
    assert {ring.stop_index for ring in result.rings} == {0}


def mark(stop: int, kind: str, second: float, source: str = "driver") -> Mark:
    return msgspec.convert({"stop_index": stop, "kind": kind, "at_us": at(second), "source": source}, Mark)


def test_a_marked_arrival_counts_although_no_fix_shows_it():
    marked = plan(marks=(mark(0, "arrived", 50),))
    result = folded(Drive(), marked)
    assert brief(result.visits) == [(0, 50, None)]
    assert result.visits[0].arrived_source == "driver"
    assert stage_of(marked, result.visits) == "at_loading"


def test_both_witnesses_of_one_arrival_are_kept_and_the_measured_time_is_shown():
    result = folded(Drive().stand(100, 600, 0), plan(marks=(mark(0, "arrived", 50),)))
    visit = result.visits[0]
    assert (visit.arrived_at_us, visit.arrived_source) == (at(100), "gps")
    assert [(witness.source, witness.at_us) for witness in visit.witnesses] == [("gps", at(100)), ("driver", at(50))]


def test_a_marked_departure_sends_the_truck_to_the_next_stop():
    marked = plan(circle(0), circle(0), places=(0, 0), kinds="LL", marks=(mark(0, "departed", 900),))
    result = folded(Drive().stand(0, 1800, 0), marked)
    assert brief(result.visits) == [(0, 0, 900), (1, 960, None)]
    assert result.visits[0].departed_source == "driver"


def test_a_marked_departure_passes_a_stop_without_a_fence():
    city = plan(None, circle(100_000), marks=(mark(0, "departed", 0),))
    assert visits(Drive().stand(10, 600, 100_000), city) == [(0, None, 0), (1, 10, None)]


def test_a_marked_arrival_further_on_passes_the_stops_before():
    marked = plan(marks=(mark(1, "arrived", 50, "dispatcher"),))
    result = folded(Drive().fix(60, 2000).stand(100, 600, 0), marked)
    assert brief(result.visits) == [(1, 50, None)]
    assert result.state.current == 1
    assert result.rings == ()


def test_a_mark_on_a_stop_already_left_changes_no_course():
    marks = (mark(0, "departed", 2000), mark(0, "arrived", 2001))
    drive = Drive().stand(0, 600, 0).drive(700, 4700, 1000, 99_000, 60).stand(4800, 5400, 100_000)
    result = folded(drive, plan(marks=marks))
    assert [(visit.arrived_source, visit.departed_source) for visit in result.visits] == [("gps", "gps"), ("gps", None)]


def test_the_drivers_handing_over_of_the_cargo_is_delivered():
    marked = plan(marks=(mark(1, "departed", 6000),))
    drive = Drive().stand(0, 600, 0).drive(700, 4700, 1000, 99_000, 60).stand(4800, 7000, 100_000)
    result = folded(drive, marked)
    assert visits(drive, marked)[1] == (1, 4770, 6000)
    assert stage_of(marked, result.visits) == "delivered"
    assert result.state.current == 2


def test_silence_by_the_wall_clock_asks_for_a_mark_at_the_first_fix_inside():
    trip = plan()
    state = folded(Drive().fix(0, -5000).fix(600, 250, speed=8.0).fix(620, 0, speed=0.5)).state
    assert silent_arrival(trip, state, at(919)) is None
    assert silent_arrival(trip, state, at(920)) == mark(0, "arrived", 600, "silence")


def test_silence_asks_for_no_mark_twice_nor_for_one_somebody_made():
    drive = Drive().fix(600, 0, speed=0.5)
    for marked in (mark(0, "arrived", 600, "silence"), mark(0, "arrived", 500)):
        trip = plan(marks=(marked,))
        assert silent_arrival(trip, folded(drive, trip).state, at(2000)) is None


def test_a_phone_that_tells_no_speed_must_be_silent_for_a_quarter_of_an_hour():
    trip = plan()
    state = folded(Drive().fix(0, -5000).fix(600, 0)).state
    assert silent_arrival(trip, state, at(1499)) is None
    assert silent_arrival(trip, state, at(1500)) == mark(0, "arrived", 600, "silence")


def test_an_arrival_concluded_from_silence_falls_with_its_reason():
    trip = plan(marks=(mark(0, "arrived", 600, "silence"),))
    stopped = Drive().fix(0, -5000).fix(600, 250, speed=1.0)
    assert brief(folded(stopped, trip).visits) == [(0, 600, None)]
    assert folded(stopped, trip).visits[0].arrived_source == "silence"
    # What the phone had kept back: it drove on at once.
    drove_on = Drive(stopped.rows).drive(620, 900, 600, 5000, 20)
    assert folded(drove_on, trip).visits == ()
    stood = Drive(stopped.rows).stand(660, 1200, 250)
    assert folded(stood, trip).visits[0].arrived_source == "gps"


def test_after_a_silence_that_was_refuted_the_next_one_is_concluded_anew():
    trip = plan(marks=(mark(0, "arrived", 600, "silence"),))
    drive = (
        Drive().fix(0, -5000).fix(600, 250, speed=1.0).drive(620, 900, 600, 5000, 20).drive(920, 1200, 5000, 400, 20)
    )
    state = folded(drive.fix(1600, 200, speed=0.5), trip).state
    assert silent_arrival(trip, state, at(2000)) == mark(0, "arrived", 1600, "silence")


def test_silence_asks_for_nothing_outside_or_after_the_end_or_at_speed():
    assert silent_arrival(plan(), folded(Drive().fix(0, 2000, speed=0.0)).state, at(9999)) is None
    assert silent_arrival(plan(), folded(Drive().fix(0, 0, speed=9.0)).state, at(9999)) is None
    assert silent_arrival(plan(None, None), initial(plan()), at(9999)) is None
    ended = plan(marks=(mark(1, "departed", 0),))
    assert silent_arrival(ended, folded(Drive().fix(10, 0, speed=0.0), ended).state, at(9999)) is None


def test_a_nights_backlog_gives_the_right_stages_at_the_right_times():
    trip = plan(places=(0, 400_000))
    live = Drive().stand(0, 3600, 0).drive(3660, 5000, 1000, 20_000, 60)
    night = Drive().drive(5060, 32_000, 21_000, 399_000, 60).stand(32_060, 36_000, 400_000)
    after = Drive().stand(36_060, 37_000, 400_000)
    everything = Drive(live.rows + night.rows + after.rows)
    assert visits(everything, trip) == [(0, 0, 3618), (1, 32_042, None)]
