"""The bell: what one was told, and what is read of it."""

from typing import Annotated

import msgspec

from api.context import Context
from api.http import Endpoints
from freight.accounts.views import UserView
from freight.fields import BigId
from freight.live import Notified, publish, to_organisation
from freight.notifications import actions
from freight.notifications.views import NotificationPage, ReadUpTo
from store.pool import Connection

endpoints = Endpoints("Notifications")


class NotificationsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of notifications."""

    before_id: BigId | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 30


@endpoints.add("GET", "/api/notifications", "signed_in")
async def list_notifications(connection: Connection, user: UserView, query: NotificationsQuery) -> NotificationPage:
    """What I was told, newest first."""
    return await actions.notification_page(connection, user.id, query.before_id, query.limit)


@endpoints.add("POST", "/api/notifications/read", "signed_in")
async def read(context: Context, connection: Connection, user: UserView, body: ReadUpTo) -> None:
    """Mark everything up to a notification as read; the person's other windows count anew."""
    await context.limits.check("changes", str(user.id))
    await actions.read_up_to(connection, user.id, body.up_to_id)
    if user.organisation_id is not None:
        await publish(context.bus, to_organisation(user.organisation_id, Notified(user.id, body.up_to_id)))
