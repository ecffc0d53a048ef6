"""Confirmations name exactly what was dealt with."""

import pytest

from ingest.confirm import ranges


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], []),
        ([7], [(7, 7)]),
        ([1, 2, 3, 7], [(1, 3), (7, 7)]),
        ([1, 1, 2, 2], [(1, 2)]),
        ([1, 3, 5], [(1, 1), (3, 3), (5, 5)]),
    ],
)
def test_numbers_become_ranges_without_a_gap_or_a_guess(numbers: list[int], expected: list[tuple[int, int]]) -> None:
    assert ranges(numbers) == expected
