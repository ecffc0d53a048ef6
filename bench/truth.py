"""Leg: the stages told of made drives, against what is true of them. Needs no services.

For each family: arrivals and departures found within the allowed time of the true ones (precision, recall, F1), stages
told of drives past a fence, the error of the times found, and how many of the events told live, in the order in which
the fixes are received, were withdrawn later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec
import numpy as np

from bench.made_tracks import Made, made
from bench.report import Figure
from bench.truth_families import FAMILIES
from geo.batch import TrackState, fold_batch, refold
from geo.fix import SECOND_US
from geo.stages import Visit, silent_arrival

SEED = 20_251
# A time found further away than this, or than two fixes lie apart, is that of something else.
NEAR_S = 180.0
MOVED_S = 60.0
CHUNK = 12
# Being told fix by fix takes most of the time.
LIVE_EVERY = 2
PAST = ("past", "past, wide", "red lights", "jams", "past with gap")


@dataclass
class Score:
    """What was found in one family."""

    true: int = 0
    told: int = 0
    right: dict[str, int] = field(default_factory=lambda: {"arrived": 0, "departed": 0})
    said: dict[str, int] = field(default_factory=lambda: {"arrived": 0, "departed": 0})
    errors_s: list[float] = field(default_factory=list)
    drives: int = 0
    false_drives: int = 0
    withdrawn: int = 0
    revised: int = 0

    def f1(self, kind: str) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right[kind] / max(1, self.true + self.said[kind])

    def add(self, other: Score) -> None:
        """Take another family's score into this one."""
        self.true, self.told = self.true + other.true, self.told + other.told
        for kind in self.right:
            self.right[kind] += other.right[kind]
            self.said[kind] += other.said[kind]
        self.errors_s += other.errors_s
        self.drives, self.false_drives = self.drives + other.drives, self.false_drives + other.false_drives
        self.withdrawn, self.revised = self.withdrawn + other.withdrawn, self.revised + other.revised


Told = dict[tuple[int, str], float]


def told(visits: tuple[Visit, ...]) -> Told:
    """(stop, kind) → seconds since 1970 of everything that has a time."""
    events: Told = {}
    for visit in visits:
        for kind, at_us in (("arrived", visit.arrived_at_us), ("departed", visit.departed_at_us)):
            if at_us is not None:
                events[visit.stop_index, kind] = at_us / SECOND_US
    return events


def judge(drive: Made, score: Score) -> Told:
    """Compare the fold of the whole drive with the truth."""
    events = told(refold(drive.plan, drive.fixes).visits)
    allowed_s = max(NEAR_S, 2 * drive.every_s)
    for index, stay in enumerate(drive.truth):
        if stay is None:
            continue
        score.true += 1
        for kind, at_s in zip(("arrived", "departed"), stay, strict=True):
            found_s = events.get((index, kind))
            if found_s is not None and abs(found_s - at_s) <= allowed_s:
                score.right[kind] += 1
                score.errors_s.append(abs(found_s - at_s))
    for _, kind in events:
        score.said[kind] += 1
    score.drives += 1
    score.false_drives += any(drive.truth[stop] is None for stop, _ in events)
    return events


def live(drive: Made) -> Iterator[Told]:
    """What is told after every few fixes, received as they were; the sweep for silent trucks looks between them."""
    track = TrackState(drive.plan)
    order = np.argsort(drive.received_s, kind="stable")
    fixes, received_s = drive.fixes.take(order), drive.received_s[order]
    have = np.zeros(len(fixes), np.bool_)
    start = 0
    while start < len(fixes):
        end = start + 1
        while end < len(fixes) and end - start < CHUNK and received_s[end] - received_s[start] < MOVED_S:
            end += 1
        if start and received_s[start] - received_s[start - 1] > MOVED_S:
            mark = silent_arrival(track.plan, track.state, int((received_s[start] - 1) * SECOND_US))
            if mark is not None:
                plan = msgspec.structs.replace(track.plan, marks=(*track.plan.marks, mark))
                track = TrackState(plan)
                track.accept(refold(plan, fixes.take(have).sorted()))
                yield told(track.visits)
        piece = fixes.take(slice(start, end)).sorted()
        have[start:end] = True
        if track.state.is_late(track.plan, piece):
            track.accept(refold(track.plan, fixes.take(have).sorted()))
        else:
            folded = fold_batch([track], piece, np.zeros(len(piece), np.int32))[0]
            if folded is not None:
                track.accept(folded)
        yield told(track.visits)
        start = end


def count_changes(drive: Made, score: Score) -> None:
    """Count what was told live, withdrawn again, and moved by more than a minute."""
    known: Told = {}
    for events in live(drive):
        score.told += len(events.keys() - known.keys())
        score.withdrawn += len(known.keys() - events.keys())
        score.revised += sum(abs(events[key] - known[key]) > MOVED_S for key in events.keys() & known.keys())
        known = events


def measured() -> dict[str, Score]:
    """Every family's score."""
    scores = {}
    for number, (name, (family, count)) in enumerate(FAMILIES.items()):
        random = np.random.default_rng([SEED, number])
        score = scores[name] = Score()
        for turn in range(count):
            drive = made(name, family(random), random)
            judge(drive, score)
            if turn % LIVE_EVERY == 0:
                count_changes(drive, score)
    return scores


def figures() -> list[Figure]:
    """The table: each family, then all together."""
    scores = measured()
    visited, passed = Score(), Score()
    made_figures: list[Figure] = []
    for name, score in scores.items():
        (passed if name in PAST else visited).add(score)
        if name in PAST:
            share = 100 * score.false_drives / score.drives
            made_figures.append(Figure("truth", f"{name}: drives with a false stage", "%", [share]))
        else:
            made_figures += _visited(name, score)
    together = _visited("all", visited, ">= 0.97", ">= 0.95", "<= 2")
    share = 100 * passed.false_drives / passed.drives
    return [*made_figures, *together, Figure("truth", "all past: drives with a false stage", "%", [share], "<= 1")]


def _visited(name: str, score: Score, arrived: str = "", departed: str = "", withdrawn: str = "") -> list[Figure]:
    errors = score.errors_s or [float("nan")]
    lost = 100 * score.withdrawn / max(1, score.told)
    return [
        Figure("truth", f"{name}: arrivals F1", "", [score.f1("arrived")], arrived),
        Figure("truth", "  departures F1", "", [score.f1("departed")], departed),
        Figure("truth", "  error of the times, median", "s", [float(np.median(errors))]),
        Figure("truth", "  error of the times, p90", "s", [float(np.percentile(errors, 90))]),
        Figure("truth", "  withdrawn of the events told", "%", [lost], withdrawn),
        Figure("truth", "  moved by over a minute", "%", [100 * score.revised / max(1, score.told)]),
    ]
