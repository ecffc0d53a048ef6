"""Order independence: visits, position and flags are a function of the set of fixes and marks."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.batch import TrackState, fold_batch, refold
from geo.fix import Columns, Flag, concatenate
from geo.stages import FlagChange, Folded, Mark, Plan, fold, initial
from tests.geo.drives import Drive, at, circle, plan, square

# Places at which something is decided: centres, edges, margins, rings, and far away.
NEAR_METRES = (0, 150, 240, 299, 301, 345, 399, 401, 450, 1200, 4900, 5100, 9000, 9700, 10_000, 10_250, 10_700)
FAR_METRES = (30_000, 49_900, 50_100, 59_000, 60_000, 60_300, 62_000, 90_000, 400_000)
METRES = st.sampled_from(NEAR_METRES + FAR_METRES)
PAUSES = st.sampled_from([0, 1, 10, 59, 60, 119, 120, 121, 299, 300, 301, 900, 1500, 4000, 11_000])
# Derandomized, so that a change either passes or does not; the seeds were first run by the ten thousand.
thorough = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
FENCES = st.sampled_from([circle, square, None])


@st.composite
def drives(draw: st.DrawFn, most: int = 25) -> Columns:
    drive, second, metres = Drive(), 0, draw(METRES)
    for _ in range(draw(st.integers(1, most))):
        second += draw(PAUSES)
        metres = draw(st.one_of(st.just(metres), METRES))
        drive.fix(
            second,
            metres + draw(st.sampled_from([0, 0, 3, -40])),
            accuracy=draw(st.sampled_from([5, 10, 10, 50, 99, 101, 290, 310, 3000, np.nan])),
            speed=draw(st.sampled_from([0, 1, 20, np.nan])),
            flags=draw(st.sampled_from([0] * 8 + [int(Flag.PING), int(Flag.FUTURE), int(Flag.MOCK)])),
        )
    return drive.columns


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    # Apart, neighbours, one place twice.
    places = draw(st.sampled_from([(0.0, 10_000.0, 60_000.0), (0.0, 350.0, 10_000.0), (0.0, 0.0, 10_000.0)]))
    places = places[: draw(st.integers(1, 3))]
    kinds = "LLU"[3 - len(places) :]
    shapes = [draw(FENCES) for _ in places]
    fences = [shape and shape(place) for shape, place in zip(shapes, places, strict=True)]
    marks = draw(
        st.lists(
            st.builds(
                Mark,
                st.integers(0, len(places) - 1),
                st.sampled_from(["arrived", "departed"]),
                st.integers(-10, 20_000).map(at),
                st.sampled_from(["driver", "dispatcher", "silence"]),
            ),
            max_size=2,
        )
    )
    window = draw(st.sampled_from([0, at(100)]))
    return plan(*fences, places=places, kinds=kinds, marks=tuple(marks), window_from_us=window)


class Pipeline:
    """The smallest caller of the fold: a set of stored fixes, refolded whenever one of them is late."""

    def __init__(self, trip: Plan) -> None:
        self.track = TrackState(trip)
        self.stored: Columns | None = None
        self.flags: dict[tuple[int, float, float], int] = {}

    def receive(self, fixes: Columns) -> None:
        new = [n for n, key in enumerate(keys(fixes)) if key not in self.flags]
        fixes = fixes.take(np.asarray(new, np.intp)).deduplicated()
        if not len(fixes):
            return
        self.stored = fixes if self.stored is None else concatenate([self.stored, fixes]).sorted()
        if self.track.state.is_late(self.track.plan, fixes):
            self._keep(refold(self.track.plan, self.stored), self.stored)
            return
        folded = fold_batch([self.track], fixes, np.zeros(len(fixes), np.int32))[0]
        assert folded is not None
        self._keep(folded, fixes)

    def _keep(self, folded: Folded, fixes: Columns) -> None:
        self.flags.update(zip(keys(fixes), folded.flags.tolist(), strict=True))
        for change in folded.suspects:
            self._amend(change)
        self.track.accept(folded)

    def _amend(self, change: FlagChange) -> None:
        key = (change.fix_time, change.lat, change.lon)
        self.flags[key] = self.flags[key] & ~change.cleared | change.added


def keys(fixes: Columns) -> list[tuple[int, float, float]]:
    return list(zip(fixes.fix_time.tolist(), fixes.lat.tolist(), fixes.lon.tolist(), strict=True))


@thorough
@given(plans(), drives(), st.data())
def test_any_permutation_duplication_and_batching_ends_the_same(trip: Plan, fixes: Columns, data: st.DataObject):
    shuffled = data.draw(st.permutations([*range(len(fixes)), *data.draw(st.lists(st.integers(0, len(fixes) - 1)))]))
    pipeline, rest = Pipeline(trip), shuffled
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        pipeline.receive(fixes.take(np.asarray(rest[:size], np.intp)))
        rest = rest[size:]
    whole = fold(trip, initial(trip), fixes)
    assert pipeline.track.visits == whole.visits
    assert pipeline.track.state == whole.state
    assert pipeline.flags == dict(zip(keys(fixes), whole.flags.tolist(), strict=True))


@thorough
@given(plans(), drives(), st.data())
def test_pieces_in_order_lead_where_the_whole_leads(trip: Plan, fixes: Columns, data: st.DataObject):
    whole = fold(trip, initial(trip), fixes)
    state, rings, start = initial(trip), [], 0
    flags: dict[tuple[int, float, float], int] = {}
    while start < len(fixes):
        end = data.draw(st.integers(start + 1, len(fixes)))
        piece = fixes.take(slice(start, end))
        assert not state.is_late(trip, piece)
        folded = fold(trip, state, piece)
        flags.update(zip(keys(piece), folded.flags.tolist(), strict=True))
        for change in folded.suspects:
            key = (change.fix_time, change.lat, change.lon)
            flags[key] = flags[key] & ~change.cleared | change.added
        state, start = folded.state, end
        rings += folded.rings
    assert state == whole.state
    assert tuple(rings) == whole.rings
    assert list(flags.values()) == whole.flags.tolist()


@thorough
@given(st.lists(st.tuples(plans(), drives(), drives(60)), min_size=1, max_size=6), st.randoms())
def test_a_batch_of_trucks_equals_each_truck_alone(trips: list[tuple[Plan, Columns, Columns]], chance: random.Random):
    tracks, parts, owners = [], [], []
    for index, (trip, before, fixes) in enumerate(trips):
        tracks.append(TrackState(trip, fold(trip, initial(trip), before).state))
        key = tracks[-1].state.last_key()
        later = fixes.take(fixes.fix_time > (key[0] if key else -1))
        parts.append(later)
        owners += [index] * len(later)
    fixes, owner = concatenate(parts), np.asarray(owners, np.int32)
    # Any mixture of the trucks that keeps each one's order.
    turn = {index: sorted(chance.random() for _ in part.fix_time) for index, part in enumerate(parts)}
    turns = [moment for index in range(len(parts)) for moment in turn[index]]
    mixed = np.argsort(turns, kind="stable")
    result = fold_batch(tracks, fixes.take(mixed), owner[mixed])
    for track, part, folded in zip(tracks, parts, result, strict=True):
        if not len(part):
            assert folded is None
            continue
        alone = fold(track.plan, track.state, part)
        assert folded is not None
        assert folded.state == alone.state
        assert folded.visits == alone.visits
        assert folded.rings == alone.rings
        assert folded.suspects == alone.suspects
        assert folded.flags.tolist() == alone.flags.tolist()


@thorough
@given(plans(), drives(60))
def test_visits_run_forward_in_time_and_in_order_of_stops(trip: Plan, fixes: Columns):
    visits = fold(trip, initial(trip), fixes).visits
    assert [visit.stop_index for visit in visits] == sorted({visit.stop_index for visit in visits})
    for visit in visits:
        if visit.arrived_at_us is not None and visit.departed_at_us is not None:
            assert visit.arrived_at_us <= visit.departed_at_us
