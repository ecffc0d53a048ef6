"""Signing in and out, by password or one-time link."""

from api.context import Context
from api.http import Endpoints, WithCookie
from freight.accounts import actions
from freight.accounts.actions import Client
from freight.accounts.phones import read_login
from freight.accounts.tokens import csrf_of
from freight.accounts.views import (
    ChangePassword,
    ChangeSelf,
    SessionView,
    SignIn,
    SignInByLink,
    UserView,
)
from freight.live import ended, publish
from freight.networks import network
from store.pool import Connection

endpoints = Endpoints("Session")


@endpoints.add("POST", "/api/session", "public")
async def sign_in(context: Context, client: Client, body: SignIn) -> WithCookie[SessionView]:
    """Sign in by e-mail address or phone number and password."""
    where = network(client.address)
    await context.limits.check("sign_in_network", where)
    # One account has one count, in however many ways its number can be written.
    account = next(filter(None, read_login(body.login)), "nobody")
    await context.limits.check("sign_in_account", f"{where} {account}")
    token, user = await actions.sign_in(context.pool, body, client, context.config.session_days)
    return WithCookie(_view(context, user, token), token)


@endpoints.add("POST", "/api/session/link", "public")
async def sign_in_by_link(
    context: Context, connection: Connection, client: Client, body: SignInByLink
) -> WithCookie[SessionView]:
    """Sign in by a one-time link, which is used up by it."""
    await context.limits.check("link", network(client.address))
    token, user = await actions.sign_in_by_link(connection, body.token, client, context.config.session_days)
    return WithCookie(_view(context, user, token), token)


@endpoints.add("GET", "/api/session", "signed_in")
async def session(context: Context, user: UserView, token: str) -> SessionView:
    """Who is signed in, with everything a page needs before its first draw."""
    return _view(context, user, token)


@endpoints.add("PATCH", "/api/session", "signed_in")
async def change_self(
    context: Context, connection: Connection, user: UserView, token: str, body: ChangeSelf
) -> SessionView:
    """Change one's own language."""
    return _view(context, await actions.change_self(connection, user.id, body), token)


@endpoints.add("DELETE", "/api/session", "signed_in")
async def sign_out(context: Context, connection: Connection, user: UserView, token: str) -> WithCookie[None]:
    """Sign out; the session's sockets are closed."""
    await actions.sign_out(connection, token)
    await publish(context.bus, [ended("sessions", user.id)])
    return WithCookie(None, None)


@endpoints.add("POST", "/api/session/password", "signed_in")
async def change_password(context: Context, user: UserView, token: str, body: ChangePassword) -> None:
    """Change one's own password; every other session of the person ends."""
    await context.limits.check("password", str(user.id))
    await actions.change_password(context.pool, user.id, token, body)
    await publish(context.bus, [ended("sessions", user.id)])


def _view(context: Context, user: UserView, token: str) -> SessionView:
    return SessionView(user, context.config.brand, context.map, context.config.share_days, csrf_of(token))
