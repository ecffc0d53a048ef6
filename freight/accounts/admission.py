"""Who is let in, as the operator decides: looked up, locked out, let in again, given another password."""

import datetime as dt

import asyncpg
import msgspec

from freight.accounts import queries
from freight.accounts.actions import audit, end_access
from freight.accounts.passwords import hash_password
from freight.accounts.phones import read_login
from freight.accounts.rules import check_password
from freight.errors import Conflict, NotFound
from freight.events.facts import Subject
from store.pool import Connection

LARGEST_ID = 2_147_483_647


class Person(msgspec.Struct, frozen=True):
    """Someone with an account. `company` is empty for a self-employed driver; `seen_at` is None without a session."""

    id: int
    role: str
    name: str
    email: str | None
    phone: str | None
    company: str
    disabled: bool
    session_count: int
    seen_at: dt.datetime | None

    @property
    def login(self) -> str:
        """What he signs in with."""
        return self.email or self.phone or ""


async def list_people(connection: Connection) -> list[Person]:
    """Everyone with an account, by company."""
    return [_person(row) for row in await connection.fetch(queries.PEOPLE)]


async def find_person(connection: Connection, who: str) -> Person:
    """Whose e-mail address, phone number in any usual spelling, or id this is. Raises NotFound."""
    email, phone = read_login(who)
    number = int(who) if who.isascii() and who.isdigit() and len(who) < 11 else 0
    row = await connection.fetchrow(queries.PERSON, email, phone, number if number <= LARGEST_ID else 0)
    if row is None:
        raise NotFound("person")
    return _person(row)


def _person(row: asyncpg.Record) -> Person:
    return Person(**{name: row[name] for name in Person.__struct_fields__})


async def find_organisation(connection: Connection, which: str) -> int:
    """The id of the organisation with this name, in any case, or id. Raises NotFound; Conflict when several have it."""
    rows = await connection.fetch(queries.ORGANISATIONS_NAMED, " ".join(which.split()))
    if not rows:
        raise NotFound("company")
    if len(rows) > 1:
        numbers = ", ".join(str(row["id"]) for row in rows)
        raise Conflict("ambiguous", f"several companies have this name: give one of the numbers {numbers} instead")
    return int(rows[0]["id"])


async def lock_out(connection: Connection, user_id: int) -> None:
    """Disable a person: every session and unused link ends. Devices are the caller's to cut off."""
    await connection.execute(queries.DISABLE_USER, user_id)
    await end_access(connection, user_id)
    await audit(connection, None, None, "user_disabled", subject=Subject("user", user_id))


async def let_in(connection: Connection, user_id: int) -> None:
    """Enable a person again; he signs in anew."""
    await connection.execute(queries.ENABLE_USER, user_id)
    await audit(connection, None, None, "user_enabled", subject=Subject("user", user_id))


async def replace_password(connection: Connection, person: Person, password: str) -> None:
    """Give a person another password; every session and unused link ends. Raises Invalid for a poor one.

    Call it in a transaction."""
    check_password(password, field="password", names=(person.name, person.email or "", person.phone or ""))
    hashed = await hash_password(password)
    await connection.execute(queries.SET_PASSWORD, person.id, hashed)
    await end_access(connection, person.id)
    await audit(connection, None, None, "password_replaced", subject=Subject("user", person.id))
