"""What each error means to whoever asked."""

import asyncpg
import pytest

from api.problems import RequestRefused, problem_of
from freight.errors import Conflict, FreightError, Invalid, NotAllowed, NotFound, NotSignedIn, Overloaded


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RequestRefused(413, "too_large", "x"), 413, "too_large"),
        (NotSignedIn(), 401, "not_signed_in"),
        (NotAllowed(), 403, "not_allowed"),
        (NotFound("trip"), 404, "not_found"),
        (Conflict("taken", "x"), 409, "taken"),
        (Invalid("name", "bad_length", "x"), 422, "bad_length"),
        (Overloaded("x"), 503, "overloaded"),
        (FreightError("odd", "x"), 409, "odd"),
        (asyncpg.exceptions.NumericValueOutOfRangeError(), 422, "out_of_range"),
        (OverflowError(), 422, "out_of_range"),
        (asyncpg.exceptions.AdminShutdownError(), 503, "overloaded"),
        (asyncpg.exceptions.DeadlockDetectedError(), 503, "overloaded"),
        (asyncpg.exceptions.DiskFullError(), 503, "overloaded"),
        (asyncpg.exceptions.ConnectionDoesNotExistError(), 503, "overloaded"),
        (asyncpg.exceptions.QueryCanceledError(), 503, "overloaded"),
        (asyncpg.InterfaceError("pool is closing"), 503, "overloaded"),
        (asyncpg.exceptions.ProtocolError(), 503, "overloaded"),
        (ConnectionRefusedError(), 503, "overloaded"),
    ],
)
def test_an_error_has_its_status_and_code(error: Exception, status: int, code: str) -> None:
    problem = problem_of(error)
    assert problem is not None and (problem.status, problem.code) == (status, code)


@pytest.mark.parametrize("error", [ValueError("bug"), KeyError("bug"), asyncpg.exceptions.UndefinedColumnError()])
def test_a_bug_is_nothing_a_client_can_mend(error: Exception) -> None:
    assert problem_of(error) is None
