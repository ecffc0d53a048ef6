"""Public links to one trip: made, shown again, extended, revoked, opened."""

import datetime as dt
import secrets
import time

import asyncpg
import msgspec

from freight.accounts.actions import Client
from freight.accounts.tokens import token_hash
from freight.basemap import MapSettings
from freight.config import FreightConfig
from freight.errors import Conflict, NotFound
from freight.live import Changed, ended, to_organisation
from freight.orders.views import StopView
from freight.shares import queries
from freight.shares.rules import MOST_PER_TRIP, VISIT, check_expiry, device_of, network_of, share_token
from freight.shares.views import ChangeShare, NewShare, PublicStop, PublicTrip, ShareView, ShareVisit, Watcher
from freight.texts import tidy
from freight.trips.actions import owned_trip
from freight.trips.paths import track_view
from freight.trips.reading import route_view, trip_views
from freight.work import Work
from store.pool import Connection

LONGEST_USER_AGENT = 300


class OpenedShare(msgspec.Struct, frozen=True):
    """A link that holds: which trip it shows, and until when."""

    id: int
    trip_id: int
    organisation_id: int
    ends_at: dt.datetime | None


async def create_share(work: Work, config: FreightConfig, trip_id: int, new: NewShare) -> ShareView:
    """A new link to a trip. Raises NotFound, Invalid for an impossible end, Conflict when there are fifty."""
    check_expiry(new.expires_at, _now())
    connection, organisation_id = work.connection, work.organisation_id
    trip = await owned_trip(connection, organisation_id, trip_id)
    await connection.execute(queries.LOCK_TRIP, trip.id)
    if await connection.fetchval(queries.COUNT, trip_id) >= MOST_PER_TRIP:
        raise Conflict("too_many_shares", "revoke a link first", data={"maximum": MOST_PER_TRIP})
    share_id = await connection.fetchval(queries.NEXT_ID)
    nonce = secrets.token_bytes(16)
    hashed = token_hash(share_token(config.device_secret, share_id, nonce))
    await connection.execute(
        queries.INSERT,
        share_id,
        trip.id,
        organisation_id,
        work.user_id,
        tidy(new.label),
        nonce,
        hashed,
        new.expires_at,
        config.share_days,
    )
    # Its driver and every colleague see that someone watches.
    work.tell(to_organisation(organisation_id, Changed("trip", trip.id)))
    return await share_view(connection, config, organisation_id, share_id)


async def share_view(connection: Connection, config: FreightConfig, organisation_id: int, share_id: int) -> ShareView:
    """One link as its maker sees it. Raises NotFound, also for another organisation's."""
    row = await connection.fetchrow(queries.ONE, organisation_id, share_id)
    if row is None:
        raise NotFound("share")
    return _view(config, row)


async def list_shares(
    connection: Connection, config: FreightConfig, organisation_id: int, trip_id: int
) -> list[ShareView]:
    """A trip's links, newest first, revoked ones as well. Raises NotFound."""
    await owned_trip(connection, organisation_id, trip_id)
    rows = await connection.fetch(queries.OF_TRIP, organisation_id, trip_id)
    return [_view(config, row) for row in rows]


async def change_share(work: Work, config: FreightConfig, share_id: int, change: ChangeShare) -> ShareView:
    """Rename or extend a link; open pages learn of the new end. Raises NotFound, Conflict when it is revoked."""
    connection, organisation_id = work.connection, work.organisation_id
    share = await share_view(connection, config, organisation_id, share_id)
    label = None if change.label is msgspec.UNSET else tidy(change.label)
    is_moved = change.expires_at is not msgspec.UNSET
    expires_at = None if change.expires_at is msgspec.UNSET else change.expires_at
    check_expiry(expires_at, _now())
    if await connection.fetchval(queries.CHANGE, share_id, label, is_moved, expires_at, config.share_days) is None:
        raise Conflict("share_revoked", "a revoked link stays revoked")
    _tell_of_end(work, share)
    return await share_view(connection, config, organisation_id, share_id)


