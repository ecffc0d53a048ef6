"""What the phones of a run know: each fix made, and when who vouched for it."""

import time
from dataclasses import dataclass, field

from tests.faults.roads import STEP_S, Road

Key = tuple[int, float, float]
# An acknowledgement written before the kill may be read a moment after it.
CLOCK_SLACK_S = 1.0


@dataclass
class PhoneHistory:
    """One phone's fixes, by step. `sent`: handed to the network at least once; `acked`: when (monotonic) the broker or
    the HTTP answer vouched for it; `confirmed`: the hub's own word `stored`, which only our app is given."""

    login: str
    driver_id: int
    first_time_s: int
    road: Road
    sent: set[int] = field(default_factory=set)
    acked: dict[int, float] = field(default_factory=dict)
    confirmed: set[int] = field(default_factory=set)

    def key(self, step: int) -> Key:
        """What the database knows this fix by, besides its driver: microseconds, lat, lon."""
        return (self.first_time_s + step * STEP_S) * 1_000_000, *self.road.place(step)

    def fix(self, step: int) -> dict[str, object]:
        """The fix as OwnTracks JSON."""
        lat, lon = self.road.place(step)
        at, speed_kmh = self.first_time_s + step * STEP_S, round(self.road.speed_mps(step) * 3.6)
        return {
            "_type": "location",
            "lat": lat,
            "lon": lon,
            "tst": at,
            "acc": 8,
            "vel": speed_kmh,
            "batt": 80,
            "t": "t",
        }

    def ack(self, step: int) -> None:
        """Note the first time someone vouched for it."""
        self.acked.setdefault(step, time.monotonic())

    def durable(self, broker_killed_at: list[float], memory_s: float) -> set[int]:
        """The fixes that must be stored whatever happened since: confirmed ones, and those the broker had time to save
        before it was killed, at most `memory_s` after vouching for them."""
        return self.confirmed | {
            step
            for step, acked_at in self.acked.items()
            if not any(acked_at - CLOCK_SLACK_S <= killed_at <= acked_at + memory_s for killed_at in broker_killed_at)
        }
