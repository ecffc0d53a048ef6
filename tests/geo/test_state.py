"""What is kept of a fold between two batches."""

import msgspec
import pytest

from geo.stages import Folded, Plan, decode_state, encode_state, fold, initial
from tests.geo.drives import Drive, plan


def folded(drive: Drive, trip: Plan | None = None) -> Folded:
    trip = trip or plan()
    return fold(trip, initial(trip), drive.columns)


def test_the_state_stays_small_and_survives_storage():
    drive = Drive().stand(0, 600, 0).drive(700, 4700, 1000, 99_000, 60).fix(4710, 300_000).fix(4720, 300_100)
    state = folded(drive).state
    assert len(state.suspects) == 2
    assert len(encode_state(state)) < 300
    assert decode_state(encode_state(state)) == state


@pytest.mark.parametrize("data", [None, b"", b"\x01", b"\xff", encode_state(initial(plan()))[:1] + b"\x02"])
def test_a_state_that_cannot_be_read_asks_for_a_refold(data: bytes | None):
    assert decode_state(data) is None


def test_a_state_of_another_version_asks_for_a_refold():
    assert decode_state(encode_state(msgspec.structs.replace(initial(plan()), version=99))) is None


def test_folding_leaves_the_given_state_alone():
    state = initial(plan())
    fold(plan(), state, Drive().stand(0, 600, 0).columns)
    assert state == initial(plan())
