"""Signing in and out, by password or one-time link."""

from api import metrics
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
from freight.errors import NotSignedIn
from freight.networks import neighbourhood, network
from freight.work import Work

endpoints = Endpoints("Session")


async def prove(context: Context, client: Client, body: SignIn) -> actions.Proven:
    """The password verified, as often as one may try."""
    where = network(client.address)
    await context.limits.check("sign_in_network", where)
    # One account has one count, in however many ways its number can be written.
    login = next(filter(None, read_login(body.login)), None)
    await context.limits.check("sign_in_account", f"{where} {login or 'nobody'}")
    account = await actions.find_account(context.pool, body.login, client)
    # What cannot be a login is no account's to be guessed at.
    guesses_at = account.user_id or login
    near = neighbourhood(client.address)
    guesses = f"{guesses_at} {near if account.comes_from_home else 'elsewhere'}"
    if guesses_at is not None:
        # Counted before it is known to be wrong: of many at once none would have been counted yet.
        await context.limits.check("sign_in_guesses", guesses)
    try:
        proven = await actions.prove(account, body.password)
    except NotSignedIn:
        metrics.SIGN_INS.labels("password", "wrong").inc()
        if guesses_at is not None and await context.limits.allows("wrong_guess_written", f"{guesses_at} {near}"):
            await actions.write_wrong_guess(context.pool, account, client)
        raise
    if account.comes_from_home:
        await context.limits.forgive("sign_in_guesses", guesses)
    return proven


@endpoints.add("POST", "/api/session", prepare=prove)
async def sign_in(context: Context, work: Work, client: Client, prepared: actions.Proven) -> WithCookie[SessionView]:
    """Sign in by e-mail address or phone number and password."""
    token, user = await actions.sign_in(work.connection, prepared, client, context.config.session_days)
    metrics.SIGN_INS.labels("password", "right").inc()
    return WithCookie(_view(context, user, token), token)


async def count_link(context: Context, client: Client) -> None:
    """Links are no lottery."""
    await context.limits.check("link", network(client.address))


@endpoints.add("POST", "/api/session/link", prepare=count_link)
async def sign_in_by_link(context: Context, work: Work, client: Client, body: SignInByLink) -> WithCookie[SessionView]:
    """Sign in by a one-time link, which is used up by it."""
    try:
        token, user = await actions.sign_in_by_link(work.connection, body.token, client, context.config.session_days)
    except NotSignedIn:
        metrics.SIGN_INS.labels("link", "wrong").inc()
        raise
    metrics.SIGN_INS.labels("link", "right").inc()
    return WithCookie(_view(context, user, token), token)


@endpoints.add("GET", "/api/session")
async def session(context: Context, user: UserView, token: str) -> SessionView:
    """Who is signed in, with everything a page needs before its first draw."""
    return _view(context, user, token)


@endpoints.add("PATCH", "/api/session")
async def change_self(context: Context, work: Work, user: UserView, token: str, body: ChangeSelf) -> SessionView:
    """Change one's own language."""
    return _view(context, await actions.change_self(work.connection, user.id, body), token)


@endpoints.add("DELETE", "/api/session")
async def sign_out(work: Work, token: str) -> WithCookie[None]:
    """Sign out; the session's sockets are closed."""
    await actions.sign_out(work, token)
    return WithCookie(None, None)


async def prove_current(context: Context, user: UserView, body: ChangePassword) -> actions.NewPassword:
    """The current password verified, the new one hashed."""
    await context.limits.check("password", str(user.id))
    return await actions.prove_current(context.pool, user.id, body)


@endpoints.add("POST", "/api/session/password", prepare=prove_current)
async def change_password(work: Work, user: UserView, token: str, prepared: actions.NewPassword) -> None:
    """Change one's own password; every other session of the person ends."""
    await actions.change_password(work, user.id, token, prepared)


def _view(context: Context, user: UserView, token: str) -> SessionView:
    return SessionView(user, context.config.brand, context.map, context.config.share_days, csrf_of(token))
