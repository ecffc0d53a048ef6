"""Where a point is, in the name of a town."""

from geo.nearest import nearest_place


def test_a_point_is_near_its_town() -> None:
    found = nearest_place(42.47, 76.19)
    assert found is not None
    assert found.place.name_en == "Balykchy"
    assert found.distance_m < 3_000


def test_the_far_ocean_is_near_nothing() -> None:
    assert nearest_place(0.0, -150.0) is None
