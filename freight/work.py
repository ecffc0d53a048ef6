"""One change of the business: its transaction, whose hand it is, and what follows its commit.

The verbs of every noun take a `Work`, write on its connection and say what is to be told. They begin no transaction
and publish nothing: that is done here, once, in this order. What follows the commit is decoration: rows hold the
truth, so that no failure of it may turn a change that stands into a refusal.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import msgspec
import structlog

from freight.errors import NotAllowed
from freight.live import Told, publish
from store.bus import Bus
from store.pool import Connection, Pool

log = structlog.get_logger()

Step = Callable[[], Awaitable[object]]


class Doer(msgspec.Struct, frozen=True):
    """Whose hand it is; `organisation_id` None for who belongs to none."""

    user_id: int
    organisation_id: int | None = None


class Work:
    """A change under way. `doer` None: nobody signed in, or the operator at the command line."""

    __slots__ = ("_doer", "_steps", "_told", "connection")

    def __init__(self, connection: Connection, doer: Doer | None = None) -> None:
        self.connection = connection
        self._doer = doer
        self._told: list[Told] = []
        self._steps: list[Step] = []

    @property
    def user_id(self) -> int | None:
        """Who does it; None for nobody in particular."""
        return self._doer.user_id if self._doer else None

    @property
    def organisation_id(self) -> int:
        """For whom it is done. Raises NotAllowed for one who belongs to no organisation."""
        if self._doer is None or self._doer.organisation_id is None:
            raise NotAllowed
        return self._doer.organisation_id

    def tell(self, told: Iterable[Told]) -> None:
        """Publish these once the change stands."""
        self._told += told

    def then(self, step: Step) -> None:
        """Do this once the change stands, after open pages were told of it; whether it succeeds changes nothing."""
        self._steps.append(step)

    async def settle(self, bus: Bus) -> None:
        """What follows the commit. Fails never."""
        for step in (lambda: publish(bus, self._told), *self._steps):
            try:
                await step()
            except Exception:
                log.exception("aftermath_failed")


@asynccontextmanager
async def unit_of_work(pool: Pool, bus: Bus, doer: Doer | None = None) -> AsyncIterator[Work]:
    """A change on a connection of its own: committed at the end of the block, then told.

    What the block raises undoes all of it, and nothing is told.
    """
    async with pool.acquire() as connection, connection.transaction():
        work = Work(connection, doer)
        yield work
    await work.settle(bus)
