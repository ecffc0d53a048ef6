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


class ShiftFix(msgspec.Struct, frozen=True):
    """Where a free driver is: WGS-84, milliseconds since 1970 UTC."""

    driver_id: int
    fix_time_ms: int
    lat: float
    lon: float


def shift_key(driver_id: int) -> str:
    """Under the bus's prefix."""
    return f"shift:{driver_id}"


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


async def forget_shift_fix(bus: Bus, driver_id: int) -> None:
    """Nobody asks for a driver off shift, so that an absent Redis may forget it by itself within the hour."""
    with suppress(RedisError, OSError):
        await bus.redis.delete(bus.config.prefix + shift_key(driver_id))


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
