"""When a track is folded anew: at once as a rule; a long one that late fixes keep coming to, every ten seconds.

Two phones in one cab, a second apart, make every other fix late: folding fifty thousand fixes for each of them would
leave no time for anyone else. What waits is marked in the track's row, so that a killed worker's successor finds it.
"""

import time

from freight.trips.locked_tracks import LockedTrack
from store.pool import Connection

# Up to here folding anew costs about as much as storing the batch.
LONG_FIXES = 2_000
NOT_WITHIN_S = 10.0
MOST_KEPT = 20_000
MOST_AT_ONCE = 5

WAITING = "select trip_id from tracks where substring(state from 1 for 4) = '\\x00000000'::bytea order by trip_id"


class RefoldBook:
    """Which long tracks were folded anew lately, and which wait for their turn."""

    def __init__(self) -> None:
        self._done_at: dict[int, float] = {}
        self._waiting: dict[int, float] = {}
        self._has_looked = False

    def is_time_for(self, track: LockedTrack) -> bool:
        """Whether to fold this track anew now; otherwise it is noted and `due` will name it."""
        trip_id, now = track.trip.trip_id, time.monotonic()
        done_at = self._done_at.get(trip_id)
        if track.fix_count < LONG_FIXES or done_at is None or now - done_at >= NOT_WITHIN_S:
            self.done(trip_id)
            return True
        self._waiting.setdefault(trip_id, done_at + NOT_WITHIN_S)
        return False

    def done(self, trip_id: int) -> None:
        """A track was just folded anew."""
        if len(self._done_at) >= MOST_KEPT:
            self._done_at.clear()
        self._done_at[trip_id] = time.monotonic()
        self._waiting.pop(trip_id, None)

    @property
    def may_have_work(self) -> bool:
        """Whether it is worth asking `find` and `due`."""
        return bool(self._waiting) or not self._has_looked

    def due(self) -> list[int]:
        """Trips whose time has come, a few at once."""
        now = time.monotonic()
        return sorted(trip_id for trip_id, at in self._waiting.items() if at <= now)[:MOST_AT_ONCE]

    async def find(self, connection: Connection) -> None:
        """Take over, once, what a worker before us left waiting."""
        if not self._has_looked:
            for row in await connection.fetch(WAITING):
                self._waiting.setdefault(row["trip_id"], time.monotonic())
            self._has_looked = True
