"""People of a hub as its operator keeps them, from the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from freight.accounts.actions import create_organisation, create_user
from freight.accounts.admission import (
    Person,
    find_organisation,
    find_person,
    let_in,
    list_people,
    lock_out,
    replace_password,
)
from freight.drivers.broker import tell_broker_of
from freight.errors import FreightError, NotFound
from freight.live import ended, publish
from hub.errors import HubError
from hub.settings import Settings
from store.bus import Bus
from store.pool import Connection, open_pool


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Connection]:
    """A connection; refusals of the business and of the database leave it as HubError, in words."""
    try:
        pool = await open_pool(settings.database(max_size=1))
    except (OSError, asyncpg.PostgresError) as error:
        raise HubError(f"the database does not answer ({error}). Is the hub running?") from error
    try:
        async with pool.acquire() as connection:
            yield connection
    except NotFound as refusal:
        raise HubError(f"{refusal.detail} here. `hub user list` shows everyone") from refusal
    except FreightError as refusal:
        raise HubError(f"{refusal.field or 'refused'}: {refusal.detail}") from refusal
    except asyncpg.UndefinedTableError as error:
        raise HubError("the database has no schema yet. Run: hub migrate") from error
    finally:
        await pool.close()


async def create_dispatcher(settings: Settings, company: str, name: str, email: str, password: str) -> None:
    """A company and its first dispatcher, both or neither. Raises HubError."""
    async with database(settings) as connection, connection.transaction():
        organisation_id = await create_organisation(connection, company)
        await _create(connection, organisation_id, name, email, password)


async def add_dispatcher(settings: Settings, company: str, name: str, email: str, password: str) -> None:
    """One more dispatcher of a company there is, named by its name or number. Raises HubError."""
    async with database(settings) as connection:
        await _create(connection, await find_organisation(connection, company), name, email, password)


async def _create(connection: Connection, organisation_id: int, name: str, email: str, password: str) -> None:
    await create_user(
        connection, organisation_id=organisation_id, role="dispatcher", name=name, email=email, password=password
    )


async def everyone(settings: Settings) -> list[Person]:
    """Everyone with an account. Raises HubError."""
    async with database(settings) as connection:
        return await list_people(connection)


async def give_password(settings: Settings, who: str, password: str) -> Person:
    """Another password for a person, as he was until now; his open pages close. Raises HubError."""
    async with database(settings) as connection, connection.transaction():
        person = await find_person(connection, who)
        await replace_password(connection, person, password)
    await _close_pages(settings, person)
    return person


async def disable(settings: Settings, who: str) -> tuple[Person, int]:
    """Lock a person out: pages close, phones are cut off. As he was, and how many phones. Raises HubError."""
    async with database(settings) as connection, connection.transaction():
        person = await find_person(connection, who)
        await lock_out(connection, person.id)
        phones = await tell_broker_of(connection, person.id)
    await _close_pages(settings, person)
    return person, phones


async def enable(settings: Settings, who: str) -> tuple[Person, int]:
    """Let a person in again, with his phones. As he was, and how many phones. Raises HubError."""
    async with database(settings) as connection, connection.transaction():
        person = await find_person(connection, who)
        await let_in(connection, person.id)
        return person, await tell_broker_of(connection, person.id)


async def _close_pages(settings: Settings, person: Person) -> None:
    # Without Redis nothing is lost: push looks at every open session again within seconds.
    bus = Bus(settings.bus())
    await publish(bus, [ended("sessions", person.id)])
    await bus.close()
