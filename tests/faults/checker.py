"""Compares what the phones and pages know with the database, and the database with itself. Answers with violations."""

import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import msgspec

from freight.events.actions import ONLY_WHEN_FRESH
from freight.events.facts import FOLDED_KINDS
from freight.moments import microseconds
from freight.notifications.actions import unread_count
from freight.tracking.locked_tracks import LockedTrack, TrackBook
from freight.tracking.refolds import newest_of
from freight.tracking.rules import Outcome, facts_of, ring_facts
from freight.tracking.stored_track import read_track
from freight.tracking.warning_rules import warnings_of
from freight.trips.reading import shown_trips
from geo.batch import refold
from geo.fix import FUTURE_BEYOND_US, SECOND_US, STALE_BEYOND_US, Flag
from geo.stages import stage_of
from store.pool import Connection, Pool
from tests.faults.arena import Firm
from tests.faults.clocks import Clock
from tests.faults.history import Key, PhoneHistory
from tests.pages import Page
from tests.waiting import until

MOST_SHOWN = 5
# What a fix gets by the clock of whoever receives it.
BY_CLOCK = Flag.FUTURE | Flag.STALE
# A trip's position comes by a road of its own; why a phone is silent is looked at once a minute.
KEPT_APART = {"position", "silence"}

TOLD = """
select e.id, e.kind, e.late, e.revision, e.caused_by, count(n.id) as told, count(distinct n.revision) as revisions,
  count(n.id) filter (where n.revision = e.revision) as told_latest
from events e left join notifications n on n.event_id = e.id
where e.organisation_id = $1
group by e.id
"""


async def stored_keys(pool: Pool, driver_id: int) -> set[Key]:
    """What the database has of a driver."""
    rows = await pool.fetch("select fix_time, lat, lon from positions where driver_id = $1", driver_id)
    return {(microseconds(row["fix_time"]), row["lat"], row["lon"]) for row in rows}


async def check_points(
    pool: Pool, histories: list[PhoneHistory], broker_killed_at: list[float], memory_s: float
) -> list[str]:
    """acked ⊆ stored ⊆ sent for each phone; see `PhoneHistory.durable` for what counts as acked."""
    found: list[str] = []
    for history in histories:
        stored = await stored_keys(pool, history.driver_id)
        made = {history.key(step): step for step in history.sent}
        durable = {history.key(step) for step in history.durable(broker_killed_at, memory_s)}
        found += _listed(f"{history.login}: acked and not stored", sorted(made[key] for key in durable - stored))
        found += _listed(f"{history.login}: stored and never sent", sorted(stored - made.keys()))
    return found


async def missing_points(pool: Pool, histories: list[PhoneHistory]) -> int:
    """How many fixes that were acknowledged by anyone are not stored (yet)."""
    missing = 0
    for history in histories:
        stored = await stored_keys(pool, history.driver_id)
        missing += len({history.key(step) for step in history.acked} - stored)
    return missing


