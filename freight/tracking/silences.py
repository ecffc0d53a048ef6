"""Trucks nobody hears of any more, and trucks that are heard again."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from freight.events.facts import Fact, Kind, Value, trip_fact
from freight.live import Told
from freight.tracking.outcomes import save_facts
from freight.tracking.queries import RESUMED_TRACKS, SILENT_TRACKS, TAKE_TURN
from store.pool import Connection

# Mountains take the network for half an hour; after this long a dispatcher wants to know.
SILENT_AFTER = dt.timedelta(minutes=40)
MOST_PER_SWEEP = 200


async def sweep_silences(connection: Connection, now: dt.datetime) -> list[Told]:
    """Tell of carried trips silent for forty minutes, and of those that speak again.

    Each silence is a pair of events: at the last word heard, and at the first after it.
    """
    await connection.execute(TAKE_TURN)
    silent = await connection.fetch(SILENT_TRACKS, now - SILENT_AFTER, MOST_PER_SWEEP)
    resumed = await connection.fetch(RESUMED_TRACKS, MOST_PER_SWEEP)
    facts = [
        _fact(row, "resumed", {"silent_s": round((row["received_at"] - row["silent_at"]).total_seconds())})
        for row in resumed
    ]
    # The end of one silence comes before the next, also when both are found at once.
    facts += [_fact(row, "silent", {"battery_pct": row["battery_pct"]}) for row in silent]
    return await save_facts(connection, facts)


def _fact(row: Mapping[str, Any], kind: Kind, data: dict[str, Value]) -> Fact:
    ids = (row["organisation_id"], row["order_id"], row["trip_id"])
    return trip_fact(*ids, None, kind, row["received_at"], "hub", data, can_be_late=False)
