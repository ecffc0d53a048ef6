"""What a trip may be, and what is said of a silent truck."""

import datetime as dt

import msgspec
import pytest

from freight.checks import check_moment
from freight.errors import Conflict, FreightError, Invalid
from freight.orders.stop_rules import (
    StopNow,
    changed_stop,
    check_stop_fence,
    check_stops,
    check_window,
    fence_of,
    moves_the_plan,
)
from freight.orders.views import ChangeStop, NewStop
from freight.trips.rules import Hearing, check_mark, silence_of
from geo.fences import Circle, Polygon

NOW = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
LOADING = NewStop("loading", "Бишкек", 42.87, 74.57)
UNLOADING = NewStop("unloading", "Ош", 40.53, 72.8)
SQUARE = Polygon(((74.56, 42.87), (74.58, 42.87), (74.58, 42.88), (74.56, 42.88)))
STOP = StopNow("loading", "Бишкек", "", 42.87, 74.57, Circle(42.87, 74.57, 500), None, None, None, "assigned")


def refusal(error: pytest.ExceptionInfo[FreightError]) -> tuple[str, str]:
    return error.value.code, error.value.field


def test_two_to_ten_stops_make_a_trip() -> None:
    check_stops([LOADING, UNLOADING])
    check_stops([LOADING, *[UNLOADING] * 9])
    for stops in ([LOADING], [LOADING, *[UNLOADING] * 10]):
        with pytest.raises(Invalid) as refused:
            check_stops(stops)
        assert refusal(refused) == ("stop_count", "stops")


