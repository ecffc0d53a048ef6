"""Dates the demonstration's past back.

Its trips began hours ago, yet their fixes reach the hub in one burst at the first start. Left like that, every
stage would be "learnt late" and every truck heard a moment ago; so what the burst wrote is dated as if it had been
heard when it was measured.
"""

from __future__ import annotations

from store.pool import Connection

POSITIONS = """
update positions set received_at = fix_time + interval '2 seconds', flags = flags & ~16
where driver_id = any($1::int[]) and trip_id = any($2::int[]) and received_at > fix_time + interval '1 minute'
"""

TRACKS = """
update tracks set received_at = fix_time + interval '2 seconds', flags = flags & ~16, sequence = sequence + 1
where trip_id = any($1::int[]) and received_at > fix_time + interval '20 seconds'
"""

EVENTS = """
update events set late = false, created_at = at + interval '3 seconds'
where trip_id = any($1::int[]) and created_at > at + interval '1 minute'
"""

ORDERS = """
update orders o set created_at = t.window_from - interval '3 hours'
from trips t where t.order_id = o.id and t.id = any($1::int[])
"""

REPORTS = """
update device_reports r set last_heard_at = k.received_at,
  offline_at = case when r.offline_at is null then null else k.received_at end
from driver_devices e join trips t on t.driver_id = e.driver_id join tracks k on k.trip_id = t.id
where r.device_id = e.id and t.id = any($1::int[]) and r.last_heard_at > k.received_at
"""

NOTIFICATIONS = """
update notifications n set created_at = e.created_at,
  read_at = case when e.at < now() - interval '45 minutes' then e.at + interval '1 minute' end
from events e where e.id = n.event_id and e.trip_id = any($1::int[])
  and n.created_at > e.created_at + interval '30 seconds'
"""

# What a trip that is over still had to say nobody waits for: its phone drives on with the next one.
OPEN = "select id from trips where id = any($1::int[]) and window_to is null"

FOLDED = """
select count(*) from unnest($1::int[], $2::timestamptz[]) as told (trip_id, until)
join tracks k using (trip_id) where k.fix_time >= told.until
"""

WAITING = "select count(*) from pgqueuer where entrypoint = 'notify' and status in ('queued', 'picked')"


async def date_back(connection: Connection, driver_ids: list[int], trip_ids: list[int]) -> None:
    """Date positions, newest positions, facts, orders and device reports of these trips back."""
    async with connection.transaction():
        await connection.execute(POSITIONS, driver_ids, trip_ids)
        for statement in (TRACKS, EVENTS, ORDERS, REPORTS):
            await connection.execute(statement, trip_ids)


async def date_notifications_back(connection: Connection, trip_ids: list[int]) -> None:
    """Date what was told of these trips back; what happened long ago counts as read."""
    await connection.execute(NOTIFICATIONS, trip_ids)
