"""The last fix of a driver on shift without a trip: it lives in Redis for an hour, and nowhere else."""

from collections.abc import Mapping, Sequence

import msgspec
from redis.exceptions import RedisError

from geo.fix import UNTRUSTED, Bools
from ingest.decode import Readings
from ingest.devices import Device
from store.bus import Bus

KEPT_S = 3600


class ShiftFix(msgspec.Struct, frozen=True):
    """Where a free driver is: WGS-84, milliseconds since 1970 UTC."""

    driver_id: int
    fix_time_ms: int
    lat: float
    lon: float


def shift_key(driver_id: int) -> str:
    """Under the bus's prefix."""
    return f"shift:{driver_id}"


def shift_fixes(readings: Readings, devices: Mapping[str, Device], outside: Bools) -> list[ShiftFix]:
    """The newest trusted fix of each on-shift driver among those outside every tracking window."""
    if not outside.any():
        return []
    newest: dict[int, ShiftFix] = {}
    fixes = readings.fixes
    for row in ((fixes.flags & UNTRUSTED == 0) & outside).nonzero()[0].tolist():
        device = devices.get(readings.sources[readings.source[row]].login)
        if device is None or not device.on_shift:
            continue
        at_ms = int(fixes.fix_time[row]) // 1000
        known = newest.get(device.driver_id)
        if known is None or known.fix_time_ms < at_ms:
            newest[device.driver_id] = ShiftFix(device.driver_id, at_ms, float(fixes.lat[row]), float(fixes.lon[row]))
    return list(newest.values())


async def keep_shift_fixes(bus: Bus, found: Sequence[ShiftFix]) -> bool:
    """Keep each for an hour; False when Redis did not take them."""
    pipeline = bus.redis.pipeline(transaction=False)
    for fix in found:
        pipeline.set(bus.config.prefix + shift_key(fix.driver_id), msgspec.json.encode(fix), ex=KEPT_S)
    try:
        await pipeline.execute()
    except (RedisError, OSError):
        return False
    return True
