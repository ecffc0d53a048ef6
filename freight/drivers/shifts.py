"""Where a free driver on shift is: his last fix lives in Redis for an hour, and nowhere else."""

import datetime as dt
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import msgspec
from redis.exceptions import RedisError

from freight.config import Language
from freight.drivers.views import ShiftPlace
from geo.nearest import nearest_place
from store.bus import Bus

KEPT_S = 3600

NO_SHIFT = "over"
# Ingest learns of a shift's end seconds late, and tells what it has in hand later still: whether a place may be kept is
# looked up where it is kept, in the same step. Where nothing is noted the shift began long ago.
KEEP_DURING_SHIFT = f"""
local since = redis.call('get', KEYS[2])
if since and (since == '{NO_SHIFT}' or tonumber(ARGV[3]) < tonumber(since)) then
  return 0
end
redis.call('set', KEYS[1], ARGV[1], 'ex', ARGV[2])
return 1
"""


class ShiftFix(msgspec.Struct, frozen=True):
    """Where a free driver is: WGS-84, milliseconds since 1970 UTC."""

    driver_id: int
    fix_time_ms: int
    lat: float
    lon: float


def shift_key(driver_id: int) -> str:
    """Under the bus's prefix."""
    return f"shift:{driver_id}"


def _since_key(driver_id: int) -> str:
    """When the present shift began, milliseconds since 1970 UTC, or that there is none; for an hour after a change."""
    return f"shift_since:{driver_id}"


async def keep_shift_fixes(bus: Bus, found: Sequence[ShiftFix]) -> bool:
    """Keep each for an hour unless its shift is over by now, or had not begun; False when Redis did not take them."""
    pipeline = bus.redis.pipeline(transaction=False)
    for fix in found:
        keys = (bus.config.prefix + shift_key(fix.driver_id), bus.config.prefix + _since_key(fix.driver_id))
        pipeline.eval(KEEP_DURING_SHIFT, 2, *keys, msgspec.json.encode(fix), KEPT_S, fix.fix_time_ms)
    try:
        await pipeline.execute()
    except (RedisError, OSError):
        return False
    return True


async def kept_fixes(bus: Bus, driver_ids: Sequence[int]) -> list[ShiftFix]:
    """The kept fixes of these drivers, none measured over an hour ago; none while Redis is away."""
    if not driver_ids:
        return []
    try:
        kept = await bus.redis.mget([bus.config.prefix + shift_key(driver_id) for driver_id in driver_ids])
    except (RedisError, OSError):
        return []
    # A phone back from a dead spot tells where it was: Redis counts the hour from its telling.
    earliest_ms = (time.time() - KEPT_S) * 1000
    fixes = [msgspec.json.decode(one, type=ShiftFix) for one in kept if one is not None]
    return [fix for fix in fixes if fix.fix_time_ms >= earliest_ms]


async def note_shift(bus: Bus, driver_id: int, on_shift: bool) -> None:
    """Forget where he was: his shift ends, or another begins, which what was measured before is no part of.

    What ingest has in hand of the shift before comes to nothing as well. Nobody asks for a driver off shift, so that an
    absent Redis may forget it by itself within the hour.
    """
    since = int(time.time() * 1000) if on_shift else NO_SHIFT
    pipeline = bus.redis.pipeline(transaction=True)
    pipeline.set(bus.config.prefix + _since_key(driver_id), since, ex=KEPT_S)
    pipeline.delete(bus.config.prefix + shift_key(driver_id))
    with suppress(RedisError, OSError):
        await pipeline.execute()


def shift_places(fixes: Iterable[ShiftFix], language: Language) -> Mapping[int, ShiftPlace]:
    """Fixes by driver as a dispatcher reads them."""
    return {fix.driver_id: _place(fix, language) for fix in fixes}


def _place(fix: ShiftFix, language: Language) -> ShiftPlace:
    found = nearest_place(fix.lat, fix.lon)
    return ShiftPlace(
        lat=fix.lat,
        lon=fix.lon,
        fix_time=dt.datetime.fromtimestamp(fix.fix_time_ms / 1000, dt.UTC),
        near=getattr(found.place, f"name_{language}") if found else "",
        near_m=round(found.distance_m) if found else None,
    )
