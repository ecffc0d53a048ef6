"""What could become no fix, kept for whoever has to find out why; bounded, so that it can't fill the disk."""

import time
from collections import Counter
from collections.abc import Sequence

from freight.moments import moment
from ingest.decode import Refusal
from store.pool import Connection

MOST_PAYLOAD_BYTES = 4096
MOST_DETAIL = 200
ROWS_PER_LOGIN_A_MINUTE = 20
ROWS_A_MINUTE = 600
MINUTE_S = 60.0

# What a phone sends while its driver is on no trip may hold a place nobody may keep: then only the reason stays.
INSERT = """
insert into quarantine (received_at, topic, reason, detail, payload, size)
select u.received_at, u.topic, u.reason, u.detail,
  case when exists (
    select from driver_devices d join trips t on t.driver_id = d.driver_id and t.window_to is null
    where d.login = u.login
  ) then u.payload else ''::bytea end,
  u.size
from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::int[], $7::text[])
  as u (received_at, topic, reason, detail, payload, size, login)
"""


class QuarantineBound:
    """How many rows may still be written this minute, for each login and in all; what exceeds it is only counted."""

    def __init__(self) -> None:
        self._since = 0.0
        self._written: Counter[str] = Counter()

    def admit(self, refusals: Sequence[Refusal]) -> list[Refusal]:
        """Those that may be written; they are counted as written."""
        now = time.monotonic()
        if now - self._since >= MINUTE_S:
            self._since = now
            self._written.clear()
        admitted = []
        for refusal in refusals:
            if self._written.total() >= ROWS_A_MINUTE:
                break
            if self._written[refusal.login] < ROWS_PER_LOGIN_A_MINUTE:
                self._written[refusal.login] += 1
                admitted.append(refusal)
        return admitted


async def save_refusals(connection: Connection, refusals: Sequence[Refusal]) -> None:
    """Write refusals; payloads are cut to 4 KiB, and left out while the driver is on no trip."""
    if not refusals:
        return
    await connection.execute(
        INSERT,
        [moment(refusal.received_at_us) for refusal in refusals],
        [refusal.topic[:MOST_DETAIL] for refusal in refusals],
        [refusal.reason for refusal in refusals],
        [refusal.detail.replace("\0", "")[:MOST_DETAIL] for refusal in refusals],
        [refusal.payload[:MOST_PAYLOAD_BYTES] for refusal in refusals],
        [len(refusal.payload) for refusal in refusals],
        [refusal.login for refusal in refusals],
    )
