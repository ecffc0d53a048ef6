"""Changes made by someone of the cast, as api makes them."""

from contextlib import AbstractAsyncContextManager

from freight.work import Doer, Work, unit_of_work
from store.bus import Bus
from store.pool import Pool
from tests.cast import Person


def by(person: Person, database: Pool, bus: Bus) -> AbstractAsyncContextManager[Work]:
    """A change by this person's hand: committed and told at the end of the block."""
    return unit_of_work(database, bus, Doer(person.user_id, person.organisation_id))
