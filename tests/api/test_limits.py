"""How often one may ask, with Redis and without."""

import pytest

from api.limits import RateLimits
from api.problems import RequestRefused
from store.bus import BusConfig


async def test_two_processes_count_together(bus_config: BusConfig) -> None:
    first, second = RateLimits(bus_config), RateLimits(bus_config)
    for limits in (first, second) * 5:
        await limits.check("password", "7")
    for limits in (first, second):
        with pytest.raises(RequestRefused) as refused:
            await limits.check("password", "7")
        assert refused.value.status == 429 and (refused.value.retry_after_s or 0) > 0
    await first.check("password", "8")
    await first.close()
    await second.close()


async def test_it_counts_alone_while_redis_is_away() -> None:
    limits = RateLimits(BusConfig("redis://127.0.0.1:9"))
    answers = [await limits.allows("password", "7") for _ in range(11)]
    assert answers == [True] * 10 + [False]
    await limits.close()
