"""Which errors are waited out, which are one value's fault, and which are bugs."""

import asyncpg
import pytest
from asyncpg import exceptions

from store.away import is_away, is_damaged, is_refused_value
from store.pool import Pool


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        exceptions.ConnectionDoesNotExistError(),
        exceptions.IdleInTransactionSessionTimeoutError(),
        exceptions.ReadOnlySQLTransactionError(),
        exceptions.DeadlockDetectedError(),
        exceptions.DiskFullError(),
        exceptions.LockNotAvailableError(),
        exceptions.AdminShutdownError(),
        exceptions.QueryCanceledError(),
        exceptions.PostgresIOError(),
        exceptions.InternalServerError(),
        exceptions.DataCorruptedError(),
        exceptions.InvalidCachedStatementError(),
        asyncpg.OutdatedSchemaCacheError("changed"),
        asyncpg.ProtocolError("a word cut off"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InterfaceError("pool is closing"),
    ],
)
def test_what_may_succeed_as_it_is_is_waited_out(error: Exception) -> None:
    assert is_away(error) and not is_refused_value(error)


@pytest.mark.parametrize(
    "error",
    [
        exceptions.UndefinedColumnError(),
        exceptions.UndefinedTableError(),
        exceptions.PostgresSyntaxError(),
        exceptions.FeatureNotSupportedError(),
        exceptions.InvalidPasswordError(),
        # In the class of wrong values, but said of our own binary rows: the column is not what it was.
        exceptions.InvalidBinaryRepresentationError(),
        exceptions.BadCopyFileFormatError(),
        asyncpg.InterfaceError("the server expects 2 arguments for this query, 1 was passed"),
        KeyError("bug"),
    ],
)
def test_a_bug_is_neither_waited_out_nor_blamed_on_a_value(error: Exception) -> None:
    assert not is_away(error) and not is_refused_value(error)


@pytest.mark.parametrize(
    "error",
    [
        exceptions.NumericValueOutOfRangeError(),
        exceptions.CharacterNotInRepertoireError(),
        exceptions.CheckViolationError(),
        exceptions.NotNullViolationError(),
    ],
)
def test_a_value_the_database_refuses_is_at_fault_itself(error: Exception) -> None:
    assert is_refused_value(error) and not is_away(error)


@pytest.mark.parametrize(("value", "is_values_fault"), [(2**40, True), ("\ud800", True), (object(), False)])
async def test_what_the_driver_cannot_write_is_at_fault_unless_it_is_of_the_wrong_kind(
    database: Pool, value: object, is_values_fault: bool
) -> None:
    kind = "text" if isinstance(value, str) else "int"
    with pytest.raises(asyncpg.DataError) as refusal:
        await database.fetchval(f"select $1::{kind}", value)
    assert is_refused_value(refusal.value) is is_values_fault
    assert not is_away(refusal.value)


async def test_a_code_the_driver_does_not_know_is_told_by_its_class(database: Pool) -> None:
    with pytest.raises(asyncpg.PostgresError) as trouble:
        await database.execute("do $$ begin raise exception 'page' using errcode = 'XX0ZZ'; end $$")
    assert is_away(trouble.value) and is_damaged(trouble.value)


async def test_a_connection_that_was_closed_meanwhile_is_away(database: Pool) -> None:
    async with database.acquire() as connection:
        await connection.close()
        with pytest.raises(asyncpg.InterfaceError) as gone:
            await connection.fetchval("select 1")
    assert is_away(gone.value)
