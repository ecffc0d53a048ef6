"""The room of an organisation: everyone who dispatches for it sees all its open trips and hears of every fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec.structs import replace

from freight.events.reading import FactsMark, event_views, events_since, facts_mark
from freight.events.views import EventView
from freight.live import organisation
from freight.tracking.views import PositionView
from freight.trips.reading import shown_of, shown_trips
from freight.trips.views import TripView
from push.limits import PushLimits
from push.messages import EventHappened, Positions, TripChanged, TripGone
from push.rooms.picture import Events, Steps, encode, encoded, newest
from push.rooms.room import EVENT, Room, now_ms
from push.session import Session
from store.pool import Connection, Pool

TRIP = "trip"


class _RawSnapshot(msgspec.Struct, frozen=True, tag="snapshot"):
    """`push.messages.Snapshot` with the trips already encoded: of a room's snapshot only the count of unread
    notifications differs from one listener to the next."""

    epoch: str
    sequence: int
    server_time_ms: int
    trips: msgspec.Raw
    unread_count: int


def _face(trip: TripView) -> TripView:
    """A trip without what changes by itself with every word of the phone."""
    return replace(trip, position=None, silence=replace(trip.silence, last_heard_at=None))


class OrganisationPicture(Steps):
    """All open trips of one organisation, and those finished lately, without I/O."""

    def __init__(self) -> None:
        super().__init__()
        self.trips: dict[int, TripView] = {}
        self.positions: dict[int, PositionView] = {}
        self.moved: set[int] = set()
        self.events = Events()
        self.encoded_trips: msgspec.Raw | None = None

    def load(self, trips: Iterable[TripView]) -> None:
        """Begin a new epoch with these trips; positions heard since before they were read stay if newer."""
        self.begin()
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
        return encode(Positions(*self.step(), server_time_ms, moved))

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
        return encode(TripChanged(*self.step(), replace(trip, position=position)))

    def forget(self, trip_id: int) -> bytes | None:
        """A trip does not belong in the picture, or not any more; a frame if listeners have it."""
        self.positions.pop(trip_id, None)
        self.moved.discard(trip_id)
        if self.trips.pop(trip_id, None) is None:
            return None
        self.encoded_trips = None
        return encode(TripGone(*self.step(), trip_id))

    def tell(self, event: EventView) -> bytes | None:
        """A frame for a fact, unless this revision of it was told before."""
        if not self.events.is_news(event):
            return None
        return encode(EventHappened(*self.step(), event))

    def snapshot(self, server_time_ms: int, unread_count: int) -> bytes:
        """The whole picture as a frame; the deltas that follow begin with the next sequence."""
        if self.encoded_trips is None:
            whole = [replace(trip, position=self.positions.get(trip.id)) for trip in self.trips.values()]
            self.encoded_trips = encoded(whole)
        return encode(_RawSnapshot(self.epoch, self.sequence, server_time_ms, self.encoded_trips, unread_count))


class OrganisationRoom(Room):
    """The organisation's live picture and facts."""

    kind = "organisation"

    def __init__(self, organisation_id: int, pool: Pool, limits: PushLimits) -> None:
        super().__init__([organisation(organisation_id)], pool, limits, limits.positions_every_s)
        self.organisation_id = organisation_id
        self.picture = OrganisationPicture()
        # How far facts were told.
        self.told: FactsMark | None = None

    async def load(self, connection: Connection) -> None:
        if self.told is None:
            await self._remember_facts(connection)
        self.picture.load(await shown_trips(connection, self.organisation_id))

    async def refresh(self, connection: Connection) -> None:
        self._show(await shown_trips(connection, self.organisation_id), set(self.picture.trips))

    async def read(self, connection: Connection, due: Mapping[str, set[int]]) -> None:
        event_ids, trip_ids = due.get(EVENT, set()), due.get(TRIP, set())
        events = await event_views(connection, list(event_ids)) if event_ids else {}
        trips = await shown_of(connection, self.organisation_id, list(trip_ids)) if trip_ids else []
        self._show(trips, trip_ids)
        for event in events.values():
            self.say(self.picture.tell(event))

    def _show(self, trips: Iterable[TripView], looked_for: set[int]) -> None:
        """Put trips as just read in place; those looked for and not found have left the picture."""
        found = set()
        for trip in trips:
            found.add(trip.id)
            self.say(self.picture.change(trip))
        for trip_id in looked_for - found:
            self.say(self.picture.forget(trip_id))
        self.move(())

    async def _remember_facts(self, connection: Connection) -> None:
        """What happened before anyone was here is no news."""
        mark = await facts_mark(connection, self.organisation_id)
        async for events in events_since(connection, self.organisation_id, mark):
            for event in events:
                self.picture.events.is_news(event)
        self.told = mark

    async def catch_up(self, connection: Connection) -> None:
        if self.told is None:
            return
        # Before they are read, and kept only when all are told: what comes meanwhile is looked for next time.
        mark = await facts_mark(connection, self.organisation_id)
        async for events in events_since(connection, self.organisation_id, self.told):
            for event in events:
                self.say(self.picture.tell(event))
        self.told = mark

    def snapshot(self, member: Session) -> bytes:
        return self.picture.snapshot(now_ms(), member.unread_count)

    def take(self, positions: Iterable[PositionView]) -> None:
        # A trip unheard of is read; its position is shown with it.
        unknown = self.picture.take(positions)
        if unknown:
            self.due[TRIP] |= unknown

    def positions_frame(self) -> bytes | None:
        return self.picture.positions_frame(now_ms())

    def concerns(self, noun: str, id: int) -> bool:
        return True
