import pytest

from geo.stages import STAGES, Mark, Sighting, Stage, Visit, compose, stage_of
from tests.geo.drives import plan


def mark(stop: int, kind: str, at_us: int, source: str) -> Mark:
    return Mark(stop, kind, at_us, source)  # type: ignore[arg-type]


def test_nothing_known_is_no_visit():
    assert compose(plan(), ()) == ()


def test_measured_time_goes_before_said_and_said_before_inferred():
    marks = [
        mark(0, "arrived", 30, "silence"),
        mark(0, "arrived", 20, "dispatcher"),
        mark(0, "arrived", 10, "driver"),
    ]
    gap, gps = Sighting(0, 50, 60, by_gap=True), Sighting(0, 40, 60)

    def source(count: int, *sightings: Sighting) -> str | None:
        return compose(plan(marks=tuple(marks[:count])), sightings)[0].arrived_source

    assert source(3, gps) == "gps"
    assert source(3, gap) == "driver"
    assert source(2, gap) == "dispatcher"
    assert source(1, gap) == "silence"
    assert source(0, gap) == "gap"


def test_all_witnesses_are_listed_best_first_by_kind():
    marks = (mark(0, "departed", 90, "dispatcher"), mark(0, "arrived", 10, "driver"))
    visit = compose(plan(marks=marks), (Sighting(0, 40, 60),))[0]
    assert [(witness.kind, witness.source) for witness in visit.witnesses] == [
        ("arrived", "gps"),
        ("arrived", "driver"),
        ("departed", "gps"),
        ("departed", "dispatcher"),
    ]


def test_of_two_presses_by_one_person_the_first_counts():
    marks = (mark(0, "arrived", 20, "driver"), mark(0, "arrived", 10, "driver"))
    assert compose(plan(marks=marks), ())[0].arrived_at_us == 10


def test_a_stay_never_ends_before_it_began():
    marks = (mark(0, "arrived", 90, "driver"), mark(0, "departed", 60, "dispatcher"))
    visit = compose(plan(marks=marks), ())[0]
    assert (visit.arrived_at_us, visit.departed_at_us) == (60, 60)
    assert visit.witnesses[0].at_us == 90


def test_visits_come_in_the_order_of_stops():
    marks = (mark(1, "arrived", 10, "driver"), mark(0, "arrived", 20, "driver"))
    assert [visit.stop_index for visit in compose(plan(marks=marks), ())] == [0, 1]


def visited(*stays: tuple[int, bool]) -> tuple[Visit, ...]:
    return tuple(Visit(stop, 1, 2 if left else None, "gps", "gps" if left else None, ()) for stop, left in stays)


@pytest.mark.parametrize(
    ("kinds", "stays", "expected"),
    [
        ("LU", [], "assigned"),
        ("LU", [(0, False)], "at_loading"),
        ("LU", [(0, True)], "in_transit"),
        ("LU", [(0, True), (1, False)], "at_unloading"),
        ("LU", [(1, False)], "at_unloading"),
        ("LU", [(0, True), (1, True)], "delivered"),
        ("LLU", [(0, True)], "at_loading"),
        ("LLU", [(0, True), (1, False)], "at_loading"),
        ("LLU", [(1, True)], "in_transit"),
        ("LUU", [(0, True), (1, True)], "at_unloading"),
        ("LULU", [(0, True), (1, True), (2, False)], "at_unloading"),
        ("LULU", [(0, True), (1, True), (2, True)], "at_unloading"),
        ("LULU", [(3, True)], "delivered"),
    ],
)
def test_the_stage_follows_from_the_furthest_stop(kinds: str, stays: list[tuple[int, bool]], expected: Stage):
    places = tuple(10_000.0 * index for index in range(len(kinds)))
    assert stage_of(plan(places=places, kinds=kinds), visited(*stays)) == expected


@pytest.mark.parametrize("kinds", ["LU", "LLU", "LUU", "LULU", "LLUULU"])
def test_stages_only_move_forward_as_a_trip_goes_on(kinds: str):
    trip = plan(places=tuple(10_000.0 * index for index in range(len(kinds))), kinds=kinds)
    reached = [0]
    for stop in range(len(kinds)):
        for left in (False, True):
            before = [(earlier, True) for earlier in range(stop)]
            reached.append(STAGES.index(stage_of(trip, visited(*before, (stop, left)))))
    assert reached == sorted(reached)
    assert reached[-1] == STAGES.index("delivered")
