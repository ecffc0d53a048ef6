"""What was written for the worker to do."""

import msgspec

from store.jobs import Envelope
from store.pool import Pool


async def jobs(database: Pool, name: str) -> list[bytes]:
    """The payloads of the jobs of one name, oldest first."""
    async with database.acquire() as connection:
        rows = await connection.fetch("select payload from pgqueuer where entrypoint = $1 order by id", name)
    return [msgspec.msgpack.decode(row["payload"], type=Envelope).payload for row in rows]
