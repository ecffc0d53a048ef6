"""Answers kept for a day, for requests that are sent again: one a person and key."""

import datetime as dt

import msgspec

from store.pool import Connection

KEPT = dt.timedelta(days=1)

# Who comes second with a key waits here until the first has committed, or gave up.
CLAIM = """
insert into idempotency_keys (user_id, key, request_hash) values ($1, $2, $3)
on conflict (user_id, key) do nothing
returning key
"""

KNOWN = "select request_hash, answer from idempotency_keys where user_id = $1 and key = $2"

KEEP = "update idempotency_keys set answer = $3 where user_id = $1 and key = $2"

FORGET = "delete from idempotency_keys where created_at < now() - $1::interval"


class KeptAnswer(msgspec.Struct, frozen=True):
    """What was asked with a key, as a hash, and the answer as it was given to `keep`."""

    request_hash: bytes
    answer: bytes


async def find(connection: Connection, user_id: int, key: str) -> KeptAnswer | None:
    """What was asked and answered with a key; None for a free one."""
    row = await connection.fetchrow(KNOWN, user_id, key)
    return KeptAnswer(row["request_hash"], row["answer"]) if row else None


async def claim(connection: Connection, user_id: int, key: str, request_hash: bytes) -> KeptAnswer | None:
    """Take the key in the caller's transaction, None; what the first one with it asked and got, when it is taken."""
    while await connection.fetchval(CLAIM, user_id, key, request_hash) is None:
        kept = await find(connection, user_id, key)
        if kept is not None:
            return kept
        # Forgotten between the two statements: its day is over, and the key is free.
    return None


async def keep(connection: Connection, user_id: int, key: str, answer: bytes) -> None:
    """Keep the answer of a claimed key, in the transaction that makes it true."""
    await connection.execute(KEEP, user_id, key, answer)


async def forget_old_answers(connection: Connection) -> None:
    """Drop answers older than a day; for the worker's regular round."""
    await connection.execute(FORGET, KEPT)
