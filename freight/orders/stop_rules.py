"""What the stops of an order may be, and what may still change of one; decided without I/O."""

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from functools import cache

import msgspec

from freight.checks import check_moment, check_seen
from freight.errors import Conflict, Invalid
from freight.orders.rules import CARRIED, State
from freight.orders.views import ChangeStop, NewStop, StopKind
from geo.errors import GeoError
from geo.fences import Circle, Fence, check_fence

FEWEST_STOPS = 2
MOST_STOPS = 10


@cache
def _timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def check_window(field: str, window_from: dt.datetime | None, window_to: dt.datetime | None) -> None:
    """Raises Invalid when a stop's window is out of range or ends before it begins."""
    check_moment(f"{field}window_from", window_from)
    check_moment(f"{field}window_to", window_to)
    if window_from is not None and window_to is not None and window_to < window_from:
        raise Invalid(f"{field}window_to", "window_reversed", "the window ends before it begins")


def check_stop_fence(field: str, fence: Fence | None) -> None:
    """Raises Invalid with the fence's own code and field."""
    if fence is None:
        return
    try:
        check_fence(fence)
    except GeoError as error:
        inner = getattr(error, "field", "")
        raise Invalid(f"{field}fence.{inner}".rstrip("."), error.code, str(error)) from None


def check_stops(stops: Sequence[NewStop]) -> None:
    """Raises Invalid, naming the stop and field, when these cannot be the stops of one trip."""
    if not FEWEST_STOPS <= len(stops) <= MOST_STOPS:
        raise Invalid("stops", "stop_count", "two to ten stops", {"minimum": FEWEST_STOPS, "maximum": MOST_STOPS})
    if stops[0].kind != "loading":
        raise Invalid("stops[0].kind", "loading_first", "the first stop is a loading")
    if stops[-1].kind != "unloading":
        raise Invalid(f"stops[{len(stops) - 1}].kind", "unloading_last", "the last stop is an unloading")
    earliest: dt.datetime | None = None
    for index, stop in enumerate(stops):
        field = f"stops[{index}]."
        check_seen(f"{field}name", stop.name)
        if stop.timezone not in _timezones():
            raise Invalid(f"{field}timezone", "unknown_timezone", "not an IANA time zone")
        check_window(field, stop.window_from, stop.window_to)
        check_stop_fence(field, stop.fence)
        ends = stop.window_to or stop.window_from
        if earliest is not None and ends is not None and ends < earliest:
            raise Invalid(f"{field}window_to", "windows_disordered", "this window ends before an earlier stop's begins")
        earliest = max(filter(None, (earliest, stop.window_from)), default=None)


def fence_of(stop: NewStop) -> Fence | None:
    """The fence a new stop gets: its own, a circle of 300 m around an exact place, none around a mere city."""
    if stop.fence is not None:
        return stop.fence
    return Circle(stop.lat, stop.lon) if stop.exact else None


class StopNow(msgspec.Struct, frozen=True):
    """A stop as stored, with what decides whether it may still change."""

    kind: StopKind
    name: str
    address: str
    lat: float
    lon: float
    fence: Fence | None
    window_from: dt.datetime | None
    window_to: dt.datetime | None
    departed_at: dt.datetime | None
    state: State


def changed_stop(stop: StopNow, change: ChangeStop) -> StopNow:
    """The stop with the change applied. Raises Conflict when it is left already, Invalid for an impossible change.

    A circle follows the stop when only the place moves.
    """
    if stop.state not in CARRIED:
        raise Conflict("trip_finished", "the trip is finished")
    if stop.departed_at is not None:
        raise Conflict("stop_left", "this stop is already left")
    wanted = {name: value for name in change.__struct_fields__ if (value := getattr(change, name)) is not msgspec.UNSET}
    moved = msgspec.structs.replace(stop, **wanted)
    if "fence" not in wanted and isinstance(stop.fence, Circle) and {"lat", "lon"} & wanted.keys():
        moved = msgspec.structs.replace(moved, fence=Circle(moved.lat, moved.lon, stop.fence.radius_m))
    if "name" in wanted:
        check_seen("name", moved.name)
    check_window("", moved.window_from, moved.window_to)
    check_stop_fence("", moved.fence)
    return moved


def moves_the_plan(before: StopNow, after: StopNow) -> bool:
    """Whether the change concerns where the truck has to be, so that its track must be read again."""
    return (before.lat, before.lon, before.fence) != (after.lat, after.lon, after.fence)
