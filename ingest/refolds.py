"""When a track is folded anew: at once as a rule, later when there are too many or it is long.

Two phones in one cab, or one that empties its queue from the newest end, make every other fix come to its track late.
Folding every track anew with every batch would leave no time for anything else. What waits is marked in the track's
row, so that a killed worker's successor finds it; positions are stored and shown meanwhile.
"""

import time
from collections.abc import Iterable

from freight.tracking.locked_tracks import LockedTrack, TrackUpdate
from freight.tracking.refolds import refold_track
from freight.tracking.rules import Outcome
from store.pool import Connection

# Up to here folding anew costs next to nothing.
SHORT_FIXES = 50
# A longer track rests in between: a second, another for every five thousand fixes, ten at most; but always so long that
# folding it takes no more than a tenth of the time.
FIXES_A_SECOND = 5_000
LONGEST_PAUSE_S = 10.0
REST_TO_WORK = 9.0
# What one batch may fold anew, in fixes; each track counts for some in itself.
FIXES_A_BATCH = 5_000
TRACK_COSTS_FIXES = 500
MOST_AT_ONCE = 5
MOST_KEPT = 20_000

WAITING = "select trip_id from tracks where substring(state from 1 for 4) = '\\x00000000'::bytea order by trip_id"


class RefoldBook:
    """Which long tracks were folded anew lately, and which wait for their turn."""

    def __init__(self) -> None:
        self._done_at: dict[int, float] = {}
        self._rests_until: dict[int, float] = {}
        self._waiting: dict[int, float] = {}
        self._fixes_left = FIXES_A_BATCH
        self._has_looked = False

    def begin_batch(self) -> None:
        """Some tracks may be folded anew again."""
        self._fixes_left = FIXES_A_BATCH

    def is_time_for(self, track: LockedTrack) -> bool:
        """Whether to fold this track anew now; otherwise it waits, and `due` will name it."""
        trip_id, now = track.trip.trip_id, time.monotonic()
        due_at = now
        if track.fix_count >= SHORT_FIXES:
            pause_s = min(LONGEST_PAUSE_S, 1 + track.fix_count / FIXES_A_SECOND)
            due_at = max(self._done_at.get(trip_id, now - pause_s) + pause_s, self._rests_until.get(trip_id, now))
        if due_at <= now and self._fixes_left > 0:
            self._fixes_left -= TRACK_COSTS_FIXES + track.fix_count
            return True
        self._waiting.setdefault(trip_id, due_at)
        return False

    async def timed(self, connection: Connection, track: LockedTrack, **given: int) -> tuple[TrackUpdate, Outcome]:
        """Fold a track anew (`refold_track`) and let it rest accordingly, also when what follows fails: a batch that
        is tried again must not do the longest part of its work again and again."""
        if len(self._rests_until) >= MOST_KEPT:
            self._rests_until.clear()
        began = time.monotonic()
        try:
            return await refold_track(connection, track, **given)
        finally:
            now = time.monotonic()
            self._rests_until[track.trip.trip_id] = now + REST_TO_WORK * (now - began)

    def is_waiting(self, trip_id: int) -> bool:
        """Whether fixes of this trip are stored that are not folded yet."""
        return trip_id in self._waiting

    def done(self, trip_ids: Iterable[int]) -> None:
        """These tracks were folded anew, and that is committed."""
        if len(self._done_at) >= MOST_KEPT:
            self._done_at.clear()
        for trip_id in trip_ids:
            self._done_at[trip_id] = time.monotonic()
            self._waiting.pop(trip_id, None)

    @property
    def may_have_work(self) -> bool:
        """Whether it is worth asking `find` and `due`."""
        return bool(self._waiting) or not self._has_looked

    def due(self) -> list[int]:
        """The trips that have waited longest of those whose time has come, a few at once."""
        now = time.monotonic()
        found = sorted(
            (at, trip_id)
            for trip_id, at in self._waiting.items()
            if at <= now and self._rests_until.get(trip_id, now) <= now
        )
        return sorted(trip_id for _, trip_id in found[:MOST_AT_ONCE])

    async def find(self, connection: Connection) -> None:
        """Take over, once, what a worker before us left waiting."""
        if not self._has_looked:
            for row in await connection.fetch(WAITING):
                self._waiting.setdefault(row["trip_id"], time.monotonic())
            self._has_looked = True
