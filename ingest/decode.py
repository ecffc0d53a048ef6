"""A batch of messages into columns of fixes, reports, and refusals with their reasons."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np

from geo.fix import Bools, Columns, Flag, Float32s, Float64s, Indices, Int16s, Int32s, Int64s, is_place, sensible
from ingest.errors import Unreadable
from ingest.explain import Idle, Report, explain
from ingest.location import Location, decode_quickly
from ingest.message import Message, Source, source_of

SECOND_US = 1_000_000
KMH_PER_MPS = 3.6
# A "seconds since 1970" beyond this (year 5138) was meant in milliseconds.
MILLISECONDS_ABOVE = 1e11
# A clock this far ahead is broken, and no partition waits for its fixes.
FUTURE_LIMIT_US = 24 * 3600 * SECOND_US
MOST_SINGLE = float(np.finfo(np.float32).max)
NOBODY = Source("", "", "")
_NOT_QUICK = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What could not become a fix: for quarantine, with the reason it is counted under."""

    topic: str
    login: str
    reason: str
    detail: str
    payload: bytes
    received_at_us: int


@dataclass(frozen=True, slots=True)
class Readings:
    """What a batch of messages says.

    `fixes` in the order of arrival, with `source` (index into `sources`) and `received_at_us` alongside. Flags are
    those the phone itself declares. `numbered` are the fixes our own app waits to have confirmed, stored or refused.
    """

    fixes: Columns
    source: Int32s
    received_at_us: Int64s
    sources: list[Source]
    reports: list[tuple[Source, Report, int]]
    refusals: list[Refusal]
    idle: Counter[str]
    millisecond_times: int
    numbered: list[tuple[Source, list[int]]]


