"""The live side as an ASGI application: `/ws` for signed-in people, `/ws/share` for public links."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from freight.accounts.actions import Client, session_user
from freight.accounts.rules import organisation_of
from freight.accounts.tokens import SESSION_COOKIE, token_hash
from freight.accounts.views import UserView
from freight.basemap import MapSettings
from freight.config import FreightConfig
from freight.permissions import room_of
from freight.shares.actions import open_share
from push.errors import BadMessage, NoSuchShare, NotNow, NotSignedIn, Refusal
from push.limits import PushLimits
from push.messages import Join, Open, Resync
from push.rooms.organisation import OrganisationRoom
from push.rooms.room import Room
from push.rooms.share import ShareRoom
from push.session import Gone, Session
from push.switchboard import Switchboard
from store.away import DATABASE_ERRORS, is_away
from store.bus import BusConfig
from store.pool import Pool

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Services:
    """What the live side works with. `map` is what a share page is told of the basemap."""

    pool: Pool
    bus: BusConfig
    config: FreightConfig
    map: MapSettings = MapSettings()  # noqa: RUF009 - frozen
    limits: PushLimits = PushLimits()  # noqa: RUF009 - frozen


def origin_allowed(origin: str | None, host: str | None, public_url: str) -> bool:
    """Whether a page of this origin may open a socket: our own address, or whatever host the browser used for us.

    Programs send no Origin; they have no foreign page's cookies either.
    """
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        # No page has such an address.
        return False
    own = urlsplit(public_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    return (parts.scheme, parts.netloc) == (own.scheme, own.netloc) or parts.netloc == host


Key = tuple[str, int]


def _organisation(user: UserView, services: Services) -> tuple[Key, Callable[[], Room]]:
    organisation_id = organisation_of(user)
    key = (OrganisationRoom.kind, organisation_id)
    return key, lambda: OrganisationRoom(organisation_id, services.pool, services.limits)


# What a signed-in person's room is made of, by its noun in `freight.permissions`, which says whose it is.
ROOMS: Mapping[str, Callable[[UserView, Services], tuple[Key, Callable[[], Room]]]] = {
    OrganisationRoom.kind: _organisation,
}


class Entrance:
    """The two kinds of sockets, from handshake to end."""

    def __init__(self, services: Services, switchboard: Switchboard) -> None:
        self.services = services
        self.switchboard = switchboard

    async def live(self, websocket: WebSocket) -> None:
        """`/ws`: the session cookie says who, the first message must be `join`."""
        await self._serve(websocket, self._sign_in)

    async def share(self, websocket: WebSocket) -> None:
        """`/ws/share`: the first message must be `open` with the link's token."""
        await self._serve(websocket, self._open)

    async def _serve(self, websocket: WebSocket, enter: Callable[[Session], Awaitable[None]]) -> None:
        headers = websocket.headers
        if not origin_allowed(headers.get("origin"), headers.get("host"), self.services.config.public_url):
            # Before the handshake is answered: the page learns nothing, not even who is signed in.
            await websocket.close()
            return
        await websocket.accept()
        session = Session(websocket, self.services.limits)
        try:
            await enter(session)
            await session.listen()
        except Refusal as refusal:
            session.refuse(refusal)
        except DATABASE_ERRORS as error:
            session.refuse(NotNow())
            if not is_away(error):
                raise
            log.warning("socket_not_served", error=repr(error))
        except Gone:
            pass
        finally:
            self.switchboard.leave(session)

    async def _first(self, session: Session) -> Join | Open | Resync:
        try:
            async with asyncio.timeout(self.services.limits.sign_in_s):
                return await session.receive()
        except TimeoutError:
            raise NotSignedIn("Nothing was said in time") from None

    async def _sign_in(self, session: Session) -> None:
        token = session.websocket.cookies.get(SESSION_COOKIE, "")
        user = await self._user(token)
        noun = room_of(user.role) if user is not None else None
        if user is None or noun is None:
            raise NotSignedIn
        if not isinstance(await self._first(session), Join):
            raise BadMessage("The first message is join")
        session.user_id, session.token_hash = user.id, token_hash(token)
        self.switchboard.admit(session)
        key, make = ROOMS[noun](user, self.services)
        session.enter(self.switchboard.enter(session, key, make))

    async def _user(self, token: str) -> UserView | None:
        async with self.services.pool.acquire() as connection:
            return await session_user(connection, token)

    async def _open(self, session: Session) -> None:
        message = await self._first(session)
        if not isinstance(message, Open):
            raise BadMessage("The first message is open")
        client = Client(session.address, session.websocket.headers.get("user-agent", ""))
        services = self.services
        async with services.pool.acquire() as connection:
            share = await open_share(connection, message.token, client)
        if share is None:
            raise NoSuchShare
        session.share_id = share.id
        self.switchboard.admit(session)
        session.enter(
            self.switchboard.enter(
                session,
                (ShareRoom.kind, share.id),
                lambda: ShareRoom(share, services.pool, services.config, services.map, services.limits),
            )
        )


def create_app(services: Services) -> Starlette:
    """The application; serve it with `ws=push.protocol.LiveProtocol`."""
    switchboard = Switchboard(services.pool, services.bus, services.limits)
    entrance = Entrance(services, switchboard)

    async def ready(request: Request) -> PlainTextResponse:
        connected = switchboard.listener.connected
        return PlainTextResponse("ready" if connected else "no bus", 200 if connected else 503)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        running = asyncio.create_task(switchboard.run())
        running.add_done_callback(_end_on_bug)
        yield
        running.remove_done_callback(_end_on_bug)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    app = Starlette(
        routes=[
            WebSocketRoute("/ws", entrance.live),
            WebSocketRoute("/ws/share", entrance.share),
            Route("/health/ready", ready),
        ],
        lifespan=lifespan,
    )
    app.state.switchboard = switchboard
    return app


def _end_on_bug(running: asyncio.Task[None]) -> None:
    # Without the switchboard every open map would silently stand still; the supervisor starts us anew.
    log.critical("switchboard_ended", exc_info=running.exception())
    signal.raise_signal(signal.SIGTERM)
