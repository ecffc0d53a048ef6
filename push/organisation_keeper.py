"""Keeps the room of one organisation: all its open trips."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from freight.events.reading import event_views, events_changed_since
from freight.live import organisation
from freight.notifications.actions import unread_counts
from freight.tracking.views import PositionView
from freight.trips.reading import open_trips, trip_views
from push.keeper import Keeper, now_ms
from push.limits import PushLimits
from push.messages import Unread
from push.rooms import OrganisationRoom, encode
from push.session import Session
from store.pool import Pool

# A transaction may be seen this long after its rows say they were written.
LATE_COMMIT = dt.timedelta(seconds=30)


class OrganisationKeeper(Keeper):
    """The organisation's live picture and facts."""

    kind = "org"

    def __init__(self, organisation_id: int, pool: Pool, limits: PushLimits) -> None:
        super().__init__(organisation(organisation_id), pool, limits, limits.positions_every_s)
        self.organisation_id = organisation_id
        self.room = OrganisationRoom(organisation_id)
        # The database's clock when facts were last looked for.
        self.facts_until: dt.datetime | None = None

    async def load(self) -> None:
        if self.facts_until is None:
            await self.catch_up()
        async with self.pool.acquire() as connection:
            trips = await open_trips(connection, self.organisation_id)
            unread = await unread_counts(connection, self.member_ids)
        self.room.load(trips)
        self.know_unread(unread)

    async def refresh(self) -> None:
        async with self.pool.acquire() as connection:
            trips = await open_trips(connection, self.organisation_id)
            unread = await unread_counts(connection, self.member_ids)
        for member in self.know_unread(unread):
            member.say(encode(Unread(member.unread_count)))
        for trip in trips:
            self.say(self.room.change(trip))
        for trip_id in self.room.trips.keys() - {trip.id for trip in trips}:
            self.room.forget(trip_id)
        self.move(())
        await self.catch_up()

    async def catch_up(self) -> None:
        """Tell the facts that no message told. The first time only remember them: they are no news."""
        since = self.facts_until or dt.datetime.now(dt.UTC)
        async with self.pool.acquire() as connection:
            now, events = await events_changed_since(connection, self.organisation_id, since - LATE_COMMIT)
        for event in events:
            if self.facts_until is None:
                self.room.events.is_news(event)
            else:
                self.say(self.room.tell(event))
        self.facts_until = now

    async def read_rows(self, trip_ids: set[int], event_ids: set[int], user_ids: set[int]) -> None:
        async with self.pool.acquire() as connection:
            events = await event_views(connection, list(event_ids)) if event_ids else {}
            trips = await trip_views(connection, list(trip_ids)) if trip_ids else {}
            unread = await unread_counts(connection, list(user_ids)) if user_ids else {}
        for trip_id in trip_ids:
            if trip_id in trips:
                self.say(self.room.change(trips[trip_id]))
            else:
                self.room.forget(trip_id)
        self.move(())
        for event in events.values():
            self.say(self.room.tell(event))
        self.know_unread(unread)
        for member in self.members:
            # Also when the number is the same: of two notifications the older one may have been read by itself.
            if member.user_id in unread:
                member.say(encode(Unread(member.unread_count)))

    @property
    def member_ids(self) -> list[int]:
        """Everyone who has this room open, each once, however many pages he has."""
        return list({member.user_id for member in self.members if member.user_id is not None})

    def know_unread(self, unread: Mapping[int, int]) -> list[Session]:
        """Take how much people have not read; returns the sockets that were told otherwise."""
        wrong = [
            member for member in self.members if unread.get(member.user_id or 0) not in (None, member.unread_count)
        ]
        for member in wrong:
            member.unread_count = unread[member.user_id or 0]
        return wrong

    async def prepare(self, member: Session) -> None:
        if member.user_id is not None:
            async with self.pool.acquire() as connection:
                member.unread_count = (await unread_counts(connection, [member.user_id])).get(member.user_id, 0)

    def welcome(self, member: Session) -> None:
        member.say(self.room.snapshot(now_ms(), member.unread_count))

    def take(self, positions: Iterable[PositionView]) -> None:
        # A trip unheard of is read; its position is shown with it.
        self.trips_due |= self.room.take(positions)

    def positions_frame(self) -> bytes | None:
        return self.room.positions_frame(now_ms())

    def concerns(self, trip_id: int | None) -> bool:
        return True
