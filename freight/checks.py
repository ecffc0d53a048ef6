"""What a single value must be, beyond its shape."""

import datetime as dt

from freight.errors import Invalid
from freight.texts import tidy

# Beyond these a date is a slip of the finger, and PostgreSQL or Python may not hold it.
EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def check_moment(field: str, moment: dt.datetime | None) -> None:
    """Raises Invalid for a date beyond this century's ends."""
    if moment is not None and not EARLIEST <= moment <= LATEST:
        raise Invalid(field, "out_of_range", "a date between 2000 and 2100 is expected")


def check_seen(field: str, name: str) -> None:
    """Raises Invalid for a name of which nothing is to be seen: it would stand on the customer's page as a gap."""
    if not tidy(name):
        raise Invalid(field, "bad_length", "a name that can be seen is expected")
