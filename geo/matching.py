"""What the stays in fences mean for the stops of a plan: the most plausible reading of all of them together.

A reading gives each stay to a stop of its fence, or to none. Stops are expected in order; of the same kind they may
change places. A stop that nobody saw is passed only when a long stay at a later one vouches for it. Of all readings
the best is taken, so that a jam, a visit before its time or a stop left out costs nothing of what follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from geo.fix import SECOND_US
from geo.plan import CompiledPlan
from geo.state import GAP, SILENCE, SLOW, STANDING, Doubt, Stay
from geo.stays import LONG_US
from geo.visits import Sighting

# What a reading is worth: a stop visited in order, out of order, or by a stay that another stop has too; less for one
# that is left out. Better shown stays are taken first.
IN_ORDER, OUT_OF_ORDER, SHARED, LEFT_OUT = 1000, 900, 600, 300
SHOWN_BY = {GAP: 0, SILENCE: 0, SLOW: 20, STANDING: 50}
LONG = 100
MOST_READINGS = 32
# Two fences entered within so long were entered together.
TOGETHER_US = 120 * SECOND_US
NONE = -1


class Matched(NamedTuple):
    """What the stops have seen, in their order, and what is not certain yet."""

    sightings: tuple[Sighting, ...]
    doubt: Doubt | None


class _Reading(NamedTuple):
    """`stay_of[stop]` is the number of the stay it is given, NONE without one."""

    worth: int
    stay_of: tuple[int, ...]
    furthest: int


def match(plan: CompiledPlan, stays: Sequence[Stay]) -> Matched:
    """The best reading of all stays."""
    ordered = sorted(stays, key=lambda stay: (stay.arrived_at_us, stay.gate))
    nothing = _Reading(0, (NONE,) * len(plan.stops), NONE)
    readings = [nothing]
    for number, stay in enumerate(ordered):
        longer = [taken for reading in readings for taken in _taken(plan, ordered, reading, number, stay)]
        readings = sorted((*readings, *longer), key=_rank)[:MOST_READINGS]
    # The reading in which nothing was visited is always certain.
    certain = next((one for one in readings if _missing(plan, ordered, one) is None), nothing)
    return Matched(_sightings(plan, ordered, certain), _doubt(plan, ordered, readings[0]))


def _rank(reading: _Reading) -> tuple[int, tuple[int, ...]]:
    return -reading.worth, reading.stay_of


def _taken(plan: CompiledPlan, stays: Sequence[Stay], reading: _Reading, number: int, stay: Stay) -> Iterator[_Reading]:
    """The readings in which a stop has this stay."""
    floor = plan.floor_at(stay.arrived_at_us)
    worth = SHOWN_BY[stay.shown_by] + LONG * (stay.is_long and stay.shown_by == STANDING)
    for stop in plan.gates[stay.gate].stops:
        if stop < floor or reading.stay_of[stop] != NONE:
            continue
        furthest = reading.furthest
        if stop < furthest:
            if _may_change_places(plan, stays, reading, stop, stay):
                yield _given(reading, (stop,), number, worth + OUT_OF_ORDER)
            continue
        skipped = range(max(furthest + 1, floor), stop)
        left_out = sum(plan.gate_of[one] is not None and one not in plan.marked for one in skipped)
        gain = worth + IN_ORDER - LEFT_OUT * left_out
        yield _given(reading, (stop,), number, gain)
        shared = [stop]
        for other in range(stop + 1, len(plan.stops)):
            if plan.gate_of[other] != stay.gate:
                break
            shared.append(other)
            gain += SHARED
            yield _given(reading, shared, number, gain)


def _given(reading: _Reading, stops: Sequence[int], number: int, gain: int) -> _Reading:
    stay_of = list(reading.stay_of)
    for stop in stops:
        stay_of[stop] = number
    return _Reading(reading.worth + gain, tuple(stay_of), max(reading.furthest, *stops))


def _may_change_places(plan: CompiledPlan, stays: Sequence[Stay], reading: _Reading, stop: int, stay: Stay) -> bool:
    """Stops of one kind may be visited in any order; those in one another's fences, at the same time."""
    if len({one.kind for one in plan.stops[stop : reading.furthest + 1]}) == 1:
        return True
    later = stays[reading.stay_of[reading.furthest]]
    return later.departed_at_us is None or stay.arrived_at_us < later.departed_at_us


