"""How much each person in a room has not read: told to his own sockets alone, whatever the room."""

from collections.abc import Iterable, Mapping

from freight.notifications.actions import unread_counts
from push.messages import Unread
from push.rooms.picture import encode
from push.session import Session
from store.pool import Connection


class Bell:
    """The counts of a room's members."""

    def __init__(self, members: set[Session]) -> None:
        self.members = members

    async def prepare(self, connection: Connection, member: Session) -> None:
        """Count for one who comes in."""
        if member.user_id is not None:
            member.unread_count = (await unread_counts(connection, [member.user_id])).get(member.user_id, 0)

    async def count(self, connection: Connection) -> None:
        """Count for everyone, silently: a snapshot follows."""
        self._know(await self._counts(connection))

    async def look(self, connection: Connection) -> None:
        """Count for everyone and tell whoever was told otherwise."""
        self._tell(self._know(await self._counts(connection)))

    async def ring(self, connection: Connection, user_ids: Iterable[int]) -> None:
        """Count for these and tell them, also when the number is the same: of two notifications the older one may
        have been read by itself."""
        counts = await unread_counts(connection, list(user_ids))
        self._know(counts)
        self._tell(member for member in self.members if member.user_id in counts)

    async def _counts(self, connection: Connection) -> dict[int, int]:
        """Of everyone who has this room open, each once, however many pages he has."""
        user_ids = {member.user_id for member in self.members if member.user_id is not None}
        return await unread_counts(connection, list(user_ids)) if user_ids else {}

    def _know(self, counts: Mapping[int, int]) -> list[Session]:
        """Take the counts; returns the sockets that were told otherwise."""
        wrong = [
            member for member in self.members if counts.get(member.user_id or 0) not in (None, member.unread_count)
        ]
        for member in wrong:
            member.unread_count = counts[member.user_id or 0]
        return wrong

    def _tell(self, members: Iterable[Session]) -> None:
        for member in members:
            member.say(encode(Unread(member.unread_count)))
