"""Who is told of a fact: a row per person before any sending, read when he has seen it."""

from collections.abc import Sequence

from freight.events.reading import event_views
from freight.live import Notified
from freight.notifications import queries
from freight.notifications.audience import audience
from freight.notifications.views import NotificationPage, NotificationView
from store.pool import Connection


async def notify(connection: Connection, event_id: int) -> tuple[int | None, list[Notified]]:
    """Write a row for everyone an event concerns; its organisation, if any, and what to publish on its channel.

    A repeat writes and returns nothing new; a corrected event is told again, once a revision. Of facts learnt late of
    one trip only the newest stays unread. Call it in a transaction.
    """
    await connection.execute(queries.WAIT_FOR_LATE_ONES, event_id)
    event = await connection.fetchrow(queries.EVENT, event_id)
    if event is None:
        return None, []
    rows = await connection.fetch(queries.INSERT, event_id, await audience(connection, event_id, event["kind"]))
    await connection.execute(queries.LEAVE_NEWEST_LATE_ONE, event_id)
    return event["organisation_id"], [Notified(row["user_id"], row["id"]) for row in rows]


async def unread_counts(connection: Connection, user_ids: Sequence[int]) -> dict[int, int]:
    """How many notifications each of these people has not read."""
    return {row["user_id"]: row["unread"] for row in await connection.fetch(queries.UNREAD, list(user_ids))}


async def unread_count(connection: Connection, user_id: int) -> int:
    """How many notifications one person has not read."""
    return (await unread_counts(connection, [user_id]))[user_id]


async def notification_page(
    connection: Connection, user_id: int, before_id: int | None, limit: int
) -> NotificationPage:
    """A page of a person's notifications, newest first."""
    rows = await connection.fetch(queries.PAGE, user_id, before_id, limit + 1)
    events = await event_views(connection, [row["event_id"] for row in rows])
    views = [
        NotificationView(
            id=row["id"],
            created_at=row["created_at"],
            read_at=row["read_at"],
            event=events[row["event_id"]],
            driver_name=row["driver_name"] or "",
            from_name=row["from_name"] or "",
            to_name=row["to_name"] or "",
        )
        for row in rows[:limit]
    ]
    return NotificationPage(views, await unread_count(connection, user_id), views[-1].id if len(rows) > limit else None)


async def read_up_to(connection: Connection, user_id: int, notification_id: int) -> int:
    """Mark a person's notifications as read up to one of them; how many are left unread."""
    await connection.execute(queries.READ_UP_TO, user_id, notification_id)
    return await unread_count(connection, user_id)
