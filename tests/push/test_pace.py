"""A steady rate that forgives a little."""

from hypothesis import given
from hypothesis import strategies as st

from push.pace import Pace


def test_the_first_one_goes_at_once() -> None:
    assert Pace(1.0).allow(100.0)


def test_the_next_one_waits_its_turn() -> None:
    pace = Pace(1.0)
    pace.spend(100.0)
    assert pace.wait_s(100.5) == 0.5
    assert not pace.allow(100.5)
    assert pace.allow(101.0)


def test_a_little_early_is_in_time() -> None:
    pace = Pace(1.0, early_s=0.25)
    pace.spend(100.0)
    assert pace.allow(100.8)


@given(st.lists(st.floats(0, 30), max_size=200))
def test_on_average_never_more_than_the_rate(moments: list[float]) -> None:
    pace = Pace(1.0, early_s=0.25)
    allowed = [moment for moment in sorted(moments) if pace.allow(moment)]
    for index, begin in enumerate(allowed):
        for count, end in enumerate(allowed[index:], start=1):
            assert count <= (end - begin) + 1.0 + 0.25 + 1e-6
