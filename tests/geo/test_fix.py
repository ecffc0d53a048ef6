import numpy as np
import pytest

from geo.fix import (
    IGNORED,
    SECOND_US,
    UNTRUSTED,
    Flag,
    columns,
    concatenate,
    flag_names,
    intrinsic_flags,
    is_place,
    sensible,
)

NOW_US = 1_760_000_000 * SECOND_US


def test_it_names_the_flags_of_a_mask_lowest_bit_first():
    assert flag_names(int(Flag.TELEPORT | Flag.COARSE | Flag.NULL_ISLAND)) == ["coarse", "null_island", "teleport"]


def test_it_leaves_out_bits_nobody_has_named():
    assert flag_names(1 << 30) == []


def test_every_flag_fits_a_signed_32_bit_column():
    assert max(Flag) < 2**31


def test_a_jump_is_untrusted_but_not_ignored_because_it_may_be_acquitted():
    assert UNTRUSTED & Flag.JUMP
    assert not IGNORED & Flag.JUMP


def test_a_clock_some_minutes_ahead_is_said_but_its_fixes_count():
    assert not IGNORED & Flag.AHEAD
    assert IGNORED & Flag.FUTURE


def test_it_refuses_columns_of_unequal_length():
    with pytest.raises(ValueError, match="unequal"):
        columns([1, 2], [42.0, 42.0], [74.0])


def test_what_is_not_given_is_unknown():
    made = columns([NOW_US], [42.0], [74.0])
    assert np.isnan(made.accuracy_m[0])
    assert np.isnan(made.speed_mps[0])
    assert made.battery_pct[0] == -1
    assert made.flags[0] == 0


def test_it_sorts_by_time_then_latitude_then_longitude():
    mixed = columns([2, 1, 1, 1], [0, 2, 1, 1], [0, 0, 2, 1])
    ordered = mixed.sorted()
    assert list(zip(ordered.fix_time, ordered.lat, ordered.lon, strict=True)) == [
        (1, 1, 1), (1, 1, 2), (1, 2, 0), (2, 0, 0),
    ]  # fmt: skip


def test_sorting_what_is_sorted_copies_nothing():
    ordered = columns([1, 2], [0, 0], [0, 0])
    assert ordered.sorted() is ordered


def test_of_repeats_only_the_first_stays():
    repeated = columns([1, 2, 1, 2], [5, 6, 5, 7], [5, 6, 5, 6], battery_pct=[10, 20, 30, 40])
    assert repeated.deduplicated().battery_pct.tolist() == [10, 20, 40]


def test_deduplicating_nothing_gives_the_same_fixes():
    assert columns([2, 2], [1, 2], [1, 1]).deduplicated().lat.tolist() == [1, 2]
    assert len(columns([1], [1], [1]).deduplicated()) == 1


def test_it_joins_columns_in_the_order_given():
    parts = [columns([2], [1], [1]), columns([1], [2], [2])]
    assert concatenate(parts).fix_time.tolist() == [2, 1]
    assert concatenate(parts[:1]) is parts[0]
    assert len(concatenate([])) == 0


def test_flags_can_be_replaced():
    assert columns([1], [1], [1]).with_flags(np.asarray([4], np.int32)).flags.tolist() == [4]


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        (42.0, 74.0, True),
        (90.0, -180.0, True),
        (95.0, 74.0, False),
        (42.0, 181.0, False),
        (float("nan"), 74.0, False),
        (42.0, float("inf"), False),
    ],
)
def test_it_tells_places_on_the_globe_from_nonsense(lat: float, lon: float, expected: bool):
    assert is_place(np.asarray([lat]), np.asarray([lon])).tolist() == [expected]


def test_nonsense_measurements_become_unknown_and_the_fix_stays():
    odd = sensible(
        columns(
            [1] * 4,
            [42.0] * 4,
            [74.0] * 4,
            accuracy_m=[0.0, -1.0, float("inf"), 12.0],
            speed_mps=[-1.0, 400.0, float("nan"), 20.0],
            bearing_deg=[-1.0, 720.0, 360.0, 90.0],
            altitude_m=[-9999.0, 50_000.0, float("nan"), 760.0],
            battery_pct=[-1, 101, 250, 55],
        )
    )
    assert np.isnan(odd.accuracy_m[:2]).all()
    assert odd.accuracy_m[2:].tolist() == [1_000_000.0, 12.0]
    assert np.isnan(odd.speed_mps[:3]).all()
    assert odd.speed_mps[3] == 20.0
    assert np.isnan(odd.bearing_deg[:2]).all()
    assert odd.bearing_deg[2:].tolist() == [0.0, 90.0]
    assert np.isnan(odd.altitude_m[:3]).all()
    assert odd.altitude_m[3] == 760.0
    assert odd.battery_pct.tolist() == [-1, -1, -1, 55]
    assert odd.lat.tolist() == [42.0] * 4


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Flag(0)),
        ({"accuracy_m": 100.0}, Flag(0)),
        ({"accuracy_m": 101.0}, Flag.COARSE),
        ({"accuracy_m": float("nan")}, Flag.NO_ACCURACY),
        ({"fix_time": NOW_US + 120 * SECOND_US}, Flag(0)),
        ({"fix_time": NOW_US + 121 * SECOND_US}, Flag.AHEAD),
        ({"fix_time": NOW_US + 480 * SECOND_US}, Flag.AHEAD),
        ({"fix_time": NOW_US + 481 * SECOND_US}, Flag.FUTURE),
        ({"fix_time": NOW_US - 3600 * SECOND_US}, Flag(0)),
        ({"fix_time": NOW_US - 3601 * SECOND_US}, Flag.STALE),
        ({"lat": 0.009, "lon": -0.009}, Flag.NULL_ISLAND),
        ({"lat": 0.009}, Flag(0)),
    ],
)
def test_a_fix_alone_earns_its_flags(change: dict[str, float], expected: Flag):
    given = {"fix_time": NOW_US, "lat": 42.0, "lon": 74.0, "accuracy_m": 10.0} | change
    fixes = columns([int(given["fix_time"])], [given["lat"]], [given["lon"]], accuracy_m=[given["accuracy_m"]])
    assert intrinsic_flags(fixes, NOW_US).tolist() == [int(expected)]


def test_each_fix_may_have_its_own_moment_of_arrival():
    fixes = columns([NOW_US, NOW_US], [42.0, 42.0], [74.0, 74.0], accuracy_m=[5.0, 5.0])
    received = np.asarray([NOW_US, NOW_US + 7200 * SECOND_US])
    assert intrinsic_flags(fixes, received).tolist() == [0, int(Flag.STALE)]
