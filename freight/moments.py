"""Moments as the microseconds since 1970 UTC that geo counts in."""

import datetime as dt

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def microseconds(moment: dt.datetime) -> int:
    """Since 1970 UTC, exactly."""
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def moment(at_us: int) -> dt.datetime:
    """The UTC moment of microseconds since 1970."""
    return EPOCH + dt.timedelta(microseconds=at_us)
