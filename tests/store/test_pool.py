"""What an error of the database tells, and what it keeps to itself."""

import traceback

import asyncpg
import pytest

from store.pool import Pool
from tests.services import RealServices

SECRET = "$argon2id$a-hash-nobody-may-read"
INSERT = "insert into users (role, name, password_hash) values ('nobody', 'Айбек', $1)"


async def test_a_row_that_is_refused_is_in_no_log_and_no_traceback(database: Pool, services: RealServices) -> None:
    with pytest.raises(asyncpg.CheckViolationError, match="users_role_check") as refusal:
        await database.execute(INSERT, SECRET)
    assert SECRET in (refusal.value.detail or "")
    assert SECRET not in str(refusal.value)
    assert SECRET not in "".join(traceback.format_exception(refusal.value))
    log = (services.postgres.config.directory / "log").read_text()
    assert "users_role_check" in log
    assert SECRET not in log
