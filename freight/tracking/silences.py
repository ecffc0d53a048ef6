"""Trucks nobody hears of any more, and trucks that are heard again."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from freight.events.facts import Fact, Kind, Value
from freight.live import Told
from freight.tracking.outcomes import save_facts
from freight.tracking.queries import RESUMED_TRACKS, SILENT_TRACKS
from store.pool import Connection

# Mountains take the network for half an hour; after this long a dispatcher wants to know.
SILENT_AFTER = dt.timedelta(minutes=40)
MOST_PER_SWEEP = 200


async def sweep_silences(connection: Connection, now: dt.datetime) -> list[Told]:
    """Tell of carried trips silent for forty minutes, and of those that speak again; one transaction.

    Each is one event an order, at the last word heard and at the first after it; a later silence rewrites it.
    """
    async with connection.transaction():
        silent = await connection.fetch(SILENT_TRACKS, now - SILENT_AFTER, MOST_PER_SWEEP)
        resumed = await connection.fetch(RESUMED_TRACKS, MOST_PER_SWEEP)
        facts = [_fact(row, "silent", {"battery_pct": row["battery_pct"]}) for row in silent]
        facts += [
            _fact(row, "resumed", {"silent_s": round((row["received_at"] - row["silent_at"]).total_seconds())})
            for row in resumed
        ]
        return await save_facts(connection, facts)


def _fact(row: Mapping[str, Any], kind: Kind, data: dict[str, Value]) -> Fact:
    return Fact(
        row["organisation_id"],
        row["order_id"],
        row["trip_id"],
        None,
        kind,
        row["received_at"],
        "hub",
        data,
        can_be_late=False,
    )
