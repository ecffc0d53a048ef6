"""What a fold means for the business: the stages told, the end of following a truck, what is warned of."""

import pytest

from freight.events.facts import Fact
from freight.tracking.plans import TripPlan
from freight.tracking.rules import Outcome, facts_of, ring_facts
from freight.tracking.warning_rules import implausible_fact, warnings_of
from geo.batch import refold
from geo.fix import SECOND_US, Flag, columns
from geo.plan import Mark
from tests.geo.drives import BASE_LON, START_S, Drive, at, north, plan

LOADING, UNLOADING = 11, 12
HOUR_S = 3600
MINUTE_S = 60


def carrying(*marks: Mark) -> TripPlan:
    """A trip from a loading place to one 100 km north, of organisation 3."""
    return TripPlan(1, 2, 3, 4, 1, (LOADING, UNLOADING), plan(marks=marks))


def outcome(drive: Drive, *marks: Mark) -> Outcome:
    trip = carrying(*marks)
    folded = refold(trip.plan, drive.columns)
    return Outcome(trip, folded.state, folded.visits, folded.rings, complete=True)


def loaded() -> Drive:
    """A truck that loads for half an hour and drives to the unloading place."""
    return Drive().stand(0, 1800, 0).drive(1860, 9000, 1000, 99_000)


def arrived() -> Drive:
    return loaded().stand(9060, 12_000, 100_000)


def delivered() -> Drive:
    return arrived().drive(12_060, 13_000, 101_000, 120_000)


def second(moment_us: int | None) -> float | None:
    """Seconds after the drive's start."""
    return None if moment_us is None else moment_us / SECOND_US - START_S


def told(facts: list[Fact]) -> list[tuple[str, int | None, str]]:
    return [(fact.kind, fact.stop_id, fact.source) for fact in facts]


def test_every_arrival_and_departure_is_told_and_the_last_departure_is_the_delivery() -> None:
    end = outcome(delivered())
    assert end.stage == "delivered"
    assert told(facts_of(end)) == [
        ("arrived", LOADING, "gps"),
        ("departed", LOADING, "gps"),
        ("arrived", UNLOADING, "gps"),
        ("delivered", UNLOADING, "gps"),
    ]
    assert {(fact.organisation_id, fact.order_id, fact.trip_id) for fact in facts_of(end)} == {(3, 2, 1)}


def test_what_is_not_known_is_not_told() -> None:
    end = outcome(Drive(), Mark(0, "departed", at(60), "driver"))
    assert told(facts_of(end)) == [("departed", LOADING, "driver")]


def test_approaches_are_told_with_their_distance() -> None:
    assert told(list(ring_facts(outcome(arrived())))) == [
        ("approaching_50km", UNLOADING, "gps"),
        ("approaching_5km", UNLOADING, "gps"),
    ]


def test_a_truck_on_its_way_is_followed_without_an_end() -> None:
    for drive in (Drive(), loaded()):
        assert outcome(drive).window_end_us() is None
        assert outcome(drive).delivered_at_us is None


def test_a_truck_at_its_last_stop_is_followed_for_three_hours_more() -> None:
    end = outcome(arrived())
    came = second(end.visits[-1].arrived_at_us)
    assert came is not None and second(end.window_end_us()) == came + 3 * HOUR_S
    assert end.delivered_at_us is None


def test_a_truck_that_left_its_last_stop_is_followed_until_its_leaving_is_proven() -> None:
    end = outcome(delivered())
    left = second(end.delivered_at_us)
    assert left is not None and second(end.window_end_us()) == left + 5 * MINUTE_S


def test_nobody_is_followed_for_more_than_three_hours_after_arriving() -> None:
    end = outcome(loaded().stand(9060, 9060 + 4 * HOUR_S, 100_000).drive(23_520, 24_500, 101_000, 120_000))
    came = second(end.visits[-1].arrived_at_us)
    assert came is not None and second(end.window_end_us()) == came + 3 * HOUR_S


def test_a_driver_who_hands_over_and_stays_is_followed_for_the_three_hours() -> None:
    end = outcome(arrived(), Mark(1, "departed", at(10_000), "driver"))
    came = second(end.visits[-1].arrived_at_us)
    assert second(end.delivered_at_us) == 10_000
    assert came is not None and second(end.window_end_us()) == came + 3 * HOUR_S


def test_a_delivery_that_only_a_person_saw_ends_the_following_five_minutes_later() -> None:
    end = outcome(Drive(), Mark(1, "departed", at(10_000), "dispatcher"))
    assert second(end.window_end_us()) == 10_000 + 5 * MINUTE_S


@pytest.mark.parametrize("battery", [11, 100, -1])
def test_an_ordinary_track_warns_of_nothing(battery: int) -> None:
    fixes = columns([at(0)], [north(0)], [BASE_LON], battery_pct=[battery])
    assert warnings_of(carrying(), fixes) == []


def test_the_first_leap_and_the_first_low_battery_are_warned_of_once() -> None:
    leap = int(Flag.TELEPORT)
    fixes = columns(
        [at(second) for second in range(5)],
        [north(0)] * 5,
        [BASE_LON] * 5,
        battery_pct=[11, 10, 9, 8, 7],
        flags=[0, 0, leap, leap, 0],
    )
    implausible, low = warnings_of(carrying(), fixes)
    assert implausible == implausible_fact(carrying(), at(2))
    assert (low.kind, low.stop_id, low.data) == ("low_battery", None, {"battery_pct": 10})
    assert low.at.timestamp() == START_S + 1
