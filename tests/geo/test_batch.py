"""Batches of trucks on ordinary drives, where most fixes are passed over together."""

import numpy as np
import pytest

from geo.batch import TrackState, fold_batch, refold
from geo.fences import Fence
from geo.fix import Columns, Flag, columns, concatenate
from geo.stages import Mark, Plan, fold, initial
from geo.walk import Walk
from tests.geo.drives import Drive, at, brief, circle, plan, square

MIXED = pytest.mark.parametrize(
    "trip",
    [
        plan(),
        plan(square(0), square(100_000)),
        plan(None, circle(100_000)),
        plan(circle(0), None),
        plan(None, None),
        plan(square(0), circle(100_000), marks=(Mark(0, "departed", at(2500), "driver"),)),
        plan(circle(0, 5000), circle(100_000, 20_000), window_from_us=at(100)),
    ],
)


def journey() -> Columns:
    drive = Drive().drive(0, 4000, -80_000, -200, 20).stand(4020, 9000, 0, 30)
    drive.fix(9010, 0, flags=int(Flag.PING)).drive(9030, 9600, 0, 9000, 15)
    for index in range(200):
        drive.fix(9700 + index * 60, 9000)
    drive.drive(21_800, 26_000, 9000, 99_900, 20).fix(26_010, 400_000).stand(26_020, 28_000, 100_000, 20)
    return drive.drive(28_020, 30_000, 100_000, 140_000, 20).columns


@MIXED
def test_a_whole_journey_refolds_to_what_the_walk_finds(trip: Plan):
    fixes = journey()
    quick, walked = refold(trip, fixes), fold(trip, initial(trip), fixes)
    assert (quick.state, quick.visits, quick.rings) == (walked.state, walked.visits, walked.rings)
    assert quick.flags.tolist() == walked.flags.tolist()


@MIXED
@pytest.mark.parametrize("size", [1, 7, 200])
def test_batches_of_any_size_end_the_same(trip: Plan, size: int):
    fixes, track = journey(), TrackState(trip)
    flags: list[int] = []
    for start in range(0, len(fixes), size):
        piece = fixes.take(slice(start, start + size))
        folded = fold_batch([track], piece, np.zeros(len(piece), np.int32))[0]
        assert folded is not None
        track.accept(folded)
        flags += folded.flags.tolist()
    walked = fold(trip, initial(trip), fixes)
    assert track.state == walked.state
    assert track.visits == walked.visits
    assert flags == walked.flags.tolist()


@pytest.mark.parametrize("fence", [circle(0), square(0)])
@pytest.mark.parametrize("accuracy", [3.0, 80.0, 120.0])
def test_crawling_in_and_out_in_small_steps_is_seen_at_the_same_fix(fence: Fence, accuracy: float):
    drive = Drive()
    for step in range(1700):
        drive.fix(step * 2, abs(850 - step) - 0.3, accuracy=accuracy)
    trip, fixes = plan(fence, circle(100_000)), drive.columns
    quick, walked = refold(trip, fixes), fold(trip, initial(trip), fixes)
    assert (quick.state, quick.visits) == (walked.state, walked.visits)
    assert len(walked.visits) == 1


@pytest.mark.parametrize("trip", [plan(), plan(square(0), circle(100_000)), plan(None, circle(100_000))])
def test_a_sparse_way_across_everything_is_not_passed_over(trip: Plan):
    track = TrackState(trip, refold(trip, Drive().drive(0, 600, -130_000, -120_000).columns).state)
    after = Drive().fix(25_000, 90_000).columns
    folded = fold_batch([track], after, np.zeros(1, np.int32))[0]
    assert folded is not None
    assert [ring.ring_m for ring in folded.rings] == ([50_000] if trip.stops[0].fence else [5_000])
    assert folded.state == fold(trip, track.state, after).state


def test_a_long_track_is_taken_in_windows():
    drive = Drive().drive(0, 30_000, -300_000, -2000, 10)
    long = drive.stand(30_010, 60_000, 0, 10).columns
    assert len(long) > 5000
    assert refold(plan(), long).state == fold(plan(), initial(plan()), long).state


