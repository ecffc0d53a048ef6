"""An order's stops, fences and marks, read as the plan that geo folds a track against."""

from collections.abc import Mapping
from typing import Any

import msgspec

from freight.moments import microseconds
from geo.fences import Fence
from geo.plan import Mark, Plan, Stop


class TripPlan(msgspec.Struct, frozen=True):
    """One version of a trip's plan with the rows it stands for; `stop_ids[index]` is the id of a stop."""

    trip_id: int
    order_id: int
    organisation_id: int
    driver_id: int
    version: int
    stop_ids: tuple[int, ...]
    plan: Plan

    @property
    def window_from_us(self) -> int:
        """Beginning of the tracking window, microseconds since 1970 UTC."""
        return self.plan.window_from_us


def read_plan(row: Mapping[str, Any]) -> TripPlan:
    """The plan of one row of PLANS. Raises msgspec.ValidationError for a fence no version of ours wrote."""
    stop_ids = tuple(stop["id"] for stop in row["stops"])
    index_of = {stop_id: index for index, stop_id in enumerate(stop_ids)}
    stops = tuple(
        Stop(index, stop["kind"], msgspec.convert(stop["fence"], Fence | None), stop["lat"], stop["lon"])
        for index, stop in enumerate(row["stops"])
    )
    marks = tuple(Mark(index_of[mark["stop_id"]], mark["kind"], mark["at_us"], mark["source"]) for mark in row["marks"])
    plan = Plan(stops, marks, microseconds(row["window_from"]))
    return TripPlan(
        row["id"], row["order_id"], row["organisation_id"], row["driver_id"], row["plan_version"], stop_ids, plan
    )
