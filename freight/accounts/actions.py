"""Organisations, people, sessions and one-time links."""

import datetime as dt
import ipaddress
from typing import Any, Literal

import asyncpg
import msgspec

from freight.accounts import queries
from freight.accounts.passwords import hash_password, verify_password
from freight.accounts.phones import normalise_phone, read_login
from freight.accounts.rules import check_name, check_password, normalise_email
from freight.accounts.tokens import is_token, new_token, token_hash
from freight.accounts.views import ChangePassword, ChangeSelf, UserView
from freight.config import Language
from freight.errors import Conflict, Invalid, NotSignedIn
from freight.events.facts import Subject
from freight.live import ended
from freight.networks import neighbourhood
from freight.work import Work
from store.pool import Connection, Pool

Way = Literal["password", "link"]

LINK_DAYS = 7
LONGEST_USER_AGENT = 300
# Browsers and phones one person is signed in with at the same time.
MOST_SESSIONS = 50
# A network someone has signed in from is his own for so long.
HOME_DAYS = 90


class Client(msgspec.Struct, frozen=True):
    """Whence a request comes: the address as seen by the front, the browser's own words."""

    address: str | None = None
    user_agent: str = ""

    def inet(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The address for an `inet` column; None when it is no IP address."""
        try:
            return ipaddress.ip_address(self.address or "")
        except ValueError:
            return None


def user_view(row: asyncpg.Record) -> UserView:
    """A person from a row of `queries`."""
    return UserView(**{name: row[name] for name in UserView.__struct_fields__})


async def create_organisation(
    connection: Connection, name: str, language: Language = "ru", timezone: str = "Asia/Bishkek"
) -> int:
    """A dispatcher's or carrier's company; returns its id. Raises Invalid for an impossible name."""
    seen = check_name(name, longest=200)
    return int(await connection.fetchval(queries.INSERT_ORGANISATION, seen, language, timezone))


async def create_user(
    connection: Connection,
    *,
    organisation_id: int | None,
    role: str,
    name: str,
    email: str | None = None,
    phone: str | None = None,
    password: str | None = None,
    language: Language = "ru",
) -> int:
    """A person; returns his id. Without a password he can only come by a one-time link.

    Raises Invalid for an impossible name, address, number or password, Conflict when the e-mail address or the
    number is taken.
    """
    email = normalise_email(email) if email else None
    phone = normalise_phone(phone) if phone else None
    if password is not None:
        check_password(password, field="password", names=(name, email or "", phone or ""))
    hashed = await hash_password(password) if password is not None else None
    try:
        created = await connection.fetchval(
            queries.INSERT_USER, organisation_id, role, check_name(name), email, phone, hashed, language
        )
    except asyncpg.UniqueViolationError as error:
        field = "phone" if "phone" in (error.constraint_name or "") else "email"
        raise Conflict("taken", f"this {field} already belongs to someone", field=field) from None
    return int(created)


async def session_user(connection: Connection, token: str) -> UserView | None:
    """Who holds this session token; None when it is unknown, expired, or its user disabled. Slides the expiry."""
    if not is_token(token):
        return None
    hashed = token_hash(token)
    row = await connection.fetchrow(queries.SESSION_USER, hashed)
    if row is None:
        return None
    if row["stale"]:
        await connection.execute(queries.TOUCH_SESSION, hashed)
    return user_view(row)


async def alive_sessions(connection: Connection, hashes: list[bytes]) -> set[bytes]:
    """Which of these sessions (`tokens.token_hash`) still hold: one query for every open socket."""
    return {row["token_hash"] for row in await connection.fetch(queries.ALIVE_SESSIONS, hashes)}


class Account(msgspec.Struct, frozen=True):
    """Whom a login names, as far as a sign-in needs it; nobody, where there is no such account.

    `password_hash` is None where no password lets in; `comes_from_home`: the person has lately signed in from there.
    """

    user_id: int | None = None
    password_hash: str | None = None
    comes_from_home: bool = False


class Proven(msgspec.Struct, frozen=True):
    """Who showed the right password, and the hash it was right by."""

    user_id: int
    password_hash: str


async def find_account(pool: Pool, login: str, client: Client) -> Account:
    """Whose e-mail address or phone number this is, and whether he has been known to come from there."""
    async with pool.acquire() as connection:
        row = await connection.fetchrow(
            queries.CREDENTIALS, *read_login(login), neighbourhood(client.address), HOME_DAYS
        )
    if row is None:
        return Account()
    return Account(row["id"], None if row["disabled"] else row["password_hash"], row["comes_from_home"])


async def prove(account: Account, password: str) -> Proven:
    """That this is the account's password. Call it without a connection in hand: hashing takes longer than any query.

    Raises NotSignedIn (code `wrong_credentials`) whether it is wrong or there is no such account, Overloaded in a
    flood.
    """
    right = await verify_password(account.password_hash, password[:1000])
    if account.user_id is None or account.password_hash is None or not right:
        raise _wrong_credentials()
    return Proven(account.user_id, account.password_hash)


async def write_wrong_guess(pool: Pool, account: Account, client: Client) -> None:
    """Write down that somebody did not know the password of an account; takes as long where there is none."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(queries.DO_NOT_WAIT_FOR_THE_DISK)
        await connection.execute(queries.INSERT_WRONG_GUESS, account.user_id, neighbourhood(client.address))


async def sign_in(connection: Connection, proven: Proven, client: Client, session_days: int) -> tuple[str, UserView]:
    """A new session for who has proved himself: its token and whose it is. Raises NotSignedIn."""
    # Hashing takes its time: the password may have been replaced meanwhile, and every session ended.
    if await connection.fetchval(queries.STILL_HIS_PASSWORD, proven.user_id, proven.password_hash) is None:
        raise _wrong_credentials()
    return await open_session(connection, proven.user_id, client, session_days)


def _wrong_credentials() -> NotSignedIn:
    return NotSignedIn("wrong_credentials", "wrong login or password")


async def sign_in_by_link(
    connection: Connection, token: str, client: Client, session_days: int
) -> tuple[str, UserView]:
    """A new session for a one-time link, which is then used up. Raises NotSignedIn (code `link_ended`)."""
    user_id = await connection.fetchval(queries.USE_LINK, token_hash(token)) if is_token(token) else None
    if user_id is None:
        raise NotSignedIn("link_ended", "this link is unknown, used or expired")
    return await open_session(connection, user_id, client, session_days, way="link")


async def open_session(
    connection: Connection, user_id: int, client: Client, session_days: int, way: Way = "password"
) -> tuple[str, UserView]:
    """A session for a person who has proved himself, which is written down. Raises NotSignedIn when he is disabled."""
    row = await connection.fetchrow(queries.USER, user_id)
    if row is None:
        raise _wrong_credentials()
    token = new_token()
    await connection.execute(
        queries.INSERT_SESSION,
        token_hash(token),
        user_id,
        session_days,
        client.inet(),
        client.user_agent[:LONGEST_USER_AGENT],
    )
    await connection.execute(queries.DELETE_SURPLUS_SESSIONS, user_id, MOST_SESSIONS)
    where = neighbourhood(client.address)
    await audit(connection, user_id, None, "signed_in", subject=Subject("user", user_id), network=where, way=way)
    return token, user_view(row)


async def sign_out(work: Work, token: str) -> None:
    """End a session; its sockets are closed."""
    user_id = await work.connection.fetchval(queries.DELETE_SESSION, token_hash(token))
    if user_id is not None:
        work.tell([ended("sessions", user_id)])


class NewPassword(msgspec.Struct, frozen=True):
    """A password to be, hashed, and the hash of the one it replaces; None for a first one."""

    hashed: str
    before: str | None


async def prove_current(pool: Pool, user_id: int, request: ChangePassword) -> NewPassword:
    """Check a person's present password and the one he wants.

    Raises Invalid when the current one is wrong or the new one is not good enough.
    """
    async with pool.acquire() as connection:
        row = await connection.fetchrow(queries.PASSWORD_HASH, user_id)
    if row is None or not await verify_password(row["password_hash"], request.current[:1000]):
        raise _wrong_current()
    check_password(request.new, names=(row["name"], row["email"] or "", row["phone"] or "", request.current))
    return NewPassword(await hash_password(request.new), row["password_hash"])


async def change_password(work: Work, user_id: int, token: str, new: NewPassword) -> None:
    """Set a new password and end every other session of the person. Raises Invalid when it was replaced meanwhile."""
    connection = work.connection
    if await connection.fetchval(queries.CHANGE_PASSWORD, user_id, new.hashed, new.before) is None:
        raise _wrong_current()
    await connection.execute(queries.DELETE_OTHER_SESSIONS, user_id, token_hash(token))
    await audit(connection, user_id, None, "password_changed", subject=Subject("user", user_id))
    work.tell([ended("sessions", user_id)])


def _wrong_current() -> Invalid:
    return Invalid("current", "wrong_password", "this is not the current password")


async def first_password(pool: Pool, user_id: int, password: str) -> NewPassword:
    """Check the first password of a person who came by a link.

    Raises Invalid when it is not good enough, NotSignedIn when he is not there any more.
    """
    async with pool.acquire() as connection:
        row = await connection.fetchrow(queries.PASSWORD_HASH, user_id)
    if row is None:
        raise NotSignedIn
    check_password(password, names=(row["name"], row["email"] or "", row["phone"] or ""))
    return NewPassword(await hash_password(password), None)


async def set_first_password(work: Work, user_id: int, new: NewPassword) -> None:
    """Give a person who came by a link his first password.

    Raises Conflict when there is one already: that is changed by who knows it; NotSignedIn when he was locked out
    meanwhile.
    """
    connection = work.connection
    await connection.execute(queries.LOCK_USER, user_id)
    await check_signed_in(connection, user_id)
    if await connection.fetchval(queries.SET_FIRST_PASSWORD, user_id, new.hashed) is None:
        raise Conflict("password_exists", "there is a password already: change it instead")
    await audit(connection, user_id, None, "password_set", subject=Subject("user", user_id))


async def check_signed_in(connection: Connection, user_id: int) -> None:
    """For what would let a person in who was locked out after his request was. Raises NotSignedIn."""
    if not await connection.fetchval(queries.HAS_SESSION, user_id):
        raise NotSignedIn


async def lock_out(connection: Connection, user_id: int) -> None:
    """End every session, unused link and the password of a person: nothing but a new link lets him in again.

    The caller tells open sockets (`live.ended`) after the commit.
    """
    await connection.execute(queries.SET_PASSWORD, user_id, None)
    await end_access(connection, user_id)


async def end_access(connection: Connection, user_id: int) -> None:
    """End a person's unused links and his sessions, in this order: whoever is just using a link is waited for."""
    await connection.execute(queries.END_LINKS, user_id)
    await connection.execute(queries.DELETE_SESSIONS, user_id)


async def change_self(connection: Connection, user_id: int, request: ChangeSelf) -> UserView:
    """Change what a person may change of himself; as he is now. Raises NotSignedIn when he was disabled."""
    if request.language is not None:
        await connection.execute(queries.SET_LANGUAGE, user_id, request.language)
    row = await connection.fetchrow(queries.USER, user_id)
    if row is None:
        raise NotSignedIn
    return user_view(row)


async def create_link(connection: Connection, user_id: int, created_by: int | None) -> tuple[str, dt.datetime]:
    """The token of a one-time link that signs `user_id` in, and when it ends."""
    token = new_token()
    expires_at = await connection.fetchval(queries.INSERT_LINK, token_hash(token), user_id, created_by, LINK_DAYS)
    return token, expires_at


async def delete_expired_sessions(connection: Connection) -> None:
    """Drop sessions and one-time links that nobody can use any more; for the worker's regular round."""
    await connection.execute(queries.DELETE_EXPIRED_SESSIONS)
    await connection.execute(queries.DELETE_ENDED_LINKS)


async def audit(
    connection: Connection,
    doer_id: int | None,
    organisation_id: int | None,
    action: str,
    *,
    subject: Subject,
    **detail: Any,
) -> None:
    """Write down who did what to whom; `doer_id` None is the operator at the command line."""
    await connection.execute(queries.INSERT_AUDIT, doer_id, organisation_id, action, subject.kind, subject.id, detail)
