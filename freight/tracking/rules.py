"""What a fold means for the business: events, the order's stage, the end of the tracking window. Pure."""

from collections.abc import Iterator, Sequence

import msgspec

from freight.events.facts import Fact, Kind, Source, trip_fact
from freight.moments import moment
from freight.tracking.plans import TripPlan
from geo.plan import Plan
from geo.stages import Ring, Stage, State, Visit, stage_of

HOUR_US = 3600 * 1_000_000
# A driver is followed for at most this long after arriving at the last stop, whatever else happens.
LONGEST_AFTER_ARRIVAL_US = 3 * HOUR_US
# Leaving is proven by the fixes that follow it: they must still be stored.
LEAVING_US = 5 * 60 * 1_000_000

STAGE_KINDS = ("arrived", "departed", "delivered")
RING_KINDS: dict[int, Kind] = {50_000: "approaching_50km", 5_000: "approaching_5km"}


class Outcome(msgspec.Struct, frozen=True):
    """What is known of a trip after a fold; `complete` when it was folded from its beginning, so that `rings` and
    `warnings` are all there are."""

    trip: TripPlan
    state: State
    visits: tuple[Visit, ...]
    rings: tuple[Ring, ...]
    complete: bool
    warnings: tuple[Fact, ...] = ()

    @property
    def stage(self) -> Stage:
        """The stage the order is at."""
        return stage_of(self.trip.plan, self.visits)

    @property
    def delivered_at_us(self) -> int | None:
        """When the last stop was left; None while it was not."""
        visit = last_visit(self.trip.plan, self.visits)
        return visit.departed_at_us if visit else None

    def window_end_us(self) -> int | None:
        """See `window_end_us` of this module."""
        return window_end_us(self.trip.plan, self.state, self.visits)


def last_visit(plan: Plan, visits: Sequence[Visit]) -> Visit | None:
    """The visit of the last stop, None before it."""
    return visits[-1] if visits and visits[-1].stop_index == len(plan.stops) - 1 else None


def window_end_us(plan: Plan, state: State, visits: Sequence[Visit]) -> int | None:
    """When following this truck ends, as far as is known now: delivered and out of the fence, at most three hours
    after arriving at the last stop. None until it is there. It may lie in the future."""
    visit = last_visit(plan, visits)
    if visit is None:
        return None
    seen = state.sightings[-1] if state.sightings and state.sightings[-1].stop_index == visit.stop_index else None
    came_us = [at for at in (visit.arrived_at_us, visit.departed_at_us) if at is not None]
    end_us = min(came_us) + LONGEST_AFTER_ARRIVAL_US
    if visit.departed_at_us is None or (seen is not None and seen.departed_at_us is None):
        return end_us
    left_us = max(visit.departed_at_us, seen.departed_at_us or 0) if seen else visit.departed_at_us
    return min(end_us, left_us + LEAVING_US)


def facts_of(outcome: Outcome) -> list[Fact]:
    """The stage events of an outcome, complete; leaving the last stop is `delivered`."""
    last = len(outcome.trip.plan.stops) - 1
    facts = []
    arriving: Kind = "arrived"
    for visit in outcome.visits:
        leaving: Kind = "delivered" if visit.stop_index == last else "departed"
        for kind, at_us, source in (
            (arriving, visit.arrived_at_us, visit.arrived_source),
            (leaving, visit.departed_at_us, visit.departed_source),
        ):
            if at_us is not None and source is not None:
                facts.append(_fact(outcome.trip, visit.stop_index, kind, at_us, source))
    return facts


def ring_facts(outcome: Outcome) -> Iterator[Fact]:
    """The approaches among what was just folded."""
    for ring in outcome.rings:
        yield _fact(outcome.trip, ring.stop_index, RING_KINDS[ring.ring_m], ring.at_us, "gps")


def _fact(trip: TripPlan, stop_index: int, kind: Kind, at_us: int, source: Source) -> Fact:
    stop_id = trip.stop_ids[stop_index]
    return trip_fact(trip.organisation_id, trip.order_id, trip.trip_id, stop_id, kind, moment(at_us), source)
