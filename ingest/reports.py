"""A device's latest word: when it was heard, whether the broker saw it go, its battery. "Why is it silent?"."""

import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from freight.moments import moment
from ingest.devices import Device
from ingest.explain import Report
from ingest.message import Source
from store.pool import Connection

# A device that only sends fixes is noted this often: its trip's track tells of every one.
NOTED_EVERY_S = 60.0
MOST_KEPT = 50_000
MOST_REPORT_BYTES = 2048
_REFUSED_BY_JSONB = re.compile(r"\\u(0000|d[89a-f])")

# What our clock wrote while it ran ahead must not outweigh all that follows.
SAVE = """
insert into device_reports as r (device_id, last_heard_at, offline_at, battery_pct, report)
select * from unnest($1::int[], $2::timestamptz[], $3::timestamptz[], $4::int2[], $5::jsonb[])
on conflict (device_id) do update
set last_heard_at = case
      when r.last_heard_at > now() then excluded.last_heard_at else greatest(r.last_heard_at, excluded.last_heard_at)
    end,
    offline_at = case
      when r.last_heard_at > now() or excluded.last_heard_at >= r.last_heard_at then excluded.offline_at
      else r.offline_at
    end,
    battery_pct = coalesce(excluded.battery_pct, r.battery_pct),
    report = coalesce(excluded.report, r.report)
"""


class DeviceNews(msgspec.Struct):
    """What a batch tells of one device; `offline_at_us` only when its last word was the broker's "it is gone"."""

    device_id: int
    heard_at_us: int
    offline_at_us: int | None = None
    battery_pct: int | None = None
    report: Mapping[str, Any] | None = None


class ReportBook:
    """Collects the news of devices and holds back what says nothing new."""

    def __init__(self) -> None:
        self._noted: dict[int, tuple[float, bool]] = {}

    def news(
        self,
        reports: Sequence[tuple[Source, Report, int]],
        heard: Iterable[tuple[Device, int]],
        devices: Mapping[str, Device],
    ) -> list[DeviceNews]:
        """News worth writing: every report, and devices heard (`heard`: device, microseconds) after a minute or after
        having been gone."""
        found = {device.id: DeviceNews(device.id, at_us) for device, at_us in heard if self._is_due(device.id)}
        for source, report, at_us in reports:
            device = devices.get(source.login)
            if device is not None:
                found[device.id] = _after(found.get(device.id), device.id, report, at_us)
        return list(found.values())

    def remember(self, news: Iterable[DeviceNews]) -> None:
        """These were written, and that is committed: a batch that is tried again must find them worth writing still."""
        now = time.monotonic()
        if len(self._noted) > MOST_KEPT:
            self._noted.clear()
        for one in news:
            self._noted[one.device_id] = (now, one.offline_at_us is not None)

    def _is_due(self, device_id: int) -> bool:
        noted_at, was_gone = self._noted.get(device_id, (-NOTED_EVERY_S, True))
        return was_gone or time.monotonic() - noted_at >= NOTED_EVERY_S


def _after(earlier: DeviceNews | None, device_id: int, report: Report, at_us: int) -> DeviceNews:
    news = earlier or DeviceNews(device_id, at_us)
    news.heard_at_us = max(news.heard_at_us, at_us)
    news.offline_at_us = at_us if report.kind == "lwt" else None
    battery = report.content.get("batt")
    # Trackers over HTTP write it with a point; True is a number to Python.
    if isinstance(battery, int | float) and not isinstance(battery, bool) and 0 <= battery <= 100:
        news.battery_pct = round(battery)
    news.report = report.content if _is_storable(report.content) else None
    return news


def _is_storable(content: Mapping[str, Any]) -> bool:
    """Small enough, and nothing in it that `jsonb` refuses: NaN, zero characters, halves of characters."""
    try:
        text = json.dumps(content, allow_nan=False)
    except ValueError:
        return False
    return len(text) <= MOST_REPORT_BYTES and not _REFUSED_BY_JSONB.search(text)


async def save_news(connection: Connection, news: Sequence[DeviceNews]) -> None:
    """Write the news of devices."""
    if not news:
        return
    ordered = sorted(news, key=lambda one: one.device_id)
    await connection.execute(
        SAVE,
        [one.device_id for one in ordered],
        [moment(one.heard_at_us) for one in ordered],
        [None if one.offline_at_us is None else moment(one.offline_at_us) for one in ordered],
        [one.battery_pct for one in ordered],
        [one.report for one in ordered],
    )
