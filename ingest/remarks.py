"""Facts of a batch that are no stages: shown once, never blocking."""

import numpy as np

from freight.events.facts import Fact
from freight.trips.locked_tracks import TrackUpdate
from freight.trips.tracking_rules import LOW_BATTERY_PCT, implausible_fact, low_battery_fact
from geo.fix import Flag
from ingest.assign import Assigned
from ingest.fold import Stored


def remarkable(assigned: Assigned, stored: Stored) -> list[Fact]:
    """Trucks that appeared where they could not have driven to, and phones about to fall silent."""
    facts: list[Fact] = []
    for row in np.flatnonzero(stored.flags & np.int32(Flag.TELEPORT)).tolist():
        track = assigned.tracks[assigned.owner[row]]
        facts.append(implausible_fact(track.trip, int(assigned.fixes.fix_time[row])))
    return facts + [_running_low(update) for update in stored.updates if _runs_low(update)]


def _runs_low(update: TrackUpdate) -> bool:
    before, now = update.track.battery_pct, update.battery_pct
    return (
        update.newest is not None
        and now is not None
        and now <= LOW_BATTERY_PCT
        and (before is None or before > LOW_BATTERY_PCT)
    )


def _running_low(update: TrackUpdate) -> Fact:
    at_us = update.newest.fix_time_us if update.newest else 0
    return low_battery_fact(update.track.trip, at_us, update.battery_pct or 0)
