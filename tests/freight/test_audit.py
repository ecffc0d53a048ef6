"""Who did what to whom is written with the doer in one column and whom it befell in another."""

from freight.accounts.actions import change_password, first_password, prove_current, set_first_password
from freight.accounts.admission import find_person, let_in, lock_out, replace_password
from freight.accounts.queries import INSERT_SESSION
from freight.accounts.tokens import token_hash
from freight.accounts.views import ChangePassword
from freight.config import FreightConfig
from freight.drivers.actions import create_driver_link
from freight.drivers.devices import list_devices, remove_device
from store.bus import Bus
from store.pool import Pool
from tests.cast import CAST_PASSWORD, Person
from tests.work import by

CONFIG = FreightConfig("Reis", "http://localhost", b"s" * 32)
BETTER = "Иссык-Куль 1607"

Deed = tuple[str, int | None, str, int]


async def deeds(database: Pool) -> list[Deed]:
    """(action, doer, kind of subject, its id), oldest first."""
    rows = await database.fetch("select action, doer_id, subject_kind, subject_id from audit order by id")
    return [tuple(row) for row in rows]


async def test_what_a_dispatcher_does_to_a_driver_names_both(
    database: Pool, bus: Bus, dispatcher: Person, driver: Person
) -> None:
    assert driver.driver_id is not None
    async with by(dispatcher, database, bus) as work:
        await create_driver_link(work, CONFIG, driver.driver_id)
        devices = await list_devices(work.connection, work.organisation_id, driver.driver_id)
        await remove_device(work, devices[0].id)
    assert await deeds(database) == [
        (action, dispatcher.user_id, "driver", driver.driver_id)
        for action in ("driver_created", "driver_link_created", "device_removed")
    ]


async def test_what_the_operator_does_has_no_doer_and_names_whom_it_befell(database: Pool, dispatcher: Person) -> None:
    assert dispatcher.login is not None
    async with database.acquire() as connection:
        await lock_out(connection, dispatcher.user_id)
        await let_in(connection, dispatcher.user_id)
        await replace_password(connection, await find_person(connection, dispatcher.login), BETTER)
    assert await deeds(database) == [
        (action, None, "user", dispatcher.user_id) for action in ("user_disabled", "user_enabled", "password_replaced")
    ]


async def test_what_one_does_to_oneself_names_one_twice(
    database: Pool, bus: Bus, dispatcher: Person, stranger: Person
) -> None:
    await database.execute("update users set password_hash = null where id = $1", stranger.user_id)
    await database.execute(INSERT_SESSION, token_hash("s"), stranger.user_id, 1, None, "")
    changed = await prove_current(database, dispatcher.user_id, ChangePassword(CAST_PASSWORD, BETTER))
    async with by(dispatcher, database, bus) as work:
        await change_password(work, dispatcher.user_id, "t", changed)
    first = await first_password(database, stranger.user_id, BETTER)
    async with by(stranger, database, bus) as work:
        await set_first_password(work, stranger.user_id, first)
    assert await deeds(database) == [
        ("password_changed", dispatcher.user_id, "user", dispatcher.user_id),
        ("password_set", stranger.user_id, "user", stranger.user_id),
    ]
