import gzip
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import TrackUnreadable
from geo.fix import SECOND_US, Columns, Flag, columns
from geo.progress import Route, progress_m
from geo.track import decode_track, drawable, encode_track, simplify
from tests.geo.drives import START_S, Drive


def mountain_road(count: int) -> Columns:
    chance = np.random.default_rng(7)
    heading = np.cumsum(chance.normal(0, 0.03, count))
    way_m = chance.uniform(100, 250, count)
    lat = np.clip(42 + np.cumsum(np.cos(heading) * way_m) / 111_195, -80, 80)
    lon = np.clip(74 + np.cumsum(np.sin(heading) * way_m) / 82_000, -179, 179)
    return columns((START_S + 10 * np.arange(count)) * SECOND_US, lat, lon, accuracy_m=np.full(count, 8.0))


def test_a_straight_drive_keeps_its_ends_and_one_fix_in_five_minutes():
    drive = Drive().drive(0, 3000, 0, 30_000, 10).columns
    kept = simplify(drive, 5.0)
    assert len(kept) == 11
    assert kept.fix_time[0] == drive.fix_time[0]
    assert kept.fix_time[-1] == drive.fix_time[-1]


def test_a_bend_is_kept_with_its_own_time():
    drive = Drive().fix(0, 0).fix(60, 500, aside=1).fix(120, 1000, aside=400).fix(180, 1500).columns
    assert simplify(drive, 50.0).fix_time.tolist() == drive.fix_time[[0, 1, 2, 3]].tolist()
    assert simplify(drive, 1000.0).fix_time.tolist() == drive.fix_time[[0, 3]].tolist()


def test_nothing_simplified_lies_further_away_than_the_tolerance():
    road = mountain_road(2000)
    kept = simplify(road, 20.0)
    assert len(kept) < 1500
    drawn = Route.along(kept.lat, kept.lon)
    aside = [progress_m(drawn, lat, lon).off_route_m for lat, lon in zip(road.lat, road.lon, strict=True)]
    assert max(aside) < 23


def test_two_fixes_cannot_be_simplified():
    drive = Drive().fix(0, 0).fix(10, 100).columns
    assert len(simplify(drive, 1000.0)) == 2


def test_a_truck_that_stands_keeps_the_hours_it_stood():
    stood = decode_track(encode_track(Drive().stand(0, 7200, 0).columns))[0]
    assert np.diff(stood.time_s).max() <= 300


def test_untrusted_and_coarse_fixes_are_not_drawn():
    drive = Drive().fix(0, 0).fix(10, 9000, flags=int(Flag.JUMP)).fix(20, 100, flags=int(Flag.COARSE))
    assert drawable(drive.columns).fix_time.tolist() == drive.columns.fix_time[:1].tolist()


def test_coarse_fixes_are_drawn_when_there_are_no_others():
    drive = Drive().fix(0, 0, flags=int(Flag.COARSE)).fix(10, 100, flags=int(Flag.COARSE)).columns
    assert len(drawable(drive)) == 2


@given(
    st.lists(st.tuples(st.integers(0, 10_000_000), st.floats(-85, 85), st.floats(-180, 180)), min_size=1, max_size=40)
)
def test_every_point_of_a_short_path_comes_back_within_a_metre_and_a_second(rows: list[tuple[int, float, float]]):
    time_s, lat, lon = zip(*rows, strict=True)
    fixes = columns([(START_S + second) * SECOND_US for second in time_s], lat, lon).deduplicated()
    segments = decode_track(encode_track(fixes))
    times = np.concatenate([segment.time_s for segment in segments])
    lats, lons = (np.concatenate([getattr(one, name) for one in segments]) for name in ("lat", "lon"))
    assert times[0] == fixes.fix_time[0] // SECOND_US
    assert times[-1] == fixes.fix_time[-1] // SECOND_US
    decoded = {*zip(times.tolist(), np.rint(lats * 1e5).tolist(), np.rint(lons * 1e5).tolist(), strict=True)}
    given_ = zip(
        (fixes.fix_time // SECOND_US).tolist(), np.rint(fixes.lat * 1e5), np.rint(fixes.lon * 1e5), strict=True
    )
    assert decoded <= set(given_)
    for segment in segments:
        assert (np.diff(segment.time_s) <= 900).all()


def test_no_line_is_drawn_through_a_gap_of_a_quarter_of_an_hour():
    drive = Drive().drive(0, 600, 0, 6000).drive(600 + 901, 2000, 20_000, 25_000)
    segments = decode_track(encode_track(drive.columns))
    assert [(int(one.time_s[0]) - START_S, int(one.time_s[-1]) - START_S) for one in segments] == [
        (0, 600),
        (1501, 2000),
    ]
    assert len(decode_track(encode_track(Drive().drive(0, 600, 0, 6000).fix(1500, 9000).columns))) == 1


def test_the_string_is_as_its_description_says():
    # 0.00002°, -0.00001°, 0 s are 4, 1, 0 in zigzag, hence C, @, ?; then +1, 0, +60 s: 2, 0, 120 = 24 + 3·32.
    fixes = columns([1000 * SECOND_US, 1060 * SECOND_US], [0.00002, 0.00003], [-0.00001, -0.00001])
    assert encode_track(fixes) == "1,1000,C@?A?wB"


def test_an_empty_path_is_an_empty_string_of_its_version():
    assert encode_track(columns((), (), ())) == "1,0,"
    assert decode_track("1,0,") == []


def test_fifty_thousand_points_fit_in_60_kb_quickly():
    road = mountain_road(50_000)
    started = time.process_time()
    text = encode_track(road)
    assert time.process_time() - started < 0.5
    assert len(gzip.compress(text.encode())) <= 60_000
    assert len(text) < 80_000
    assert sum(len(one.lat) for one in decode_track(text)) <= 8000


def test_the_number_of_points_is_kept_even_when_all_are_needed_for_their_time():
    drive = Drive().drive(0, 36_000, 0, 300_000, 60).columns
    segments = decode_track(encode_track(drive, max_points=20))
    assert [len(one.lat) for one in segments] == [20]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2,0,",
        "1,x,",
        "1,0",
        "1,-5,???",
        "1,0,я",
        "1,0,??",
        "1,0,??? ",
        "1,0,??_",
        "1,0,??!",
        "1,0," + "_" * 8 + "???",
    ],
)
def test_it_refuses_what_is_not_a_track(text: str):
    with pytest.raises(TrackUnreadable):
        decode_track(text)
