"""What is asked all the time is found by an index."""

import datetime as dt

import pytest

from freight.accounts.queries import CREDENTIALS
from freight.events.queries import EVENTS_OF_TRIP
from freight.notifications.queries import LEAVE_NEWEST_LATE_ONE, UNREAD
from freight.tracking.queries import RESUMED_TRACKS, SILENT_TRACKS
from store.pool import Pool


@pytest.mark.parametrize(
    ("statement", "arguments", "found_by"),
    [
        (EVENTS_OF_TRIP, (1, 1), "events_order_id_"),
        (SILENT_TRACKS, (dt.datetime.now(dt.UTC), 200), "events_subject_"),
        (RESUMED_TRACKS, (200,), "events_subject_"),
        (UNREAD, ([1],), "notifications_unread_idx"),
        (LEAVE_NEWEST_LATE_ONE, (1,), "notifications_unread_idx"),
        (CREDENTIALS, ("a@example.com", None, "203.0.113.0/24", 90), "audit_subject_at_idx"),
    ],
    ids=[
        "the facts of a trip",
        "who fell silent",
        "who speaks again",
        "the unread",
        "the late and unread",
        "where one signed in",
    ],
)
async def test_what_is_asked_all_the_time_is_found_by_an_index(
    database: Pool, statement: str, arguments: tuple[object, ...], found_by: str
) -> None:
    async with database.acquire() as connection, connection.transaction():
        # Empty tables are read whole whatever their indexes, unless that is made dear.
        await connection.execute("set local enable_seqscan = off")
        plan = await connection.fetch(f"explain {statement}", *arguments)
    lines = [row["QUERY PLAN"] for row in plan]
    assert any("Index" in line and found_by in line for line in lines), lines
    read_whole = [
        line for line in lines for table in ("events", "notifications", "audit") if f"Seq Scan on {table}" in line
    ]
    assert not read_whole, lines
