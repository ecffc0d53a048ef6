"""Day partitions of `positions`: made ahead, dropped by age."""

import datetime as dt

import structlog

from store.pool import Connection

log = structlog.get_logger()

DAYS_AHEAD = 3
USUALLY_EXPIRED = 3
CERTAIN_AFTER_S = 24 * 3600.0

LIST = """
select c.relname
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'positions'::regclass
order by c.relname
"""

LOCK = "select pg_advisory_xact_lock(hashtext('positions partitions'))"


def partition_name(day: dt.date) -> str:
    """`positions_20261123` for 23 November 2026."""
    return f"positions_{day:%Y%m%d}"


def days_kept(today: dt.date, retention_days: int) -> list[dt.date]:
    """Every UTC day that must have a partition, oldest first: the retention and three days ahead."""
    return [today + dt.timedelta(days=offset) for offset in range(-retention_days, DAYS_AHEAD + 1)]


async def existing_partitions(connection: Connection) -> list[str]:
    """Names of the partitions that exist, oldest first."""
    return [row["relname"] for row in await connection.fetch(LIST)]


async def make_partitions(connection: Connection, today: dt.date, retention_days: int) -> list[str]:
    """Create the missing partitions; returns the names of those created. Safe to run in several processes."""
    existing = set(await existing_partitions(connection))
    missing = [day for day in days_kept(today, retention_days) if partition_name(day) not in existing]
    for day in missing:
        start, end = f"{day.isoformat()} 00:00+00", f"{day + dt.timedelta(days=1)} 00:00+00"
        async with connection.transaction():
            # Two workers may both see it missing; the lock lets the second find it made.
            await connection.execute(LOCK)
            await connection.execute(
                f"create table if not exists {partition_name(day)} partition of positions "
                f"for values from ('{start}') to ('{end}') "
                "with (autovacuum_vacuum_insert_scale_factor = 1)"
            )
    return [partition_name(day) for day in missing]


class Expiry:
    """Drops the partitions that are older than the retention.

    One expires a day. More than a few at once mean that nobody looked for days, or that the clock is wrong: then they
    wait until they have been seen expired for a whole day of our own time, which no clock can jump over.
    """

    def __init__(self) -> None:
        self._seen_at: dict[str, float] = {}

    async def drop(self, connection: Connection, today: dt.date, retention_days: int, now_s: float) -> list[str]:
        """Drop what may go, by the days of `today`; returns the names. `now_s` is monotonic."""
        oldest = partition_name(today - dt.timedelta(days=retention_days))
        expired = [name for name in await existing_partitions(connection) if name < oldest]
        self._seen_at = {name: self._seen_at.get(name, now_s) for name in expired}
        if len(expired) > USUALLY_EXPIRED:
            certain = [name for name in expired if now_s - self._seen_at[name] >= CERTAIN_AFTER_S]
            if not certain:
                log.warning("many_partitions_expired", count=len(expired), today=today.isoformat(), kept_for="a day")
            expired = certain
        for name in expired:
            await connection.execute(f"drop table if exists {name}")
        return expired
