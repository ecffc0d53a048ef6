"""Everything that happens to a fix, from the broker's packet to the row and what is told of it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from freight.drivers.shifts import ShiftFix
from freight.live import Told
from freight.moments import microseconds
from freight.tracking.arrivals import ArrivalBook
from freight.tracking.locked_tracks import TrackBook, TrackUpdate, position_view, save_tracks
from freight.tracking.outcomes import save_facts, save_outcomes
from freight.tracking.views import PositionView
from geo.fix import flag_names
from ingest.assign import Assigned, assign
from ingest.confirm import confirmations_of
from ingest.decode import NOBODY, Readings, Refusal, last_rows, read
from ingest.devices import Device, DeviceBook
from ingest.fold import RepeatsAmongThem, Stored, fold_in_order, follow, store_positions
from ingest.message import Message, source_of
from ingest.quarantine import QuarantineBound, save_refusals
from ingest.refolds import RefoldBook
from ingest.remarks import remarkable
from ingest.reports import ReportBook, save_news
from ingest.shift import shift_fixes
from store.pool import Connection, Pool


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is left to do once a batch is committed: to tell listeners, phones, and the counters."""

    positions: Mapping[int, list[PositionView]]
    told: list[Told]
    confirmations: list[tuple[str, bytes]]
    shift: list[ShiftFix]
    outcomes: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    idle: Counter[str] = field(default_factory=Counter)
    written_down: int = 0


class Pipeline:
    """Takes batches one after another; what it keeps between them only saves reading rows again."""

    def __init__(self, pool: Pool, retention_days: int) -> None:
        self.pool = pool
        self.retention = dt.timedelta(days=retention_days)
        self.devices = DeviceBook()
        self.tracks = TrackBook()
        self.arrivals = ArrivalBook()
        self.refolds = RefoldBook()
        self.reports = ReportBook()
        self.quarantine = QuarantineBound()

    async def take(self, messages: Sequence[Message]) -> Aftermath:
        """Store a batch in one transaction; when this returns, the messages may be acknowledged.

        Raises asyncpg.PostgresError, asyncpg.InterfaceError or OSError when nothing was stored.
        """
        async with self.pool.acquire() as connection:
            try:
                return await self.store(connection, messages, careful=False)
            except RepeatsAmongThem:
                return await self.store(connection, messages, careful=True)

    async def catch_up(self) -> list[Told]:
        """Fold anew the tracks whose turn has come; returns what to publish."""
        if not self.refolds.may_have_work:
            return []
        now = dt.datetime.now(dt.UTC)
        async with self.pool.acquire() as connection, connection.transaction():
            await self.refolds.find(connection)
            due = self.refolds.due()
            results = [await self.refolds.timed(connection, track) for track in await self.tracks.lock(connection, due)]
            updates, outcomes = [update for update, _ in results], [outcome for _, outcome in results]
            await save_tracks(connection, updates)
            told = await save_outcomes(connection, outcomes, now)
        self.tracks.remember(updates)
        self.refolds.done(due)
        return told

    async def set_aside(self, message: Message, error: Exception) -> None:
        """Put a message no batch can be stored with into quarantine."""
        source = source_of(message.packet.topic) or NOBODY
        detail = f"{type(error).__name__}: {error}"
        refusal = Refusal(
            message.packet.topic, source.login, "impossible", detail, message.packet.payload, message.received_at_us
        )
        async with self.pool.acquire() as connection:
            await save_refusals(connection, self.quarantine.admit([refusal]))

    async def store(self, connection: Connection, messages: Sequence[Message], *, careful: bool) -> Aftermath:
        """The list. One transaction; the order matters, and every step is somewhere else."""
        now = dt.datetime.now(dt.UTC)
        readings = read(messages, microseconds(_day_begin(now - self.retention)))
        async with connection.transaction():
            devices = await self.devices.of(connection, logins_of(readings))
            assigned, is_assigned = await assign(connection, self.tracks, readings, devices)
            folds, fixes = fold_in_order(assigned)
            is_new = await store_positions(connection, assigned, fixes, careful=careful)
            stored = await follow(connection, assigned, folds, fixes, is_new, self.refolds)
            updates = await self.arrivals.estimate(connection, stored.updates)
            await save_tracks(connection, updates)
            told = await save_outcomes(connection, stored.outcomes, now)
            told += await save_facts(connection, remarkable(assigned, folds, stored), once=True)
            refusals = readings.refusals + unknown_devices(messages, readings, devices)
            written_down = self.quarantine.admit(refusals)
            await save_refusals(connection, written_down)
            news = self.reports.news(readings.reports, heard(readings, devices), devices)
            await save_news(connection, news)
        positions = views_by_organisation(updates)
        self.tracks.remember(updates)
        self.reports.remember(news)
        self.refolds.done(stored.refolded)
        return Aftermath(
            positions,
            told,
            confirmations_of(readings, devices),
            shift_fixes(readings, devices, ~is_assigned),
            outcomes=count(readings, assigned, stored),
            flags=count_flags(stored),
            refusals=Counter(refusal.reason for refusal in refusals),
            idle=readings.idle,
            written_down=len(written_down),
        )


