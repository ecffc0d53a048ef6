"""Facts of a batch that are no stages. Tracks folded anew, now or later, tell theirs themselves."""

from collections.abc import Sequence

import numpy as np

from freight.events.facts import Fact
from freight.tracking.warning_rules import LOW_BATTERY, LOW_BATTERY_PCT, implausible_fact, warnings_of
from geo.fix import Flag
from geo.state import Folded
from ingest.assign import Assigned
from ingest.fold import Stored


def remarkable(assigned: Assigned, folds: Sequence[Folded | None], stored: Stored) -> list[Fact]:
    """Trucks that appeared where they could not have driven to, and phones about to fall silent."""
    told_whole = {*stored.refolded, *(u.track.trip.trip_id for u in stored.updates if u.refold_waits)}
    fixes = assigned.fixes.with_flags(stored.flags)
    is_odd = (stored.flags & np.int32(Flag.TELEPORT)) != 0
    is_low = (fixes.battery_pct >= 0) & (fixes.battery_pct <= LOW_BATTERY_PCT)
    facts: list[Fact] = []
    for index in np.unique(assigned.owner[is_odd | is_low]).tolist():
        track = assigned.tracks[index]
        if track.trip.trip_id not in told_whole:
            found = warnings_of(track.trip, fixes.take(assigned.owner == index))
            was_low = track.battery_pct is not None and track.battery_pct <= LOW_BATTERY_PCT
            facts += [fact for fact in found if not (was_low and fact.kind == LOW_BATTERY)]
    # Of two leaps of one track the earlier counts, and what is told last is taken.
    return facts + _acquitted(assigned, folds, told_whole)


def _acquitted(assigned: Assigned, folds: Sequence[Folded | None], told_whole: set[int]) -> list[Fact]:
    """Leaps of earlier batches that were held as suspects until now, the earliest of each track."""
    facts: list[Fact] = []
    for track, folded in zip(assigned.tracks, folds, strict=True):
        if folded is None or not folded.suspects or track.trip.trip_id in told_whole:
            continue
        leaps = [change.fix_time for change in folded.suspects if change.added & Flag.TELEPORT]
        if leaps:
            facts.append(implausible_fact(track.trip, min(leaps)))
    return facts