@pytest.mark.parametrize(
    ("stops", "code", "field"),
    [
        ([UNLOADING, UNLOADING], "loading_first", "stops[0].kind"),
        ([LOADING, UNLOADING, LOADING], "unloading_last", "stops[2].kind"),
        (
            [LOADING, msgspec.structs.replace(UNLOADING, timezone="Mars/Olympus")],
            "unknown_timezone",
            "stops[1].timezone",
        ),
    ],
)
def test_a_trip_begins_loading_and_ends_unloading_somewhere_on_earth(
    stops: list[NewStop], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check_stops(stops)
    assert refusal(refused) == (code, field)


def test_windows_follow_each_other_but_may_overlap() -> None:
    early = msgspec.structs.replace(LOADING, window_from=NOW, window_to=NOW + 5 * HOUR)
    overlapping = msgspec.structs.replace(UNLOADING, window_from=NOW - HOUR, window_to=NOW + HOUR)
    check_stops([early, overlapping, UNLOADING])
    over = msgspec.structs.replace(UNLOADING, window_from=NOW - 2 * HOUR)
    with pytest.raises(Invalid) as refused:
        check_stops([early, over])
    assert refusal(refused) == ("windows_disordered", "stops[1].window_to")


def test_a_window_may_be_open_at_either_end() -> None:
    check_window("", NOW, None)
    check_window("", None, NOW)
    check_window("", NOW, NOW)
    with pytest.raises(Invalid) as refused:
        check_window("stops[0].", NOW, NOW - HOUR)
    assert refusal(refused) == ("window_reversed", "stops[0].window_to")


@pytest.mark.parametrize("year", [1999, 2101])
def test_a_date_of_another_century_is_a_slip(year: int) -> None:
    check_moment("at", None)
    with pytest.raises(Invalid) as refused:
        check_moment("at", NOW.replace(year=year))
    assert refusal(refused) == ("out_of_range", "at")


def test_a_fences_own_refusal_is_passed_on() -> None:
    check_stop_fence("", None)
    check_stop_fence("", SQUARE)
    with pytest.raises(Invalid) as refused:
        check_stop_fence("stops[2].", Circle(42, 74, 1))
    assert refusal(refused) == ("fence_value_out_of_range", "stops[2].fence.radius_m")


def test_an_exact_place_gets_a_circle_a_mere_city_none() -> None:
    assert fence_of(LOADING) == Circle(42.87, 74.57, 300)
    assert fence_of(msgspec.structs.replace(LOADING, exact=False)) is None
    assert fence_of(msgspec.structs.replace(LOADING, exact=False, fence=SQUARE)) == SQUARE


def test_a_circle_follows_the_place_a_polygon_stays() -> None:
    moved = changed_stop(STOP, ChangeStop(lat=43.0))
    assert moved.fence == Circle(43.0, 74.57, 500)
    assert moves_the_plan(STOP, moved)
    drawn = msgspec.structs.replace(STOP, fence=SQUARE)
    assert changed_stop(drawn, ChangeStop(lon=74.6)).fence == SQUARE


def test_a_new_name_does_not_move_the_plan() -> None:
    renamed = changed_stop(STOP, ChangeStop(name="Сокулук", window_to=NOW))
    assert (renamed.name, renamed.window_to, renamed.fence) == ("Сокулук", NOW, STOP.fence)
    assert not moves_the_plan(STOP, renamed)


def test_a_window_can_be_taken_away() -> None:
    timed = msgspec.structs.replace(STOP, window_from=NOW)
    assert changed_stop(timed, ChangeStop(window_from=None)).window_from is None


def test_what_is_over_cannot_be_changed() -> None:
    for stop, code in (
        (msgspec.structs.replace(STOP, departed_at=NOW), "stop_left"),
        (msgspec.structs.replace(STOP, state="cancelled"), "trip_finished"),
    ):
        with pytest.raises(Conflict) as refused:
            changed_stop(stop, ChangeStop(name="x"))
        assert refused.value.code == code


def test_an_impossible_change_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        changed_stop(STOP, ChangeStop(fence=Circle(42, 74, 1)))
    assert refusal(refused) == ("fence_value_out_of_range", "fence.radius_m")


def test_a_mark_is_taken_while_the_trip_lives_and_after_delivery() -> None:
    for state in ("assigned", "at_loading", "in_transit", "at_unloading", "delivered"):
        check_mark(state, NOW - HOUR, NOW, NOW)
    for state in ("cancelled", "failed"):
        with pytest.raises(Conflict):
            check_mark(state, NOW - HOUR, NOW, NOW)  # type: ignore[arg-type]


def test_a_clock_may_be_a_little_ahead() -> None:
    check_mark("assigned", NOW, NOW + dt.timedelta(minutes=5), NOW)
    with pytest.raises(Invalid) as future:
        check_mark("assigned", NOW, NOW + dt.timedelta(minutes=6), NOW)
    assert refusal(future) == ("in_the_future", "at")
    with pytest.raises(Invalid) as past:
        check_mark("assigned", NOW, NOW - HOUR, NOW)
    assert refusal(past) == ("before_the_trip", "at")


def ago(minutes: float) -> dt.datetime:
    return NOW - dt.timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("hearing", "reason"),
    [
        (Hearing(1, None, None, None, None, None), "never_connected"),
        (Hearing(0, None, None, None, None, None), "never_connected"),
        (Hearing(1, ago(1), None, None, 3, None), None),
        (Hearing(1, ago(9), ago(30), ago(30), None, None), None),
        (Hearing(1, ago(40), ago(40), ago(40), None, None), "phone_offline"),
        (Hearing(1, ago(40), ago(5), ago(40), 80, None), "no_fix"),
        (Hearing(1, ago(40), ago(30), None, None, None), "no_signal"),
        (Hearing(1, ago(40), None, None, 60, None), "no_signal"),
        (Hearing(1, ago(40), ago(40), ago(40), 5, None), "battery"),
        (Hearing(1, None, ago(2), None, None, None), "no_fix"),
        (Hearing(1, None, None, ago(2), None, None), "never_connected"),
        (Hearing(1, ago(1), None, None, None, ago(0)), "outside_window"),
        (Hearing(1, ago(1), None, None, None, ago(-5)), None),
    ],
)
def test_the_reason_of_a_silence_is_what_was_heard_last(hearing: Hearing, reason: str | None) -> None:
    assert silence_of(hearing, NOW).reason == reason


def test_any_word_counts_as_heard() -> None:
    assert silence_of(Hearing(1, ago(9), ago(3), None, 40, None), NOW).last_heard_at == ago(3)
    assert silence_of(Hearing(1, ago(2), ago(3), None, 40, None), NOW).last_heard_at == ago(2)
