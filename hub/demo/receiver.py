"""What a phone's GPS makes of where the truck is: drifting error, varying accuracy, a draining battery."""

from __future__ import annotations

import numpy as np

from geo.fix import Float64s
from hub.demo.journey import Journey, metres_to_degrees

# The error of a receiver wanders: neighbouring fixes err alike, and forget within minutes.
DRIFT_MEMORY_S = 90.0
GOOD_M = 6.0
POOR_M = 28.0
CHARGE_PCT_PER_H = 9.0
DRAIN_PCT_PER_H = 3.5
KNOT_S = 10.0


class Receiver:
    """A phone on board. Errors depend on the moment and the seed alone, so a repeated fix is the same fix."""

    def __init__(self, journey: Journey, seed: int, battery_pct: float, charging: bool) -> None:
        self.journey = journey
        self.battery_pct = battery_pct
        self.charging = charging
        chance = np.random.default_rng(seed)
        count = int(journey.duration_s // KNOT_S) + 3
        self.knots_s = np.arange(count) * KNOT_S
        self.east = _drift(chance, count)
        self.north = _drift(chance, count)
        # Valleys and towns: for minutes on end the sky is narrow.
        self.poor = np.clip(_drift(chance, count) - 0.9, 0.0, 1.0)

    def fixes(self, elapsed_s: Float64s, began_at_s: float) -> list[dict[str, object]]:
        """OwnTracks locations at these seconds of the journey, which began at `began_at_s` (Unix time)."""
        where = self.journey.where(elapsed_s)
        poor = np.interp(elapsed_s, self.knots_s, self.poor)
        accuracy = GOOD_M + (POOR_M - GOOD_M) * poor
        # Two thirds of the errors lie within the accuracy the phone claims.
        east_m = np.interp(elapsed_s, self.knots_s, self.east) * accuracy * 0.7
        north_m = np.interp(elapsed_s, self.knots_s, self.north) * accuracy * 0.7
        # A receiver standing still holds its place.
        still = where.speed_mps < 0.5
        calm = np.where(still, 0.3, 1.0)
        north, east = metres_to_degrees(east_m * calm, north_m * calm, where.lat)
        battery = self._battery(elapsed_s)
        return [
            {
                "_type": "location",
                "tst": int(began_at_s + elapsed_s[i]),
                "lat": round(float(where.lat[i] + north[i]), 6),
                "lon": round(float(where.lon[i] + east[i]), 6),
                "acc": round(float(accuracy[i])),
                "vel": round(float(where.speed_mps[i]) * 3.6),
                "cog": round(float(where.bearing_deg[i])) % 360,
                "batt": int(battery[i]),
                "bs": 2 if self.charging else 1,
                "conn": "m",
                "t": "t",
                "m": 2,
            }
            for i in range(len(elapsed_s))
        ]

    def drained_pct(self, elapsed_s: float) -> float:
        """What the battery loses in so many seconds without a charger."""
        return DRAIN_PCT_PER_H * elapsed_s / 3600.0

    def _battery(self, elapsed_s: Float64s) -> Float64s:
        per_hour = CHARGE_PCT_PER_H if self.charging else -DRAIN_PCT_PER_H
        return np.clip(self.battery_pct + per_hour * elapsed_s / 3600.0, 2.0, 100.0)


def _drift(chance: np.random.Generator, count: int) -> Float64s:
    """A wandering error of unit spread, one value every ten seconds."""
    memory = float(np.exp(-KNOT_S / DRIFT_MEMORY_S))
    shocks = chance.standard_normal(count) * np.sqrt(1.0 - memory**2)
    values = np.empty(count)
    value = float(chance.standard_normal())
    for index in range(count):
        value = memory * value + float(shocks[index])
        values[index] = value
    return values.clip(-2.5, 2.5)