def test_far_and_waiting_trucks_are_not_walked(monkeypatch: pytest.MonkeyPatch):
    far = TrackState(plan(), refold(plan(), Drive().drive(0, 1000, -90_000, -70_000).columns).state)
    waiting = TrackState(plan(), refold(plan(), Drive().stand(0, 800, 0).columns).state)
    yard = plan(square(0), circle(100_000))
    parked = TrackState(yard, refold(yard, Drive().stand(0, 800, 0).columns).state)
    city = plan(None, circle(100_000), places=(0.0, 100_000.0))
    bound = TrackState(city, refold(city, Drive().drive(0, 1000, -90_000, -80_000).columns).state)
    parts = [
        Drive().drive(1010, 1100, -69_900, -69_000).columns,
        Drive().stand(810, 1100, 1).columns,
        Drive().stand(810, 1100, 1).columns,
        Drive().drive(1010, 1100, -79_900, -79_000).columns,
    ]
    owner = np.repeat(np.arange(4, dtype=np.int32), [len(part) for part in parts])

    def refuse(*_: object) -> None:
        raise AssertionError("walked")

    monkeypatch.setattr(Walk, "take", refuse)
    result = fold_batch([far, waiting, parked, bound], concatenate(parts), owner)
    ends = [folded.state.last.fix_time for folded in result if folded and folded.state.last]
    assert ends == [int(part.fix_time[-1]) for part in parts]
    inside = [presence.inside.fix_time for folded in result if folded for presence in folded.state.presences]
    assert inside == [int(parts[1].fix_time[-1])] * 2


def test_no_fixes_give_nothing_for_anyone():
    nothing = columns((), (), ())
    assert fold_batch([TrackState(plan())], nothing, np.zeros(0, np.int32)) == [None]
    assert refold(plan(), nothing).visits == ()


def test_only_ignored_fixes_leave_the_state_and_keep_their_flags():
    track = TrackState(plan())
    pings = Drive().fix(0, 0, flags=int(Flag.PING)).fix(200, 0, flags=int(Flag.PING)).columns
    folded = fold_batch([track], pings, np.zeros(2, np.int32))[0]
    assert folded is not None
    assert folded.state == track.state
    assert folded.flags.tolist() == [int(Flag.PING)] * 2


def test_flags_come_in_the_order_of_each_tracks_own_fixes():
    first = Drive().fix(0, 20_000).fix(60, 90_000).columns
    second = Drive().fix(0, 20_000, flags=int(Flag.MOCK)).fix(60, 20_100).columns
    mixed = concatenate([first, second]).take(np.asarray([2, 0, 1, 3]))
    result = fold_batch([TrackState(plan()), TrackState(plan())], mixed, np.asarray([1, 0, 0, 1], np.int32))
    assert [folded.flags.tolist() for folded in result if folded] == [[0, int(Flag.JUMP)], [int(Flag.MOCK), 0]]


def test_a_batch_changes_the_track_only_when_it_is_accepted():
    track = TrackState(plan())
    stay = Drive().stand(0, 600, 0).columns
    folded = fold_batch([track], stay, np.zeros(len(stay), np.int32))[0]
    assert track.state == initial(plan())
    assert track.visits == ()
    assert folded is not None
    track.accept(folded)
    assert brief(track.visits) == [(0, 0, None)]


def test_a_track_taken_up_from_storage_knows_its_visits():
    stay = refold(plan(), Drive().stand(0, 600, 0).columns)
    assert TrackState(plan(), stay.state).visits == stay.visits


def test_fixes_at_or_before_the_last_one_are_late():
    trip = plan(window_from_us=at(100))
    state = refold(trip, Drive().drive(100, 600, 20_000, 10_000).columns).state

    def late(second: float, metres: float, flags: int = 0) -> bool:
        return state.is_late(trip, Drive().fix(second, metres, flags=flags).columns)

    assert late(599, 12_000)
    assert late(600, 10_000)
    assert late(600, 9_999)
    assert not late(600, 10_001)
    assert not late(601, 0)
    assert not late(500, 5000, int(Flag.PING))
    assert not late(50, 0)
    assert not initial(trip).is_late(trip, Drive().fix(150, 0).columns)
