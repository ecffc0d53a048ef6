"""What a room knows and what it says: the live picture of one organisation or of one shared trip, without I/O.

A room is filled from the database (`load`), moved by positions from the bus (`take`) and corrected by rows read
again (`change`, `tell`). Each frame it returns is encoded once for all listeners and raises the sequence by one.
Whatever the order of arrival, the position with the highest `sequence` wins.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

import msgspec
from msgspec.structs import replace

from freight.events.views import EventView
from freight.shares.views import PublicTrip
from freight.tracking.views import PositionView, TrackView
from freight.trips.views import TripView
from push.messages import EventHappened, Positions, ShareChanged, ShareSnapshot, TripChanged

# Facts remembered so that a repeat is not told twice; far more than a minute of the busiest organisation.
REMEMBERED_EVENTS = 2_000

_encoder = msgspec.json.Encoder()


class _RawSnapshot(msgspec.Struct, frozen=True, tag="snapshot"):
    """`push.messages.Snapshot` with the trips already encoded: of a room's snapshot only the count of unread
    notifications differs from one listener to the next."""

    epoch: str
    sequence: int
    server_time_ms: int
    trips: msgspec.Raw
    unread_count: int


def encode(message: msgspec.Struct) -> bytes:
    """A frame of one message."""
    return _encoder.encode(message)


def newest(one: PositionView | None, other: PositionView | None) -> PositionView | None:
    """The position with the higher sequence; `one` when they are equal."""
    if one is None or (other is not None and other.sequence > one.sequence):
        return other
    return one


def _face(trip: TripView) -> TripView:
    """A trip without what changes by itself with every word of the phone."""
    return replace(trip, position=None, silence=replace(trip.silence, last_heard_at=None))


class Events:
    """Which facts were told, so that each revision is told once."""

    def __init__(self) -> None:
        self.told: dict[int, tuple[int, bool]] = {}

    def is_news(self, event: EventView) -> bool:
        """Whether this state of the event was not told yet; it counts as told from now on."""
        state = (event.revision, event.withdrawn)
        known = self.told.pop(event.id, None)
        self.told[event.id] = max(state, known) if known else state
        while len(self.told) > REMEMBERED_EVENTS:
            del self.told[next(iter(self.told))]
        return known is None or state > known


class OrganisationRoom:
    """All open trips of one organisation, and those finished lately."""

    def __init__(self, organisation_id: int) -> None:
        self.organisation_id = organisation_id
        self.epoch = ""
        self.sequence = 0
        self.trips: dict[int, TripView] = {}
        self.positions: dict[int, PositionView] = {}
        self.moved: set[int] = set()
        self.events = Events()
        self.encoded_trips: msgspec.Raw | None = None

    def load(self, trips: Iterable[TripView]) -> None:
        """Begin a new epoch with these trips; positions heard since before they were read stay if newer."""
        self.epoch = secrets.token_urlsafe(9)
        self.sequence = 0
        heard = self.positions
        self.trips = {trip.id: trip for trip in trips}
        self.positions = {}
        for trip in self.trips.values():
            position = newest(trip.position, heard.get(trip.id))
            if position is not None:
                self.positions[trip.id] = position
        # Whoever is in the room gets a snapshot now, which holds every position.
        self.moved.clear()
        self.encoded_trips = None

    def take(self, positions: Iterable[PositionView]) -> set[int]:
        """Merge positions from the bus; returns the ids of trips that are not known here yet."""
        unknown = set()
        for position in positions:
            trip_id = position.trip_id
            known = self.positions.get(trip_id)
            if known is not None and known.sequence >= position.sequence:
                continue
            self.positions[trip_id] = position
            if trip_id in self.trips:
                self.moved.add(trip_id)
                self.encoded_trips = None
            else:
                unknown.add(trip_id)
        return unknown

    def positions_frame(self, server_time_ms: int) -> bytes | None:
        """What moved since the last such frame, or None."""
        if not self.moved:
            return None
        moved = [self.positions[trip_id] for trip_id in sorted(self.moved)]
        self.moved.clear()
        self.sequence += 1
        return _encoder.encode(Positions(self.epoch, self.sequence, server_time_ms, moved))

    def change(self, trip: TripView) -> bytes | None:
        """Put a trip as just read in place; a frame if listeners see a difference."""
        known = self.trips.get(trip.id)
        position = newest(trip.position, self.positions.get(trip.id))
        before = self.positions.get(trip.id)
        stood_still = position is None or (before is not None and before.sequence == position.sequence)
        self.trips[trip.id] = trip
        self.encoded_trips = None
        if position is not None:
            self.positions[trip.id] = position
        if known is not None and _face(known) == _face(trip):
            if not stood_still:
                self.moved.add(trip.id)
            return None
        self.moved.discard(trip.id)
        self.sequence += 1
        return _encoder.encode(TripChanged(self.epoch, self.sequence, replace(trip, position=position)))

    def forget(self, trip_id: int) -> bool:
        """A trip that is not in the picture any more; True when it was."""
        self.positions.pop(trip_id, None)
        self.moved.discard(trip_id)
        self.encoded_trips = None
        return self.trips.pop(trip_id, None) is not None

    def tell(self, event: EventView) -> bytes | None:
        """A frame for a fact, unless this revision of it was told before."""
        if not self.events.is_news(event):
            return None
        self.sequence += 1
        return _encoder.encode(EventHappened(self.epoch, self.sequence, event))

    def snapshot(self, server_time_ms: int, unread_count: int) -> bytes:
        """The whole picture as a frame; the deltas that follow begin with the next sequence."""
        if self.encoded_trips is None:
            whole = [replace(trip, position=self.positions.get(trip.id)) for trip in self.trips.values()]
            self.encoded_trips = msgspec.Raw(_encoder.encode(whole))
        return _encoder.encode(
            _RawSnapshot(self.epoch, self.sequence, server_time_ms, self.encoded_trips, unread_count)
        )


class ShareRoom:
    """One shared trip, as the openers of one link see it."""

    def __init__(self, share_id: int, trip_id: int) -> None:
        self.share_id = share_id
        self.trip_id = trip_id
        self.epoch = ""
        self.sequence = 0
        self.trip: PublicTrip | None = None
        self.position: PositionView | None = None
        self.moved = False
        # What every page here draws at least: a path, and the positions it was told since.
        self.drawn: TrackView | None = None
        self.heard = 0

    def load(self, trip: PublicTrip) -> None:
        """Begin a new epoch with this picture; a position heard since before it was read stays if newer."""
        self.epoch = secrets.token_urlsafe(9)
        self.sequence = 0
        self.trip = trip
        self.drawn, self.heard = trip.track, 0
        self.position = newest(trip.position, self.position)
        self.moved = False

    def take(self, positions: Iterable[PositionView]) -> None:
        """Merge positions from the bus; those of other trips are passed over."""
        for position in positions:
            if position.trip_id == self.trip_id and newest(self.position, position) is not self.position:
                self.position = position
                self.moved = True
                self.heard += 1

    @property
    def path_is_behind(self) -> bool:
        """Whether the pages lack points of the path: those that came late, or many at once."""
        if self.trip is None or self.trip.track is None or self.trip.track == self.drawn:
            return False
        lacking = self.trip.track.stored_count - (self.drawn.stored_count if self.drawn else 0) - self.heard
        # One refolded without a new point is another path as well.
        return lacking > 0 or self.heard == 0

    def positions_frame(self, server_time_ms: int) -> bytes | None:
        """The newest position if it moved since the last such frame, or None."""
        if not self.moved or self.position is None:
            return None
        self.moved = False
        self.sequence += 1
        return _encoder.encode(Positions(self.epoch, self.sequence, server_time_ms, [self.position]))

    def change(self, trip: PublicTrip, *, with_path: bool) -> bytes | None:
        """Put the trip as just read in place; a frame if it differs. It leaves out a route and a track the pages
        have; `with_path` brings a track they lack points of."""
        known = self.trip
        merged = newest(self.position, trip.position)
        self.moved = self.moved or merged is not self.position
        self.position, self.trip = merged, trip
        track = trip.track if with_path and self.path_is_behind else None
        if track is None and known is not None and self._face(known) == self._face(trip):
            return None
        if track is not None:
            self.drawn, self.heard = track, 0
        self.sequence += 1
        route = None if known is not None and known.route == trip.route else trip.route
        said = replace(trip, route=route, track=track, position=merged)
        return _encoder.encode(ShareChanged(self.epoch, self.sequence, said))

    def snapshot(self, server_time_ms: int) -> bytes:
        """The whole picture as a frame. Raises LookupError before the first `load`."""
        if self.trip is None:
            raise LookupError("nothing loaded yet")
        trip = replace(self.trip, position=self.position, server_time_ms=server_time_ms)
        return _encoder.encode(ShareSnapshot(self.epoch, self.sequence, server_time_ms, trip))

    @staticmethod
    def _face(trip: PublicTrip) -> PublicTrip:
        return replace(trip, track=None, position=None, server_time_ms=0)
