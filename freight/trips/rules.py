"""What a trip may be and what is said of a silent truck; decided without I/O."""

import datetime as dt

import msgspec

from freight.errors import Conflict, Invalid
from freight.orders.rules import CARRIED, State
from freight.trips.views import Silence, SilenceReason

# A truck is silent when nothing was received for this long.
SILENT_AFTER = dt.timedelta(minutes=10)
EMPTY_BATTERY_PCT = 5
# A button pressed without network is told later; one pressed in the future is a wrong clock.
MARK_AHEAD = dt.timedelta(minutes=5)


def check_mark(state: State, window_from: dt.datetime, at: dt.datetime, now: dt.datetime) -> None:
    """Raises Conflict when the trip takes no marks any more, Invalid for a time it cannot have happened at."""
    if state not in (*CARRIED, "delivered"):
        raise Conflict("trip_finished", "the trip is finished")
    if at > now + MARK_AHEAD:
        raise Invalid("at", "in_the_future", "this has not happened yet")
    if at < window_from:
        raise Invalid("at", "before_the_trip", "this is before the trip began")


class Hearing(msgspec.Struct, frozen=True):
    """What was last heard of a truck: fixes (`received_at`) and any word of its devices."""

    device_count: int
    received_at: dt.datetime | None
    reported_at: dt.datetime | None
    offline_at: dt.datetime | None
    battery_pct: int | None
    window_to: dt.datetime | None


def silence_of(hearing: Hearing, now: dt.datetime) -> Silence:
    """Why a truck says nothing, or that it does speak (`reason` None)."""
    last_heard_at = max(filter(None, (hearing.received_at, hearing.reported_at)), default=None)
    return Silence(last_heard_at, hearing.offline_at, hearing.battery_pct, _reason(hearing, last_heard_at, now))


def _reason(hearing: Hearing, last_heard_at: dt.datetime | None, now: dt.datetime) -> SilenceReason | None:
    if hearing.window_to is not None and hearing.window_to <= now:
        return "outside_window"
    if last_heard_at is None:
        return "never_connected"
    if hearing.received_at is not None and now - hearing.received_at < SILENT_AFTER:
        return None
    if hearing.battery_pct is not None and hearing.battery_pct <= EMPTY_BATTERY_PCT:
        return "battery"
    if hearing.offline_at is not None and hearing.offline_at >= (hearing.reported_at or hearing.offline_at):
        return "phone_offline"
    return "no_fix" if now - last_heard_at < SILENT_AFTER else "no_signal"
