"""Jumps, teleports and frozen places: flags that need the neighbours."""

import pytest

from geo.fix import Flag, flag_names
from geo.stages import FlagChange, Folded, Plan, fold, initial
from tests.geo.drives import Drive, at, east, north, plan


def folded(drive: Drive, trip: Plan | None = None) -> Folded:
    trip = trip or plan()
    return fold(trip, initial(trip), drive.columns)


def names(result: Folded) -> list[list[str]]:
    return [flag_names(mask) for mask in result.flags.tolist()]


def position(result: Folded) -> float:
    assert result.state.last is not None
    return (result.state.last.fix_time - at(0)) / 1e6


def test_a_leap_faster_than_250_kmh_is_held_as_suspect():
    result = folded(Drive().fix(0, 20_000).fix(60, 25_000).fix(120, 20_500))
    assert names(result) == [[], ["jump"], []]
    assert position(result) == 120


def test_a_suspect_neither_moves_the_truck_nor_a_stage():
    result = folded(Drive().fix(0, 20_000).fix(60, 0).fix(65, 0))
    assert names(result) == [[], ["jump"], ["jump"]]
    assert position(result) == 0
    assert result.state.presences == ()


def test_the_fixes_errors_excuse_a_leap():
    assert names(folded(Drive().fix(0, 20_000, accuracy=600).fix(1, 21_000, accuracy=500))) == [[], []]


def test_an_error_of_kilometres_excuses_only_one_of_them():
    assert names(folded(Drive().fix(0, 20_000).fix(1, 30_000, accuracy=50_000))) == [[], ["jump"]]


def test_three_suspects_that_agree_become_the_truth():
    result = folded(Drive().fix(0, 20_000).fix(60, 90_000).fix(70, 90_100).fix(80, 90_200))
    assert names(result) == [[], [], [], []]
    assert position(result) == 80


def test_suspects_that_disagree_do_not_add_up():
    result = folded(Drive().fix(0, 20_000).fix(60, 90_000).fix(70, 190_000).fix(80, 90_200).fix(90, 90_300))
    assert names(result) == [[], ["jump"], ["jump"], ["jump"], ["jump"]]
    assert position(result) == 0


def test_a_trusted_fix_between_suspects_clears_the_suspicion_count():
    drive = Drive().fix(0, 20_000)
    for index in range(6):
        drive.fix(10 + index * 20, 90_000).fix(20 + index * 20, 20_000 + index)
    result = folded(drive)
    assert names(result)[1::2] == [["jump"]] * 6
    assert names(result)[2::2] == [[]] * 6


def test_two_fixes_of_one_moment_far_apart_cannot_both_be_true():
    assert names(folded(Drive().fix(0, 20_000).fix(0, 25_000))) == [[], ["jump"]]


def test_acquitting_reports_the_suspects_of_earlier_pieces():
    trip = plan()
    first = folded(Drive().fix(0, 20_000).fix(60, 90_000).fix(70, 90_100))
    second = fold(trip, first.state, Drive().fix(80, 90_200).columns)
    assert second.suspects == tuple(
        FlagChange(at(second_), north(metres), east(0), int(Flag.JUMP), 0)
        for second_, metres in ((60, 90_000), (70, 90_100))
    )
    assert second.flags.tolist() == [0]


def test_appearing_in_the_fence_from_afar_is_a_teleport():
    result = folded(Drive().fix(0, 20_000).fix(60, 0).fix(70, 1).fix(80, 0))
    assert names(result) == [[], ["teleport"], [], []]


def test_a_teleport_found_later_is_reported_with_the_acquittal():
    trip = plan()
    first = folded(Drive().fix(0, 20_000).fix(60, 0).fix(70, 1))
    second = fold(trip, first.state, Drive().fix(80, 0).columns)
    assert [(change.cleared, change.added) for change in second.suspects] == [
        (int(Flag.JUMP), int(Flag.TELEPORT)),
        (int(Flag.JUMP), 0),
    ]


@pytest.mark.parametrize(("seconds", "expected"), [(300, ["teleport"]), (600, [])])
def test_driving_into_the_fence_faster_than_a_truck_can_is_a_teleport(seconds: int, expected: list[str]):
    assert names(folded(Drive().fix(0, 15_000).fix(seconds, 0)))[1] == expected


def test_a_fast_step_over_the_fences_edge_is_no_teleport():
    assert names(folded(Drive().fix(0, 600).fix(5, 280)))[1] == []


def test_one_place_for_more_than_three_hours_is_frozen():
    drive = Drive().fix(0, 20_000)
    for hour in range(1, 6):
        drive.fix(hour * 3600, 20_000)
    assert names(folded(drive.fix(6 * 3600, 20_001))) == [[], [], [], [], ["frozen"], ["frozen"], []]


def test_old_verdicts_of_the_fold_are_not_believed():
    stale = int(Flag.JUMP | Flag.FROZEN | Flag.TELEPORT | Flag.MOCK)
    assert names(folded(Drive().fix(0, 20_000, flags=stale))) == [["mock"]]
