"""One change: all of it or nothing, told after it stands, and never undone by what follows."""

import pytest

from freight.errors import NotAllowed
from freight.live import Changed, to_organisation
from freight.work import Doer, unit_of_work
from store.bus import Bus, BusConfig
from store.pool import Pool

RENAME = "update organisations set name = $1"
NAMES = "select array_agg(name) from organisations"
TOLD = to_organisation(7, Changed("organisation", 7))


class Watching(Bus):
    """A bus that notes what the database shows to others at the moment of telling."""

    def __init__(self, config: BusConfig, database: Pool) -> None:
        super().__init__(config)
        self.database = database
        self.seen: list[list[str]] = []

    async def publish(self, messages: object) -> bool:
        if list(messages):  # type: ignore[call-overload]
            self.seen.append(await self.database.fetchval(NAMES))
        return True


@pytest.fixture
async def watching(database: Pool, bus_config: BusConfig) -> Watching:
    await database.execute("insert into organisations (name) values ('before')")
    return Watching(bus_config, database)


async def test_it_is_told_when_others_can_read_it(database: Pool, watching: Watching) -> None:
    async with unit_of_work(database, watching) as work:
        await work.connection.execute(RENAME, "after")
        work.tell(TOLD)
    assert watching.seen == [["after"]]


async def test_what_fails_changes_and_tells_nothing(database: Pool, watching: Watching) -> None:
    with pytest.raises(RuntimeError):
        async with unit_of_work(database, watching) as work:
            await work.connection.execute(RENAME, "after")
            work.tell(TOLD)
            raise RuntimeError
    assert (watching.seen, await database.fetchval(NAMES)) == ([], ["before"])


async def test_what_follows_may_fail_without_undoing_it(database: Pool, watching: Watching) -> None:
    done = []

    async def fail() -> None:
        raise OSError("away")

    async def succeed() -> None:
        done.append(await database.fetchval(NAMES))

    async with unit_of_work(database, watching) as work:
        await work.connection.execute(RENAME, "after")
        work.then(fail)
        work.then(succeed)
    assert done == [["after"]]


async def test_who_belongs_to_no_organisation_changes_nothing_of_one(database: Pool, watching: Watching) -> None:
    for doer in (None, Doer(1)):
        with pytest.raises(NotAllowed):
            async with unit_of_work(database, watching, doer) as work:
                work.organisation_id  # noqa: B018