def _missing(plan: CompiledPlan, stays: Sequence[Stay], reading: _Reading) -> int | None:
    """The first stop that a reading leaves out without anything to vouch for that; None when it may be told."""
    given = [stop for stop, number in enumerate(reading.stay_of) if number != NONE]
    vouched = max((stop for stop in given if _vouches(stays[reading.stay_of[stop]])), default=0)
    for stop in _left_out(plan, stays, reading):
        if stop >= vouched and not _was_passed_near(plan, stays, reading, stop):
            return stop
    return None


def _left_out(plan: CompiledPlan, stays: Sequence[Stay], reading: _Reading) -> Iterator[int]:
    if reading.furthest == NONE:
        return
    floor = plan.floor_at(stays[reading.stay_of[reading.furthest]].arrived_at_us)
    for stop in range(floor, reading.furthest):
        if reading.stay_of[stop] == NONE and stop not in plan.marked:
            yield stop


def _vouches(stay: Stay) -> bool:
    return stay.is_long and stay.from_outside and stay.shown_by == STANDING


def _was_passed_near(plan: CompiledPlan, stays: Sequence[Stay], reading: _Reading, stop: int) -> bool:
    """A stop known only to its city is passed by whoever was in its neighbourhood and then entered the next fence."""
    if plan.gate_of[stop] is not None:
        return False
    after = next(number for number in reading.stay_of[stop + 1 :] if number != NONE)
    return stays[after].from_outside and bool(stays[after].reached >> stop & 1)


def _doubt(plan: CompiledPlan, stays: Sequence[Stay], reading: _Reading) -> Doubt | None:
    missing = _missing(plan, stays, reading)
    if missing is None or plan.gate_of[missing] is None:
        return None
    stay = stays[reading.stay_of[reading.furthest]]
    if stay.departed_at_us is not None or not stay.from_outside:
        return None
    return Doubt(reading.furthest, missing, stay.arrived_at_us)


def _sightings(plan: CompiledPlan, stays: Sequence[Stay], reading: _Reading) -> tuple[Sighting, ...]:
    told: dict[int, Stay] = {}
    for stop in (stop for stop, number in enumerate(reading.stay_of) if number != NONE):
        stay: Stay | None = stays[reading.stay_of[stop]]
        if told and stay is not None:
            before = max(told)
            same_kind = plan.stops[before].kind == plan.stops[stop].kind
            told[before], stay = _handed_over(told[before], stay, is_same_kind=same_kind)
        if stay is None:
            # Both at once: unloading is told only when the loading is over.
            break
        told[stop] = stay
    unseen = [stop for stop in _left_out(plan, stays, reading) if told and stop < max(told)]
    sightings = [_sighting(stop, stay) for stop, stay in told.items()]
    sightings += [Sighting(stop, None) for stop in unseen if plan.gate_of[stop] is not None]
    return tuple(sorted(sightings, key=lambda one: one.stop_index))


def _handed_over(first: Stay, second: Stay, *, is_same_kind: bool) -> tuple[Stay, Stay | None]:
    """Two stops' stays that overlap, as fences do: arriving at one ends the other. None: not yet to be told."""
    left_at_us = first.departed_at_us
    if first.is_cut or (left_at_us is not None and left_at_us <= second.arrived_at_us):
        return first, second
    if second.departed_at_us is not None and second.departed_at_us <= first.arrived_at_us:
        return first, second
    ahead_us = second.arrived_at_us - first.arrived_at_us
    if ahead_us > TOGETHER_US:
        return msgspec.structs.replace(first, departed_at_us=second.arrived_at_us), second
    if ahead_us >= -TOGETHER_US:
        return first, (None if left_at_us is None and not is_same_kind else second)
    if is_same_kind and ahead_us <= -LONG_US:
        # He stood at the second before he came to the first.
        return first, msgspec.structs.replace(second, departed_at_us=first.arrived_at_us)
    # The way to the first stop led through the second's fence: it is visited when the first is left.
    if left_at_us is None:
        return first, None
    arrived_at_us = left_at_us if second.departed_at_us is None else min(left_at_us, second.departed_at_us)
    return first, msgspec.structs.replace(second, arrived_at_us=arrived_at_us)


def _sighting(stop: int, stay: Stay) -> Sighting:
    by_gap, by_silence = stay.shown_by == GAP, stay.shown_by == SILENCE
    return Sighting(stop, stay.arrived_at_us, stay.departed_at_us, by_gap, by_silence)
