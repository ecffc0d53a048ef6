"""One database with every place in it for this folder: its tests only read."""

from collections.abc import AsyncIterator

import pytest_asyncio

from freight.places.actions import load_places
from store.pool import DatabaseConfig, Pool, open_pool
from tests.services import RealServices


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def atlas(services: RealServices) -> AsyncIterator[Pool]:
    """A pool on a database with the packaged list loaded; not to be written to."""
    pool = await open_pool(DatabaseConfig(await services.clone_database("atlas")))
    async with pool.acquire() as connection:
        await load_places(connection)
    yield pool
    await pool.close()
    await services.drop_database("atlas")
