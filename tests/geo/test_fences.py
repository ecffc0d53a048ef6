import math

import msgspec
import pytest

from geo.errors import (
    FenceAreaOutOfRange,
    FenceCrossesItself,
    FencePointCount,
    FenceRefused,
    FenceValueOutOfRange,
    GeoError,
)
from geo.fences import (
    Circle,
    Fence,
    Polygon,
    apart_m,
    check_fence,
    compile_fence,
    haversine_m,
    to_segment_m,
)
from tests.geo.drives import BASE_LAT, BASE_LON, circle, east, north, square


def metres(fence: Fence, *places: tuple[float, float]) -> list[float]:
    return [compile_fence(fence).edge_m(north(metres_north), east(metres_east)) for metres_north, metres_east in places]


def test_bishkek_to_almaty_is_about_192_km():
    assert haversine_m(42.8746, 74.5698, 43.2380, 76.8829) == pytest.approx(192_400, rel=0.01)


def test_one_distance_equals_the_same_distance_among_many():
    assert apart_m(42.0, 74.0, 43.5, 69.0) == pytest.approx(float(haversine_m(42.0, 74.0, 43.5, 69.0)))


def test_a_circle_is_negative_inside_and_positive_outside():
    assert metres(circle(0), (0, 0), (300, 0), (1000, 0)) == pytest.approx([-300, 0, 700], abs=0.5)


def test_a_polygon_is_measured_to_its_nearest_edge():
    assert metres(square(0), (0, 0), (200, 0), (250, 0), (0, 650)) == pytest.approx([-250, -50, 0, 400], abs=1)


def test_a_polygons_radius_is_that_of_the_circle_of_equal_area():
    assert compile_fence(square(0)).radius_m == pytest.approx(500 / math.sqrt(math.pi), rel=1e-3)


@pytest.mark.parametrize("fence", [circle(0), square(0)])
def test_a_way_through_crosses_and_a_way_past_does_not(fence: Fence):
    crosses = compile_fence(fence).crosses
    assert crosses(north(-5000), east(0), north(5000), east(0))
    assert crosses(north(0), east(0), north(5000), east(0))
    assert not crosses(north(-5000), east(400), north(5000), east(400))
    assert not crosses(north(1000), east(0), north(5000), east(0))


def test_the_distance_to_a_way_of_no_length_is_that_to_the_point():
    assert to_segment_m(north(0), BASE_LON, north(500), BASE_LON, north(500), BASE_LON) == pytest.approx(500, abs=0.1)


def test_the_center_is_that_of_the_circle_or_of_the_bounds():
    for fence in (circle(0), square(0)):
        compiled = compile_fence(fence)
        assert (compiled.lat, compiled.lon) == pytest.approx((BASE_LAT, BASE_LON))


@pytest.mark.parametrize("fence", [circle(0), square(0)])
def test_a_fence_survives_json_with_its_type_named(fence: Fence):
    text = msgspec.json.encode(fence)
    assert b'"type":"' in text
    assert msgspec.json.decode(text, type=Fence) == fence


@pytest.mark.parametrize("fence", [circle(0), circle(0, 100.0), circle(0, 20_000.0), square(0)])
def test_it_accepts_a_usable_fence(fence: Fence):
    check_fence(fence)


def test_it_accepts_an_outline_that_repeats_its_first_corner():
    points = square(0).points
    check_fence(Polygon((*points, points[0])))


@pytest.mark.parametrize(
    ("fence", "error", "name"),
    [
        (Circle(42.0, 74.0, 99.0), FenceValueOutOfRange, "radius_m"),
        (Circle(42.0, 74.0, 20_001.0), FenceValueOutOfRange, "radius_m"),
        (Circle(42.0, 74.0, math.nan), FenceValueOutOfRange, "radius_m"),
        (Circle(86.0, 74.0), FenceValueOutOfRange, "lat"),
        (Circle(42.0, math.inf), FenceValueOutOfRange, "lon"),
        (Polygon(((74.0, 42.0), (74.1, 42.0))), FencePointCount, "points"),
        (Polygon(((74.0, 42.0), (74.1, 42.0), (74.0, 42.0))), FencePointCount, "points"),
        (Polygon(tuple((74 + i / 1e4, 42 + i % 2 / 1e3) for i in range(201))), FencePointCount, "points"),
        (Polygon(((74.0, 42.0), (74.1, 42.0), (74.1, 91.0))), FenceValueOutOfRange, "points[2]"),
        (Polygon(((74.0, 42.0), (math.nan, 42.0), (74.1, 42.1))), FenceValueOutOfRange, "points[1]"),
        (Polygon(((74.0, 42.0), (74.01, 42.01), (74.01, 42.0), (74.0, 42.01))), FenceCrossesItself, "points"),
        (Polygon(((74.0, 42.0), (74.0001, 42.0), (74.0, 42.0001))), FenceAreaOutOfRange, "points"),
        (Polygon(((70.0, 42.0), (74.0, 42.0), (74.0, 44.0))), FenceAreaOutOfRange, "points"),
        (Polygon(((70.0, 42.0), (72.0, 42.0), (72.0, 42.001))), FenceValueOutOfRange, "points"),
    ],
)
def test_it_refuses_an_unusable_fence_naming_the_field(fence: Fence, error: type[FenceRefused], name: str):
    with pytest.raises(error) as refused:
        check_fence(fence)
    assert refused.value.field == name
    assert isinstance(refused.value, GeoError)
    assert refused.value.code.startswith("fence_")
