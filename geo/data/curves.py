"""Rounding coarse roads: a curve through the same vertices, for lines that shall look driven."""

from __future__ import annotations

import math

Point = tuple[float, float]


def rounded(vertices: list[Point], step_km: float = 3.0) -> list[list[Point]]:
    """Points to put between each two consecutive vertices, (lat, lon) degrees, about every `step_km`.

    A centripetal Catmull-Rom spline: it passes through every vertex and makes no loops. One list per gap.
    """
    if len(vertices) < 3:
        return [[] for _ in vertices[1:]]
    shrink = math.cos(math.radians(vertices[len(vertices) // 2][0]))
    flat = [(lat, lon * shrink) for lat, lon in vertices]
    # The ends are mirrored outwards so that the first and last pieces bend too.
    first = (2 * flat[0][0] - flat[1][0], 2 * flat[0][1] - flat[1][1])
    last = (2 * flat[-1][0] - flat[-2][0], 2 * flat[-1][1] - flat[-2][1])
    path = [first, *flat, last]
    return [[(y, x / shrink) for y, x in _between(path[gap : gap + 4], step_km)] for gap in range(len(vertices) - 1)]


def _between(four: list[Point], step_km: float) -> list[Point]:
    before, start, end, after = four
    pieces = min(24, int(_apart(start, end) * 111.2 / step_km))
    knots = [0.0]
    for one, other in ((before, start), (start, end), (end, after)):
        knots.append(knots[-1] + max(math.sqrt(_apart(one, other)), 1e-6))
    return [_at(four, knots, knots[1] + (knots[2] - knots[1]) * piece / pieces) for piece in range(1, pieces)]


def _at(four: list[Point], knots: list[float], moment: float) -> Point:
    """Barry and Goldman's pyramid: three mixes, then two, then one."""
    level = four
    for height in (1, 2, 3):
        level = [
            _mix(level[index], level[index + 1], knots[index], knots[index + height], moment)
            for index in range(4 - height)
        ]
    return level[0]


def _mix(one: Point, other: Point, from_knot: float, to_knot: float, moment: float) -> Point:
    share = (moment - from_knot) / (to_knot - from_knot)
    return one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share


def _apart(one: Point, other: Point) -> float:
    return math.hypot(other[0] - one[0], other[1] - one[1])
