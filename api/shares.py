"""Public links: for the dispatcher who makes them, and for whoever opens one."""

from api.context import Context
from api.http import Endpoints
from freight.accounts.actions import Client
from freight.accounts.rules import organisation_of
from freight.accounts.views import UserView
from freight.drivers.setup import qr_svg
from freight.errors import NotFound
from freight.networks import network
from freight.shares import actions
from freight.shares.views import (
    ChangeShare,
    NewShare,
    OpenShare,
    PublicTrip,
    ShareList,
    ShareView,
    ShareVisits,
)
from freight.work import Work
from store.pool import Connection

endpoints = Endpoints("Shares")


@endpoints.add("GET", "/api/trips/{trip_id}/shares")
async def list_shares(context: Context, connection: Connection, user: UserView, trip_id: int) -> ShareList:
    """A trip's links, newest first."""
    return ShareList(await actions.list_shares(connection, context.config, organisation_of(user), trip_id))


@endpoints.add("POST", "/api/trips/{trip_id}/shares", status=201)
async def create_share(context: Context, work: Work, trip_id: int, body: NewShare) -> ShareView:
    """A new link to a trip."""
    return await actions.create_share(work, context.config, trip_id, body)


@endpoints.add("PATCH", "/api/shares/{share_id}")
async def change_share(context: Context, work: Work, share_id: int, body: ChangeShare) -> ShareView:
    """Rename or extend a link."""
    return await actions.change_share(work, context.config, share_id, body)


@endpoints.add("DELETE", "/api/shares/{share_id}")
async def revoke_share(context: Context, work: Work, share_id: int) -> None:
    """End a link at once; open pages are closed."""
    await actions.revoke_share(work, context.config, share_id)


@endpoints.add("GET", "/api/shares/{share_id}/views")
async def share_visits(context: Context, connection: Connection, user: UserView, share_id: int) -> ShareVisits:
    """Who opened a link lately."""
    return ShareVisits(await actions.share_visits(connection, context.config, organisation_of(user), share_id))


@endpoints.add("GET", "/api/shares/{share_id}/qr.svg", media_type="image/svg+xml")
async def share_qr(context: Context, connection: Connection, user: UserView, share_id: int) -> str:
    """A link as a QR code."""
    share = await actions.share_view(connection, context.config, organisation_of(user), share_id)
    return qr_svg(share.url)


@endpoints.add("POST", "/api/share")
async def open_share(context: Context, connection: Connection, client: Client, body: OpenShare) -> PublicTrip:
    """What a link shows. Unknown, expired and revoked links are answered alike."""
    await context.limits.check("share", network(client.address))
    share = await actions.open_share(connection, body.token, client)
    if share is None:
        raise NotFound("share")
    return await actions.public_trip(connection, share, context.config, context.map)