async def check_clocks(
    pool: Pool, histories: list[PhoneHistory], clocks: Iterable[Clock], began_at: dt.datetime
) -> list[str]:
    """Each position was received when the worker's clock, wherever it was put since `began_at`, may have said so; and
    it is marked as of the future or as stale by that time alone, whatever has been folded anew since."""
    rows = await pool.fetch(
        "select driver_id, fix_time, received_at, flags from positions where driver_id = any($1::int[])",
        [history.driver_id for history in histories],
    )
    now = dt.datetime.now(dt.UTC)
    possible = [
        (began_at + ahead, now + ahead)
        for ahead in {dt.timedelta(seconds=seconds) for clock in clocks for seconds in clock.was_ahead_s}
    ]
    impossible, wrong = [], []
    for row in rows:
        received_at, late_us = row["received_at"], _us(row["received_at"]) - _us(row["fix_time"])
        if not any(earliest <= received_at <= latest for earliest, latest in possible):
            impossible.append((row["driver_id"], received_at.isoformat()))
        flags = Flag.FUTURE if late_us < -FUTURE_BEYOND_US else Flag.STALE if late_us > STALE_BEYOND_US else Flag(0)
        if Flag(row["flags"]) & BY_CLOCK != flags:
            wrong.append((row["driver_id"], late_us // SECOND_US, row["flags"]))
    return _listed("received at no time there was", impossible) + _listed("not marked by its receive time", wrong)


async def check_trips(pool: Pool, trip_ids: list[int]) -> list[str]:
    """Each trip's visits, stage, events and position are what a fold from scratch of its stored positions gives."""
    found: list[str] = []
    async with pool.acquire() as connection, connection.transaction():
        for track in await TrackBook().lock(connection, trip_ids):
            found += await _check_trip(connection, track)
    return found


async def _check_trip(connection: Connection, track: LockedTrack) -> list[str]:
    trip = track.trip
    fixes = await read_track(connection, trip.driver_id, trip.trip_id, trip.window_from_us)
    folded = refold(trip.plan, fixes)
    outcome = Outcome(trip, folded.state, folded.visits, folded.rings, True)
    warnings = warnings_of(trip, fixes.with_flags(folded.flags))
    name = f"trip {trip.trip_id}"
    found = _differ(f"{name}: fix_count", track.fix_count, len(fixes))
    found += _differ(f"{name}: flags", fixes.flags.tolist(), folded.flags.tolist())
    state = await connection.fetchval("select state from orders where id = $1", trip.order_id)
    found += _differ(f"{name}: stage", state, stage_of(trip.plan, folded.visits))
    rows = await connection.fetch("select * from visits where trip_id = $1 order by arrived_at", trip.trip_id)
    stored = [(row["stop_id"], _us(row["arrived_at"]), _us(row["departed_at"])) for row in rows]
    visits = [(trip.stop_ids[one.stop_index], one.arrived_at_us, one.departed_at_us) for one in folded.visits]
    found += _differ(f"{name}: visits", stored, visits)
    rows = await connection.fetch(
        "select stop_id, kind, at from events where order_id = $1 and kind = any($2::text[]) and withdrawn_at is null",
        *(trip.order_id, list(FOLDED_KINDS)),
    )
    told = sorted((row["stop_id"] or 0, row["kind"], row["at"]) for row in rows)
    facts = [*facts_of(outcome), *ring_facts(outcome), *warnings]
    wanted = sorted((one.stop_id or 0, one.kind, one.at) for one in facts)
    found += _differ(f"{name}: events", told, wanted)
    newest, _ = newest_of(fixes.with_flags(folded.flags))
    row = await connection.fetchrow("select fix_time, lat, lon from tracks where trip_id = $1", trip.trip_id)
    shown = (_us(row["fix_time"]), row["lat"], row["lon"])
    return found + _differ(f"{name}: position", shown, newest and (newest.fix_time_us, newest.lat, newest.lon))


async def check_facts(pool: Pool, organisation_id: int) -> list[str]:
    """No stage twice, and one notification for each person and event, of its latest revision."""
    twice = await pool.fetch(
        "select order_id, stop_id, kind from events where organisation_id = $1 and kind <> all($2::text[])"
        " group by 1, 2, 3 having count(*) > 1",
        *(organisation_id, ["silent", "resumed"]),
    )
    found = _listed("stages twice", [tuple(row) for row in twice])
    rows = await pool.fetch(
        TOLD,
        organisation_id,
    )
    for row in rows:
        needs_none = row["caused_by"] is not None or (row["late"] and row["kind"] in ONLY_WHEN_FRESH)
        if row["told"] != row["revisions"] or (not needs_none and row["told_latest"] != 1):
            found.append(f"event {row['id']} ({row['kind']}, revision {row['revision']}): told {row['told']} times")
    return found


async def check_pages(pool: Pool, firm: Firm) -> list[str]:
    """Every open page shows what a page opened now would show."""
    async with pool.acquire() as connection:
        views = await shown_trips(connection, firm.organisation_id)
        unread = await unread_count(connection, firm.user_id)
    trips = {view.id: msgspec.json.decode(msgspec.json.encode(view)) for view in views}
    rows = await pool.fetch(
        "select id, revision, withdrawn_at is not null as withdrawn from events where organisation_id = $1",
        firm.organisation_id,
    )
    events = {row["id"]: (row["revision"], row["withdrawn"]) for row in rows}
    found: list[str] = []
    for number, page in enumerate(firm.pages):
        name = f"page {number}"
        found += _differ(f"{name}: trips", sorted(page.trips), sorted(trips))
        for trip_id in trips.keys() & page.trips.keys():
            shown, right = page.trips[trip_id], trips[trip_id]
            for part in right.keys() - KEPT_APART:
                found += _differ(f"{name}, trip {trip_id}: {part}", shown[part], right[part])
            found += _differ(f"{name}, trip {trip_id}: position", page.positions.get(trip_id), right["position"])
        found += _differ(f"{name}: unread", page.unread_count, unread)
        # What was told since the page's last whole picture is what is known now; before it, the page asks again.
        told = {event["id"]: (event["revision"], event["withdrawn"]) for event in page.events_since_snapshot.values()}
        found += _differ(f"{name}: events", told, {event_id: events.get(event_id) for event_id in told})
        found += _listed(f"{name}: told twice", page.repeated_events)
    for trip_id, page in firm.share_pages.items():
        found += _check_share(trip_id, page, trips[trip_id])
    return found


def _check_share(trip_id: int, page: Page, right: dict[str, Any]) -> list[str]:
    """A public link shows its trip's stage and stops as its dispatcher sees them, and no other trip."""
    name, shown = f"share of {trip_id}", page.shared
    found = [
        wrong
        for part in ("stage", "cargo_name", "delivered_at")
        for wrong in _differ(f"{name}: {part}", shown.get(part), right[part])
    ]
    stops = [{part: stop[part] for part in public} for public, stop in zip(shown["stops"], right["stops"], strict=True)]
    found += _differ(f"{name}: stops", shown["stops"], stops)
    found += _differ(f"{name}: position", page.positions.get(trip_id), right["position"])
    return found + _differ(f"{name} shows", sorted(page.positions), [trip_id])


async def settled(check: Callable[[], Awaitable[list[str]]], timeout_s: float) -> list[str]:
    """Repeat a check until it finds nothing; what it still finds after `timeout_s`."""
    found: list[str] = []

    async def is_settled() -> bool:
        found[:] = await check()
        return not found

    with contextlib.suppress(TimeoutError):
        await until(is_settled, timeout_s)
    return found


def _us(at: dt.datetime | None) -> int | None:
    return None if at is None else microseconds(at)


def _listed(what: str, found: list[Any]) -> list[str]:
    return [f"{what}: {len(found)}, such as {found[:MOST_SHOWN]}"] if found else []


def _differ(what: str, found: Any, right: Any) -> list[str]:
    return [] if found == right else [f"{what}: {str(found)[:400]} instead of {str(right)[:400]}"]
