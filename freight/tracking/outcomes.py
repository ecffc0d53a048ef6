"""What folds mean, written down: visits, events with their jobs, the order's stage, the end of tracking."""

import datetime as dt
from collections.abc import Sequence

from freight.events.actions import Recorded, reconcile, record, told_of
from freight.events.facts import FOLDED_KINDS, Fact
from freight.live import Changed, Told, to_organisation
from freight.moments import microseconds, moment
from freight.orders.states import advance
from freight.tracking.queries import DELETE_VISITS, SAVE_DELIVERY, SAVE_VISITS
from freight.tracking.rules import STAGE_KINDS, Outcome, facts_of, ring_facts
from store.jobs import enqueue
from store.pool import Connection

# The worker's job that keeps the simplified track of a trip that ended; payload: the trip's id in decimal digits.
FINISH_TRIP = "finish_trip"


async def save_outcomes(
    connection: Connection, outcomes: Sequence[Outcome], now: dt.datetime, caused_by: int | None = None
) -> list[Told]:
    """Write what changed with these folds, in the caller's transaction; returns what to publish after commit.

    `caused_by`: the user whose hand had them folded.
    """
    if not outcomes:
        return []
    await _save_visits(connection, outcomes)
    recorded = await _save_events(connection, outcomes, caused_by)
    told = await advance(connection, {outcome.trip.order_id: outcome.stage for outcome in outcomes}, caused_by)
    await _save_delivery(connection, outcomes, now)
    changed = [
        told
        for outcome in outcomes
        for told in to_organisation(outcome.trip.organisation_id, Changed("trip", outcome.trip.trip_id))
    ]
    return changed + told + told_of(recorded)


async def save_facts(connection: Connection, facts: Sequence[Fact], *, once: bool = False) -> list[Told]:
    """Record facts that are no stages (`once`: in the life of an order); returns what to publish after commit."""
    return told_of(await record(connection, facts, once=once))


async def _save_visits(connection: Connection, outcomes: Sequence[Outcome]) -> None:
    rows = [(outcome.trip, visit) for outcome in outcomes for visit in outcome.visits]
    trip_ids = [trip.trip_id for trip, _ in rows]
    stop_ids = [trip.stop_ids[visit.stop_index] for trip, visit in rows]
    await connection.execute(DELETE_VISITS, [outcome.trip.trip_id for outcome in outcomes], trip_ids, stop_ids)
    await connection.execute(
        SAVE_VISITS,
        trip_ids,
        stop_ids,
        [_moment(visit.arrived_at_us) for _, visit in rows],
        [visit.arrived_source for _, visit in rows],
        [_moment(visit.departed_at_us) for _, visit in rows],
        [visit.departed_source for _, visit in rows],
    )


async def _save_events(connection: Connection, outcomes: Sequence[Outcome], caused_by: int | None) -> list[Recorded]:
    """A piece of track adds approaches and decides the stages; a whole one decides everything it shows."""
    recorded: list[Recorded] = []
    pieces = [outcome for outcome in outcomes if not outcome.complete]
    wholes = [outcome for outcome in outcomes if outcome.complete]
    recorded += await record(connection, [fact for outcome in pieces for fact in ring_facts(outcome)])
    for group, kinds in ((pieces, STAGE_KINDS), (wholes, FOLDED_KINDS)):
        if group:
            facts = [fact for outcome in group for fact in facts_of(outcome)]
            if group is wholes:
                facts += [fact for outcome in group for fact in (*ring_facts(outcome), *outcome.warnings)]
            order_ids = [outcome.trip.order_id for outcome in group]
            recorded += await reconcile(connection, order_ids, kinds, facts, caused_by)
    return recorded


async def _save_delivery(connection: Connection, outcomes: Sequence[Outcome], now: dt.datetime) -> None:
    """Note deliveries and close the windows that are over; what a finished trip leaves behind is made by a job."""
    now_us = microseconds(now)
    ends = [outcome.window_end_us() for outcome in outcomes]
    rows = await connection.fetch(
        SAVE_DELIVERY,
        [outcome.trip.trip_id for outcome in outcomes],
        [_moment(outcome.delivered_at_us) for outcome in outcomes],
        [moment(end_us) if end_us is not None and end_us <= now_us else None for end_us in ends],
    )
    ended = {row["id"] for row in rows if row["ended"]}
    # A finished trip to which late fixes were added keeps a new simplified track.
    over = [end_us is not None and end_us <= now_us for end_us in ends]
    refolded = {o.trip.trip_id for o, is_over in zip(outcomes, over, strict=True) if o.complete and is_over}
    await enqueue(connection, FINISH_TRIP, [str(trip_id).encode() for trip_id in sorted(ended | refolded)])


def _moment(at_us: int | None) -> dt.datetime | None:
    return None if at_us is None else moment(at_us)
