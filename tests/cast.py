"""The fixed cast: the same few people in every story."""

from dataclasses import dataclass

from freight.accounts.actions import create_organisation, create_user
from freight.drivers.actions import create_driver
from freight.drivers.views import NewDriver
from freight.work import Doer, Work
from store.pool import Pool

CAST_PASSWORD = "Тянь-Шань 7439"


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account. `login` signs in with `CAST_PASSWORD`; None for who comes by links only."""

    user_id: int
    role: str
    name: str
    login: str | None = None
    organisation_id: int | None = None
    driver_id: int | None = None


async def make_dispatcher(database: Pool, company: str, name: str, email: str) -> Person:
    """A dispatcher with a company of his own."""
    async with database.acquire() as connection:
        organisation_id = await create_organisation(connection, company)
        user_id = await create_user(
            connection,
            organisation_id=organisation_id,
            role="dispatcher",
            name=name,
            email=email,
            password=CAST_PASSWORD,
        )
    return Person(user_id, "dispatcher", name, email, organisation_id)


async def make_driver(database: Pool, dispatcher: Person, name: str, phone: str, plate: str = "") -> Person:
    """A driver of this dispatcher, with the app's device ready."""
    new = NewDriver(name=name, phone=phone, vehicle_plate=plate, vehicle_model="MAN TGX")
    async with database.acquire() as connection, connection.transaction():
        # Nobody is told: no test has a page open before its drivers are there.
        view = await create_driver(Work(connection, Doer(dispatcher.user_id, dispatcher.organisation_id)), new)
        user_id = await connection.fetchval("select user_id from drivers where id = $1", view.id)
    return Person(user_id, "driver", name, driver_id=view.id)


async def share_driver(database: Pool, other: Person, driver_id: int) -> None:
    """Another dispatcher's company has this driver on its list as well."""
    await database.execute(
        "insert into organisation_drivers (organisation_id, driver_id) values ($1, $2)",
        *(other.organisation_id, driver_id),
    )


async def make_person(database: Pool, role: str, name: str, email: str) -> Person:
    """Someone without a company."""
    async with database.acquire() as connection:
        user_id = await create_user(
            connection, organisation_id=None, role=role, name=name, email=email, password=CAST_PASSWORD
        )
    return Person(user_id, role, name, email)
