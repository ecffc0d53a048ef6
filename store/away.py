"""What "the database is away" means, once for everyone who waits for it.

Three kinds of errors are told apart. Away: asked again as it is, the same may succeed, so whoever can wait waits. A
value of ours that the database will never take: only whoever sent it is concerned. All else, a misspelt column or a
schema that is not ours, is a bug: it ends the process with a traceback, and nothing is given up for it.
"""

import re

import asyncpg

# What talking to the database may end in at all. Whoever catches these asks `is_away` and raises the others again.
DATABASE_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

# Classes of SQLSTATE that pass: connection lost, a transaction the server ended or keeps from writing, deadlock, out of
# disk, memory or connections, a lock not free, shut down or cancelled, an error of the disk.
_PASSING = frozenset({"08", "25", "40", "53", "57", "58"})
_PASSING_STATES = frozenset({"55006", "55P03"})
# Damage in the server itself: no mistake of ours, and nobody's message is at fault. It waits for the operator.
_DAMAGED = "XX"
_VALUES = frozenset({"22", "23"})
# In class 22 too, but of our own binary format, not of what is in it: a column's type changed under the program.
_MISREAD = frozenset({"22P03", "22P04"})
# The driver has one class for a connection that is gone and for its own wrong use.
_GONE = re.compile(r"clos(ed|ing)|released back|cancelling")


def is_away(error: BaseException) -> bool:
    """Whether what failed may succeed as it is when asked again: the server is away, busy, going or damaged."""
    match error:
        case asyncpg.InvalidCachedStatementError() | asyncpg.OutdatedSchemaCacheError():
            # The schema changed under a prepared statement; the driver has forgotten all of them by now.
            return True
        case asyncpg.PostgresError():
            return _class_of(error) in _PASSING or error.sqlstate in _PASSING_STATES or is_damaged(error)
        case asyncpg.InterfaceError():
            return type(error) is asyncpg.InterfaceError and _GONE.search(str(error)) is not None
        case asyncpg.InternalClientError():
            # A backend that ended in the middle of a word.
            return True
    return isinstance(error, OSError | TimeoutError)


def is_damaged(error: BaseException) -> bool:
    """Whether the server says that it is broken itself: it is waited for as well, but needs a hand."""
    return isinstance(error, asyncpg.PostgresError) and _class_of(error) == _DAMAGED


def is_refused_value(error: BaseException) -> bool:
    """Whether a value is provably at fault: out of range, or against a constraint."""
    if not isinstance(error, asyncpg.PostgresError) or error.sqlstate in _MISREAD:
        return False
    # The driver says the same itself of what it cannot write down. Of the wrong type, it is our mistake.
    return _class_of(error) in _VALUES and not isinstance(error.__cause__, TypeError)


def _class_of(error: asyncpg.PostgresError) -> str:
    return (error.sqlstate or "")[:2]
