"""What a track shows that is no stage and yet to be told: once in the life of an order, never blocking. Pure.

Each is the earliest of its kind among all fixes of a trip, so that the order in which they came changes nothing.
"""

from collections.abc import Mapping

import numpy as np

from freight.events.facts import Fact, Kind, Value, trip_fact
from freight.moments import moment
from freight.tracking.plans import TripPlan
from geo.fix import Columns, Flag

IMPLAUSIBLE: Kind = "implausible"
LOW_BATTERY: Kind = "low_battery"
LOW_BATTERY_PCT = 10


def warnings_of(trip: TripPlan, fixes: Columns) -> list[Fact]:
    """The first leap no truck could have driven and the first sign that the phone will soon fall silent.

    `fixes` are sorted by (fix_time, lat, lon) and carry the flags their fold gave them.
    """
    leaps = np.flatnonzero(fixes.flags & np.int32(Flag.TELEPORT))
    low = np.flatnonzero((fixes.battery_pct >= 0) & (fixes.battery_pct <= LOW_BATTERY_PCT))
    facts = [implausible_fact(trip, int(fixes.fix_time[row])) for row in leaps[:1]]
    for row in low[:1]:
        data = {"battery_pct": int(fixes.battery_pct[row])}
        facts.append(_warning(trip, LOW_BATTERY, int(fixes.fix_time[row]), data))
    return facts


def implausible_fact(trip: TripPlan, at_us: int) -> Fact:
    """The truck appeared somewhere it could not have driven to."""
    return _warning(trip, IMPLAUSIBLE, at_us, {"flag": "teleport"})


def _warning(trip: TripPlan, kind: Kind, at_us: int, data: Mapping[str, Value]) -> Fact:
    return trip_fact(trip.organisation_id, trip.order_id, trip.trip_id, None, kind, moment(at_us), "gps", data)