async def revoke_share(work: Work, config: FreightConfig, share_id: int) -> None:
    """End a link at once; whoever watches by it is closed within seconds. Raises NotFound."""
    share = await share_view(work.connection, config, work.organisation_id, share_id)
    await work.connection.execute(queries.REVOKE, share_id, work.organisation_id)
    _tell_of_end(work, share)


def _tell_of_end(work: Work, share: ShareView) -> None:
    work.tell([ended("share", share.id), *to_organisation(work.organisation_id, Changed("trip", share.trip_id))])


async def share_visits(
    connection: Connection, config: FreightConfig, organisation_id: int, share_id: int
) -> list[ShareVisit]:
    """Who opened a link lately, newest first. Raises NotFound."""
    await share_view(connection, config, organisation_id, share_id)
    rows = await connection.fetch(queries.VISITS, share_id)
    return [ShareVisit(row["at"], row["address"] or "", device_of(row["user_agent"])) for row in rows]


async def watchers(connection: Connection, trip_id: int) -> list[Watcher]:
    """Who may see a trip's truck by a link that holds: what its driver is told."""
    rows = await connection.fetch(queries.WATCHERS, trip_id)
    return [Watcher(row["label"], row["ends_at"], row["last_viewed_at"]) for row in rows if _holds(row)]


async def open_share(connection: Connection, token: str, client: Client) -> OpenedShare | None:
    """The link of a token, its visit written down; None alike for unknown, expired and revoked ones."""
    # Any text is hashed and looked up, so that a guess learns nothing from the time.
    row = await connection.fetchrow(queries.BY_HASH, token_hash(token))
    if row is None or not _holds(row):
        return None
    await connection.execute(
        queries.LOG_VISIT, row["id"], network_of(client.inet()), client.user_agent[:LONGEST_USER_AGENT], VISIT
    )
    return OpenedShare(row["id"], row["trip_id"], row["organisation_id"], row["ends_at"])


async def alive_shares(connection: Connection, share_ids: list[int]) -> set[int]:
    """Which of these links still hold: one query for every open socket."""
    rows = await connection.fetch(queries.BY_ID, share_ids)
    return {row["id"] for row in rows if _holds(row)}


async def public_trip(
    connection: Connection, share: OpenedShare, config: FreightConfig, map: MapSettings
) -> PublicTrip:
    """What a link shows now. Raises NotFound when it ended meanwhile."""
    row = next(iter(await connection.fetch(queries.BY_ID, [share.id])), None)
    trip = (await trip_views(connection, [share.trip_id])).get(share.trip_id)
    if row is None or not _holds(row) or trip is None:
        raise NotFound("share")
    return PublicTrip(
        brand=config.brand,
        order_id=trip.order_id,
        stage=trip.stage,
        cargo_name=trip.cargo_name,
        driver_name=trip.driver.name,
        vehicle_plate=trip.driver.vehicle_plate,
        vehicle_model=trip.driver.vehicle_model,
        stops=[_public_stop(stop) for stop in trip.stops],
        route=await route_view(connection, trip.id),
        track=await track_view(connection, trip.id),
        position=trip.position,
        delivered_at=trip.delivered_at,
        ends_at=row["ends_at"],
        server_time_ms=int(time.time() * 1000),
        map=map,
    )


def _public_stop(stop: StopView) -> PublicStop:
    return PublicStop(**{name: getattr(stop, name) for name in PublicStop.__struct_fields__})


def _holds(row: asyncpg.Record) -> bool:
    return row["revoked_at"] is None and (row["ends_at"] is None or row["ends_at"] > _now())


def _view(config: FreightConfig, row: asyncpg.Record) -> ShareView:
    token = share_token(config.device_secret, row["id"], row["nonce"])
    return ShareView(
        id=row["id"],
        trip_id=row["trip_id"],
        label=row["label"],
        url=f"{config.public_url}/s#{token}",
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        ends_at=row["ends_at"],
        days_after_delivery=row["days_after_delivery"],
        revoked_at=row["revoked_at"],
        active=_holds(row),
        view_count=row["view_count"],
        last_viewed_at=row["last_viewed_at"],
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