@dataclass(slots=True)
class _Collected:
    """Fixes and the rest while the messages are gone through one by one."""

    locations: list[Location] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    reports: list[tuple[Source, Report, int]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    refused_numbers: list[tuple[Source, int]] = field(default_factory=list)
    idle: Counter[str] = field(default_factory=Counter)


def read(messages: Sequence[Message], oldest_us: int) -> Readings:
    """Read a batch. Fixes from before `oldest_us` (the retention) are refused; nothing raises."""
    collected = _Collected()
    for message in messages:
        packet = message.packet
        if packet.retain:
            collected.idle["retained"] += 1
            continue
        try:
            decoded = decode_quickly(packet.payload)
        except _NOT_QUICK:
            _explain(collected, message)
            continue
        if type(decoded) is Location:
            collected.locations.append(decoded)
            collected.messages.append(message)
        elif decoded:
            collected.locations += decoded  # type: ignore[arg-type]
            collected.messages += [message] * len(decoded)  # type: ignore[arg-type]
        else:
            collected.idle["empty"] += 1
    return _readings(collected, oldest_us)


def _explain(collected: _Collected, message: Message) -> None:
    packet = message.packet
    try:
        explained = explain(packet.payload)
    except Unreadable as fault:
        collected.refusals.append(_refusal(message, fault.reason, fault.detail, packet.payload))
        return
    source = source_of(packet.topic)
    if isinstance(explained, Idle):
        collected.idle[explained.kind] += 1
    elif isinstance(explained, Report):
        if source is None:
            collected.refusals.append(_refusal(message, "bad_topic", "", packet.payload))
        else:
            collected.reports.append((source, explained, message.received_at_us))
    else:
        for item in explained:
            if isinstance(item, Location):
                collected.locations.append(item)
                collected.messages.append(message)
            else:
                collected.refusals.append(_refusal(message, item.reason, item.detail, packet.payload))
                if item.sequence and source is not None:
                    collected.refused_numbers.append((source, item.sequence))


def _refusal(message: Message, reason: str, detail: str, payload: bytes) -> Refusal:
    source = source_of(message.packet.topic)
    login = source.login if source else ""
    return Refusal(message.packet.topic, login, reason, detail, payload, message.received_at_us)


def _readings(collected: _Collected, oldest_us: int) -> Readings:
    locations, messages = collected.locations, collected.messages
    topics: dict[str, int] = {}
    topic = [topics.setdefault(message.packet.topic, len(topics)) for message in messages]
    sources = [source_of(name) or NOBODY for name in topics]
    seconds = np.array([location.tst for location in locations], np.float64)
    in_milliseconds = seconds > MILLISECONDS_ABOVE
    seconds = np.where(in_milliseconds, seconds / 1000, seconds)
    fixes = _columns(locations, seconds)
    received_at_us = np.array([message.received_at_us for message in messages], np.int64)
    kept = _refuse(collected, fixes, seconds, received_at_us, oldest_us)
    source = np.asarray(topic, np.int32)
    numbered = _numbered(locations, source, sources, collected.refused_numbers)
    if not kept.all():
        fixes, source = fixes.take(kept), source[kept]
        received_at_us = received_at_us[kept]
    return Readings(
        sensible(fixes),
        source,
        received_at_us,
        sources,
        collected.reports,
        collected.refusals,
        collected.idle,
        int(in_milliseconds.sum()),
        numbered,
    )


def _numbered(
    locations: list[Location], source: Int32s, sources: list[Source], refused: list[tuple[Source, int]]
) -> list[tuple[Source, list[int]]]:
    """The numbers to be answered by source, sorted: what is refused for good is dealt with as well."""
    sequence = np.array([location.seq for location in locations], np.int64)
    rows = np.flatnonzero(sequence > 0)
    numbers: dict[Source, list[int]] = {
        sources[index]: sequence[rows[source[rows] == index]].tolist() for index in np.unique(source[rows]).tolist()
    }
    for speaker, number in refused:
        numbers.setdefault(speaker, []).append(number)
    return [(speaker, sorted(found)) for speaker, found in numbers.items()]


def _columns(locations: list[Location], seconds: Float64s) -> Columns:
    sane = np.where(np.isfinite(seconds) & (np.abs(seconds) < MILLISECONDS_ABOVE), seconds, 0.0)
    # Written out, not looped over names: an attribute read by a name in a variable costs thrice as much.
    return Columns(
        fix_time=np.rint(sane * SECOND_US).astype(np.int64),
        lat=np.array([location.lat for location in locations], np.float64),
        lon=np.array([location.lon for location in locations], np.float64),
        accuracy_m=_single([location.acc for location in locations], beyond=np.inf),
        speed_mps=_single([location.vel for location in locations]) / np.float32(KMH_PER_MPS),
        bearing_deg=_single([location.cog for location in locations]),
        altitude_m=_single([location.alt for location in locations]),
        battery_pct=_battery([location.batt for location in locations]),
        flags=_declared(locations),
    )


def _single(values: list[float], beyond: float = np.nan) -> Float32s:
    """Single precision; what exceeds it is unknown, or `beyond`."""
    doubles = np.array(values, np.float64)
    return np.where(np.abs(doubles) > MOST_SINGLE, beyond, doubles).astype(np.float32)


def _battery(values: list[float]) -> Int16s:
    return np.clip(np.rint(np.array(values, np.float64)), -1, 101).astype(np.int16)


def _declared(locations: list[Location]) -> Int32s:
    pings = np.array([location.t == "p" for location in locations], np.bool_)
    mocks = np.array([location.mock for location in locations], np.bool_)
    return np.where(pings, np.int32(Flag.PING), 0).astype(np.int32) | np.where(mocks, np.int32(Flag.MOCK), 0)


def _refuse(collected: _Collected, fixes: Columns, seconds: Float64s, received_at_us: Int64s, oldest_us: int) -> Bools:
    """True for the fixes that can be stored; the others become refusals, each with its reason."""
    placed = is_place(fixes.lat, fixes.lon)
    dated = np.abs(seconds) < MILLISECONDS_ABOVE
    ahead = fixes.fix_time > received_at_us + FUTURE_LIMIT_US
    old = fixes.fix_time < oldest_us
    kept = placed & dated & ~ahead & ~old
    for row in np.flatnonzero(~kept).tolist():
        location, message = collected.locations[row], collected.messages[row]
        if not placed[row]:
            reason = "bad_lat" if not abs(location.lat) <= 90 else "bad_lon"
        else:
            reason = "too_old" if dated[row] and old[row] else "far_future"
        payload = msgspec.json.encode(location)
        collected.refusals.append(_refusal(message, reason, f"tst {location.tst}", payload))
    return np.asarray(kept)


def last_rows(owner: Int32s, chosen: Bools, count: int) -> Indices:
    """For each of `count` owners its last chosen row, -1 for none."""
    last = np.full(count, -1, np.intp)
    rows = np.flatnonzero(chosen)
    # Of repeated indices the last assignment stays.
    last[owner[rows]] = rows
    return last
