"""The PostgreSQL pool: one per process, made once, closed last."""

import json
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec

if TYPE_CHECKING:
    Connection = asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]
    Pool = asyncpg.Pool[Any]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool


def _without_detail(error: asyncpg.PostgresError) -> str:
    return str(error.args[0]) if error.args else ""


# What the server adds "in detail" may be a whole row: a truck's place, an address, a password's hash. The driver would
# have it in the words of every error, and so in every log line and traceback; it stays in `error.detail` alone.
asyncpg.PostgresError.__str__ = _without_detail  # type: ignore[method-assign,assignment]


class DatabaseConfig(msgspec.Struct, frozen=True):
    """Where PostgreSQL is and how much of it one process may use.

    `url` is a `postgresql://` address; sizes count connections.
    """

    url: str
    min_size: int = 1
    max_size: int = 8
    statement_timeout_ms: int = 30_000
    # A process frozen in the middle of a transaction must not hold its rows for ever.
    idle_transaction_timeout_ms: int = 10_000


async def _prepare(connection: Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=json.dumps,
        decoder=json.loads,
        format="text",
    )


async def open_pool(config: DatabaseConfig) -> Pool:
    """Open the pool; `jsonb` columns are read and written as Python values.

    Raises OSError or asyncpg.PostgresError when the server can't be reached.
    """
    return await asyncpg.create_pool(
        config.url,
        min_size=config.min_size,
        max_size=config.max_size,
        init=_prepare,
        server_settings={
            "application_name": "reis",
            "timezone": "UTC",
            "statement_timeout": str(config.statement_timeout_ms),
            "idle_in_transaction_session_timeout": str(config.idle_transaction_timeout_ms),
            # Short OLTP statements: compiling them would cost more than running them.
            "jit": "off",
        },
    )
