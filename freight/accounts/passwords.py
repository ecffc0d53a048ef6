"""Passwords: argon2id in threads of their own, few at a time, so that a flood of sign-ins starves nothing else."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import argon2

from freight.errors import Overloaded

MOST_WAITING = 64

_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
_waiting = 0
# Verified when there is no such account, so that the answer takes the same time.
_NOBODY = _hasher.hash("nobody has this password")


async def hash_password(password: str) -> str:
    """The argon2id hash to store. Raises Overloaded when too many wait."""
    return str(await _in_thread(_hasher.hash, password))


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether `password` belongs to `stored`; None (no such account, no password) takes as long and is False.

    Raises Overloaded when too many wait.
    """
    right = await _in_thread(_verify, stored or _NOBODY, password)
    return bool(right) and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


async def _in_thread(work: object, *arguments: str) -> object:
    global _waiting
    if _waiting >= MOST_WAITING:
        raise Overloaded("too many sign-ins at once")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work, *arguments)  # type: ignore[arg-type]
    finally:
        _waiting -= 1
