"""Tracks for trucks under fire: every fix follows from the truck's number and the step, so a checker knows them all.

A truck visits ten stops in a row, ten seconds of its life a step: three minutes in each fence, then on at 72 km/h. A
run is as long as its legs are made, and ends on the way to the last stop, so that no tracking window closes.
"""

import math
from dataclasses import dataclass

STOPS = 10
STEP_S = 10
DWELL_STEPS = 18
SPEED_MPS = 20.0
FEWEST_LEG_STEPS = 20
METRES_PER_DEGREE = 111_195.0
NOISE_M = 6.0
# How much of the way to the last stop a whole run covers.
CYCLES = STOPS - 1.5


@dataclass(frozen=True)
class Road:
    """The way of one truck in a run of `steps` fixes; places are (lat, lon)."""

    truck: int
    steps: int

    @property
    def leg_steps(self) -> int:
        """Steps from one fence to the next."""
        return max(FEWEST_LEG_STEPS, math.ceil(self.steps / CYCLES) - DWELL_STEPS)

    def along(self, metres: float) -> tuple[float, float]:
        """The place so many metres from the first stop."""
        lat, lon = 41.0 + self.truck % 10 * 0.2, 68.0 + self.truck // 10 * 0.5
        angle = self.truck * 0.7 % (2 * math.pi)
        north, east = metres * math.cos(angle), metres * math.sin(angle)
        return lat + north / METRES_PER_DEGREE, lon + east / (METRES_PER_DEGREE * math.cos(math.radians(lat)))

    def stop(self, index: int) -> tuple[float, float]:
        """Where a stop is."""
        return self.along(index * self.leg_steps * STEP_S * SPEED_MPS)

    def speed_mps(self, step: int) -> float:
        """How fast the truck is at a step: it stands in its fences."""
        return 0.0 if step % (DWELL_STEPS + self.leg_steps) < DWELL_STEPS else SPEED_MPS

    def place(self, step: int) -> tuple[float, float]:
        """Where the phone measures the truck at a step, GPS noise included, as it is written in JSON."""
        cycle, phase = divmod(step, DWELL_STEPS + self.leg_steps)
        driven = cycle * self.leg_steps + max(0, phase - DWELL_STEPS)
        lat, lon = self.along(driven * STEP_S * SPEED_MPS)
        wobble = step * 12.9898 + self.truck * 78.233
        noise = NOISE_M / METRES_PER_DEGREE
        return round(lat + noise * math.sin(wobble), 6), round(lon + noise * math.cos(wobble * 1.7), 6)
