"""Encoded polylines against Google's published example, there and back, and foreign text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import PolylineUnreadable
from geo.polyline import decode_polyline, encode_polyline

GOOGLE_EXAMPLE = [(38.5, -120.2), (40.7, -120.95), (43.252, -126.453)]
places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def test_it_writes_the_published_example() -> None:
    assert encode_polyline(GOOGLE_EXAMPLE) == "_p~iF~ps|U_ulLnnqC_mqNvxq`@"


def test_it_reads_the_published_example() -> None:
    assert decode_polyline("_p~iF~ps|U_ulLnnqC_mqNvxq`@") == GOOGLE_EXAMPLE


@given(st.lists(places, max_size=30), st.sampled_from([3, 5, 6]))
def test_any_line_survives_the_way_there_and_back(line: list[tuple[float, float]], precision: int) -> None:
    again = decode_polyline(encode_polyline(line, precision), precision)
    assert len(again) == len(line)
    for (lat, lon), (again_lat, again_lon) in zip(line, again, strict=True):
        assert again_lat == pytest.approx(lat, abs=0.51 * 10**-precision)
        assert again_lon == pytest.approx(lon, abs=0.51 * 10**-precision)


@pytest.mark.parametrize("text", ["_p~iF", "_p~iF~ps|", "_p~iF~ps|U ", "Бишкек", "\x00\x00"])
def test_it_refuses_what_is_no_polyline(text: str) -> None:
    with pytest.raises(PolylineUnreadable):
        decode_polyline(text)
