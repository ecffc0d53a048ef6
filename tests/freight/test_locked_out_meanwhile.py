"""Who is locked out, or whose password is replaced, while a request of his is in hand: it lets him in no more."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from freight.accounts import actions
from freight.accounts.actions import (
    Client,
    change_password,
    create_link,
    find_account,
    first_password,
    lock_out,
    open_session,
    prove,
    prove_current,
    session_user,
    set_first_password,
    sign_in,
    sign_in_by_link,
)
from freight.accounts.views import ChangePassword
from freight.config import FreightConfig
from freight.driver_page.reading import driver_home
from freight.drivers.devices import list_devices, remove_device
from freight.errors import Invalid, NotSignedIn
from store.bus import Bus
from store.pool import Pool
from tests.cast import CAST_PASSWORD, Person
from tests.waiting import WAITING, until, until_locked
from tests.work import by

CONFIG = FreightConfig("Рейс", "http://hub.test", b"s" * 32)


def meanwhile(monkeypatch: pytest.MonkeyPatch, name: str, happens: Callable[[], Awaitable[None]]) -> None:
    """Something happens before what follows a step: a password that is verified or hashed, a check, a session."""
    slow = getattr(actions, name)

    async def slower(*arguments: Any) -> Any:
        result = await slow(*arguments)
        await happens()
        return result

    monkeypatch.setattr(actions, name, slower)


async def state(database: Pool, person: Person) -> tuple[int, str | None]:
    """Sessions and password of a person."""
    row = await database.fetchrow(
        "select (select count(*) from sessions where user_id = $1), password_hash from users where id = $1",
        person.user_id,
    )
    assert row is not None
    return tuple(row.values())


async def test_a_sign_in(database: Pool, dispatcher: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lock() -> None:
        async with database.acquire() as connection:
            await lock_out(connection, dispatcher.user_id)

    meanwhile(monkeypatch, "verify_password", lock)
    assert dispatcher.login is not None
    with pytest.raises(NotSignedIn):
        proven = await prove(await find_account(database, dispatcher.login, Client()), CAST_PASSWORD)
        async with database.acquire() as connection:
            await sign_in(connection, proven, Client(), 1)
    assert await state(database, dispatcher) == (0, None)


async def test_a_change_of_password(
    database: Pool, bus: Bus, dispatcher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def replace() -> None:
        await database.execute("update users set password_hash = 'another' where id = $1", dispatcher.user_id)

    meanwhile(monkeypatch, "hash_password", replace)
    with pytest.raises(Invalid):
        new = await prove_current(database, dispatcher.user_id, ChangePassword(CAST_PASSWORD, "перевал Долон"))
        async with by(dispatcher, database, bus) as work:
            await change_password(work, dispatcher.user_id, "token", new)
    assert await state(database, dispatcher) == (0, "another")


async def test_a_first_password(database: Pool, bus: Bus, driver: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lock() -> None:
        async with database.acquire() as connection:
            await lock_out(connection, driver.user_id)

    async with database.acquire() as connection:
        await open_session(connection, driver.user_id, Client(), 1)
    meanwhile(monkeypatch, "hash_password", lock)
    with pytest.raises(NotSignedIn):
        new = await first_password(database, driver.user_id, "перевал Долон")
        async with by(driver, database, bus) as work:
            await set_first_password(work, driver.user_id, new)
    assert await state(database, driver) == (0, None)


@pytest.mark.parametrize("step", ["open_session", "check_signed_in"])
async def test_a_request_that_is_just_being_granted(
    database: Pool, bus: Bus, dispatcher: Person, driver: Person, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    person = dispatcher if step == "open_session" else driver
    async with database.acquire() as connection:
        await open_session(connection, person.user_id, Client(), 1)
    locking: list[asyncio.Task[None]] = []

    async def lock() -> None:
        async with database.acquire() as connection, connection.transaction():
            await lock_out(connection, person.user_id)

    async def is_locked_out_or_waits() -> bool:
        return locking[0].done() or await database.fetchval(WAITING) > 0

    async def begin() -> None:
        locking.append(asyncio.create_task(lock()))
        await until(is_locked_out_or_waits)

    meanwhile(monkeypatch, step, begin)
    if step == "open_session":
        assert dispatcher.login is not None
        proven = await prove(await find_account(database, dispatcher.login, Client()), CAST_PASSWORD)
        async with by(dispatcher, database, bus) as work:
            await sign_in(work.connection, proven, Client(), 1)
    else:
        new = await first_password(database, driver.user_id, "перевал Долон")
        async with by(driver, database, bus) as work:
            await set_first_password(work, driver.user_id, new)
    await locking[0]
    assert await state(database, person) == (0, None)


async def test_a_link_being_used(database: Pool, driver: Person) -> None:
    async def lock() -> None:
        async with database.acquire() as connection, connection.transaction():
            await lock_out(connection, driver.user_id)

    async with database.acquire() as connection:
        token, _ = await create_link(connection, driver.user_id, None)
        async with connection.transaction():
            await sign_in_by_link(connection, token, Client(), 1)
            locking = asyncio.create_task(lock())
            await until_locked(database)
    await locking
    assert await state(database, driver) == (0, None)


async def test_the_drivers_page(database: Pool, bus: Bus, dispatcher: Person, driver: Person) -> None:
    assert dispatcher.organisation_id is not None and driver.driver_id is not None
    async with database.acquire() as connection:
        token, _ = await open_session(connection, driver.user_id, Client(), 1)
        user = await session_user(connection, token)
        assert user is not None
        app = (await driver_home(connection, CONFIG, user)).app
        async with by(dispatcher, database, bus) as work:
            await remove_device(work, app.id)
        with pytest.raises(NotSignedIn):
            await driver_home(connection, CONFIG, user)
        assert await list_devices(connection, dispatcher.organisation_id, driver.driver_id) == []
