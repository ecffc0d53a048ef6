"""A signed-in cabinet for every test that wants one."""

from collections.abc import AsyncIterator

import pytest_asyncio

from freight.places.actions import load_places
from store.pool import Pool
from tests.flows.office import Office
from tests.web.browser import Tabs
from tests.web.cabinet.desk import Desk, signed_in_desk


@pytest_asyncio.fixture
async def desk(office: Office, tabs: Tabs) -> AsyncIterator[Desk]:
    """A cabinet on a desk; nothing it does may be against the content security policy."""
    desk = await signed_in_desk(office, tabs)
    yield desk
    assert desk.refused == []


@pytest_asyncio.fixture
async def gazetteer(story: Pool) -> None:
    """Cities to be found by name, as `hub run` loads them."""
    async with story.acquire() as connection:
        await load_places(connection)