def _day_begin(at: dt.datetime) -> dt.datetime:
    """Partitions are whole days."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def logins_of(readings: Readings) -> set[str]:
    """Everyone who speaks in a batch."""
    return {source.login for source in readings.sources} | {source.login for source, _, _ in readings.reports}


def unknown_devices(messages: Sequence[Message], readings: Readings, devices: Mapping[str, Device]) -> list[Refusal]:
    """Fixes and reports under names no enabled device has."""
    strangers = [
        Refusal("/".join((source.login, source.device)), source.login, "unknown_device", report.kind, b"", at_us)
        for source, report, at_us in readings.reports
        if source.login not in devices
    ]
    if all(source.login in devices for source in readings.sources):
        return strangers
    return strangers + [
        Refusal(packet.topic, source.login, "unknown_device", "", packet.payload, message.received_at_us)
        for message in messages
        if (source := source_of((packet := message.packet).topic) or NOBODY).login not in devices
        and source in readings.sources
    ]


def heard(readings: Readings, devices: Mapping[str, Device]) -> Iterator[tuple[Device, int]]:
    """Devices with when they were last heard in a batch, microseconds since 1970 UTC."""
    rows = last_rows(readings.source, np.ones(len(readings.source), np.bool_), len(readings.sources))
    received_at_us = readings.received_at_us[rows].tolist() if len(readings.fixes) else []
    for source, at_us in zip(readings.sources, received_at_us, strict=False):
        device = devices.get(source.login)
        if device is not None:
            yield device, at_us


def views_by_organisation(updates: Sequence[TrackUpdate]) -> dict[int, list[PositionView]]:
    """The new positions, for each organisation's listeners."""
    views: dict[int, list[PositionView]] = {}
    for update in updates:
        view = position_view(update)
        if view is not None:
            views.setdefault(update.track.trip.organisation_id, []).append(view)
    return views


def count(readings: Readings, assigned: Assigned, stored: Stored) -> Counter[str]:
    """How the fixes of a batch ended, for the counters."""
    return Counter(
        stored=stored.added,
        duplicate=len(assigned.fixes) - stored.added + assigned.repeated,
        outside_window=len(readings.fixes) - len(assigned.fixes) - assigned.repeated,
        millisecond_time=readings.millisecond_times,
        refolded=len(stored.refolded),
    )


def count_flags(stored: Stored) -> Counter[str]:
    """How many of the new fixes carry each flag."""
    masks, numbers = np.unique(stored.flags, return_counts=True)
    flags: Counter[str] = Counter()
    for mask, number in zip(masks.tolist(), numbers.tolist(), strict=True):
        flags.update(dict.fromkeys(flag_names(mask), number))
    return flags
