"""The bell: what one was told, and what is read of it."""

from typing import Annotated

import msgspec

from api.context import Context
from api.http import Endpoints
from freight.accounts.views import UserView
from freight.fields import BigId
from freight.live import Notified, to_organisation
from freight.notifications import actions
from freight.notifications.views import NotificationPage, ReadUpTo
from freight.work import Work
from store.pool import Connection

endpoints = Endpoints("Notifications")


class NotificationsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of notifications."""

    before_id: BigId | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 30


@endpoints.add("GET", "/api/notifications")
async def list_notifications(connection: Connection, user: UserView, query: NotificationsQuery) -> NotificationPage:
    """What I was told, newest first."""
    return await actions.notification_page(connection, user.id, query.before_id, query.limit)


async def count_change(context: Context, user: UserView) -> None:
    """One change more of this person."""
    await context.limits.check("changes", str(user.id))


@endpoints.add("POST", "/api/notifications/read", prepare=count_change)
async def read(work: Work, user: UserView, body: ReadUpTo) -> None:
    """Mark everything up to a notification as read; the person's other windows count anew."""
    await actions.read_up_to(work.connection, user.id, body.up_to_id)
    if user.organisation_id is not None:
        work.tell(to_organisation(user.organisation_id, Notified(user.id, body.up_to_id)))
