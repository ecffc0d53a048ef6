"""Drivers of an organisation made and changed, their one-time links, their shifts."""

import msgspec

from freight.accounts.actions import audit, create_link, create_user
from freight.accounts.rules import check_name
from freight.config import FreightConfig
from freight.drivers import queries
from freight.drivers.devices import insert_device
from freight.drivers.reading import driver_of_mine_alone, driver_view
from freight.drivers.rules import tidy_plate
from freight.drivers.setup import qr_svg
from freight.drivers.views import ChangeDriver, DriverLink, DriverView, NewDriver
from freight.errors import Conflict
from freight.events.facts import Subject
from freight.live import Changed, to_organisation
from freight.texts import tidy
from freight.work import Work


async def create_driver(work: Work, new: NewDriver) -> DriverView:
    """A new driver of mine, with the app's credentials ready.

    Raises Invalid for an impossible name or number, Conflict when the number already belongs to someone: nobody
    may take over another's driver by knowing his number.
    """
    connection, organisation_id = work.connection, work.organisation_id
    created = await create_user(connection, organisation_id=None, role="driver", name=new.name, phone=new.phone)
    driver_id = await connection.fetchval(
        queries.INSERT_DRIVER, created, tidy_plate(new.vehicle_plate), tidy(new.vehicle_model)
    )
    await connection.execute(queries.INSERT_MINE, organisation_id, driver_id)
    await insert_device(connection, driver_id, "app", "")
    await audit(connection, work.user_id, organisation_id, "driver_created", subject=Subject("driver", driver_id))
    return await driver_view(connection, organisation_id, driver_id)


async def change_driver(work: Work, driver_id: int, change: ChangeDriver) -> DriverView:
    """Correct a driver's name or vehicle; open maps show it at once. Raises NotFound, Invalid, Conflict when he is
    shared."""
    connection, organisation_id = work.connection, work.organisation_id
    await driver_of_mine_alone(connection, organisation_id, driver_id)
    plate = None if change.vehicle_plate is msgspec.UNSET else tidy_plate(change.vehicle_plate)
    model = None if change.vehicle_model is msgspec.UNSET else tidy(change.vehicle_model)
    await connection.execute(queries.UPDATE_DRIVER, driver_id, plate, model)
    if change.name is not msgspec.UNSET:
        await connection.execute(queries.UPDATE_NAME, driver_id, check_name(change.name))
    changed = await driver_view(connection, organisation_id, driver_id)
    if changed.open_trip_id is not None:
        work.tell(to_organisation(organisation_id, Changed("trip", changed.open_trip_id)))
    return changed


async def create_driver_link(work: Work, config: FreightConfig, driver_id: int) -> DriverLink:
    """A one-time link that signs a driver of mine in on his phone. Raises NotFound, Conflict when he is shared or
    disabled."""
    connection, organisation_id = work.connection, work.organisation_id
    row = await driver_of_mine_alone(connection, organisation_id, driver_id)
    if row["disabled"]:
        raise Conflict("driver_disabled", "this driver is disabled")
    token, expires_at = await create_link(connection, row["user_id"], work.user_id)
    subject = Subject("driver", driver_id)
    await audit(connection, work.user_id, organisation_id, "driver_link_created", subject=subject)
    url = f"{config.public_url}/d#{token}"
    return DriverLink(url, qr_svg(url), expires_at)


async def set_shift(work: Work, driver_id: int, on_shift: bool) -> bool:
    """Begin or end a shift; whether the last place is to be forgotten (`shifts.note_shift`). To begin one that runs
    changes nothing."""
    is_changed = await work.connection.fetchval(queries.SET_SHIFT, driver_id, on_shift) is not None
    return is_changed or not on_shift
