"""What an operator sets going again."""

from __future__ import annotations

from hub.people import database
from hub.settings import Settings
from store.jobs import retry_held_jobs


async def retry_jobs(settings: Settings) -> int:
    """Queue every job given up on again; how many. Raises HubError when the database does not answer."""
    async with database(settings) as connection:
        return await retry_held_jobs(connection)
