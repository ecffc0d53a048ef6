"""By what a visitor is counted."""

import pytest

from freight.networks import neighbourhood, network


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        (None, "unknown"),
        ("somewhere", "unknown"),
    ],
)
def test_one_visitor_is_counted_once(address: str | None, counted: str) -> None:
    assert network(address) == counted


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1::/48"),
        ("::ffff:203.0.113.7", "203.0.113.0/24"),
        (None, "unknown"),
        ("somewhere", "unknown"),
    ],
)
def test_a_person_is_known_by_a_neighbourhood_that_names_nobody(address: str | None, near: str) -> None:
    assert neighbourhood(address) == near
