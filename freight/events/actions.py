"""Facts written down: a row and a job in the transaction of the change. What a track decides is one row an order, stop
and kind; everything else is only added.

Callers publish what `told_of` makes of the `Recorded` after commit; the worker's job `notify` tells people of each
(payload: the event's id in decimal digits).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from freight.events.facts import Fact, Subject
from freight.events.queries import RECORD, RECORD_ONCE, TOLD, WITHDRAW
from freight.live import Happened, Told, to_organisation
from store.jobs import enqueue
from store.pool import Connection

NOTIFY = "notify"
# Learnt later than this after it happened: told quietly, never as if it were now.
LATE_AFTER = dt.timedelta(minutes=10)
# Information that is of no use once it is old.
ONLY_WHEN_FRESH = frozenset({"approaching_50km", "approaching_5km"})


class Recorded(msgspec.Struct, frozen=True):
    """An event row as just written or corrected, and the organisation whose channel hears of it, if one does."""

    event_id: int
    revision: int
    organisation_id: int | None
    subject: Subject


async def record(connection: Connection, facts: Sequence[Fact], *, once: bool = False) -> list[Recorded]:
    """Write facts; returns those that are new or changed something. Repeats of what a track decides cost nothing and
    return nothing.

    With `once` such a fact that is known already stays as it is, also when its time differs.
    """
    if not facts:
        return []
    # One statement may not touch a row twice; what is only added is no repeat, however alike.
    distinct = list({fact.key or number: fact for number, fact in enumerate(facts)}.values())
    now = dt.datetime.now(dt.UTC)
    rows = await connection.fetch(
        RECORD_ONCE if once else RECORD,
        [fact.subject.kind for fact in distinct],
        [fact.subject.id for fact in distinct],
        [fact.organisation_id for fact in distinct],
        [fact.order_id for fact in distinct],
        [fact.trip_id for fact in distinct],
        [fact.stop_id for fact in distinct],
        [fact.kind for fact in distinct],
        [fact.at for fact in distinct],
        [fact.source for fact in distinct],
        [fact.can_be_late and now - fact.at > LATE_AFTER for fact in distinct],
        [dict(fact.data) for fact in distinct],
        [fact.caused_by for fact in distinct],
    )
    return await _tell(connection, rows)


async def reconcile(
    connection: Connection,
    order_ids: Sequence[int],
    kinds: Sequence[str],
    facts: Sequence[Fact],
    caused_by: int | None = None,
) -> list[Recorded]:
    """Make the events of some orders, of some kinds that a track decides, be exactly `facts`: write, correct, withdraw.

    What changes by it was `caused_by` that user's hand.
    """
    told = await connection.fetch(TOLD, order_ids, kinds)
    wanted = {fact.key for fact in facts}
    gone = [
        row["id"]
        for row in told
        if not row["withdrawn"] and (row["order_id"], row["stop_id"], row["kind"]) not in wanted
    ]
    unchanged = {
        ((row["order_id"], row["stop_id"], row["kind"]), row["at"], row["source"])
        for row in told
        if not row["withdrawn"]
    }
    changed = [fact for fact in facts if (fact.key, fact.at, fact.source) not in unchanged]
    recorded = await record(connection, [replace(fact, caused_by=caused_by) for fact in changed])
    if gone:
        recorded += await _tell(connection, await connection.fetch(WITHDRAW, gone, caused_by))
    return recorded


def told_of(recorded: Iterable[Recorded]) -> list[Told]:
    """The live messages of event rows, to be published after commit; open pages hear none of what is no
    organisation's."""
    return [
        told
        for one in recorded
        if one.organisation_id is not None
        for told in to_organisation(
            one.organisation_id, Happened(one.event_id, one.revision, one.subject.kind, one.subject.id)
        )
    ]


async def _tell(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> list[Recorded]:
    recorded = []
    jobs = []
    for row in rows:
        subject = Subject(row["subject_kind"], row["subject_id"])
        recorded.append(Recorded(row["id"], row["revision"], row["organisation_id"], subject))
        if not (row["late"] and row["kind"] in ONLY_WHEN_FRESH):
            jobs.append(str(row["id"]).encode())
    await enqueue(connection, NOTIFY, jobs)
    return recorded
