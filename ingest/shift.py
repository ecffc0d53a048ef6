"""The last fix of a driver on shift without a trip."""

from collections.abc import Mapping

from freight.drivers.shifts import ShiftFix
from geo.fix import UNTRUSTED, Bools
from ingest.decode import Readings
from ingest.devices import Device


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
