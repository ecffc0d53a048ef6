"""The demonstration from curtain to curtain: set the scenes, let the phones catch up, drive until stopped."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from pathlib import Path

import structlog

from freight.errors import FreightError
from freight.live import Changed, publish, to_organisation
from freight.trips.actions import carried_trip, mark
from freight.trips.reading import trip_of_driver, trip_views
from freight.trips.views import NewMark, TripView
from hub.demo import history
from hub.demo.cast import Theatre, invite, open_next, phone_access, plan_open_trip, set_the_scenes
from hub.demo.notebook import Notebook, write_notebook
from hub.demo.phone import Phone
from hub.demo.plans import DrivePlan
from hub.demo.script import SCENES
from store.away import DATABASE_ERRORS, is_away

log = structlog.get_logger()

CATCH_UP_S = 60.0
NOTIFIED_S = 15.0
LOOK_EVERY_S = 5.0
POLL_S = 0.2
# A driver unloads, eats and sleeps before he carries on.
REST_S = 12 * 60.0
# Who forgot to drive out of the fence has still delivered.
HAND_OVER_AFTER_S = 180.0
TROUBLES = (FreightError, *DATABASE_ERRORS)

IS_OPEN = "select window_to is null from trips where id = $1"
NEWEST_FIX = "select fix_time from tracks where trip_id = $1"


class Play:
    """The running demonstration of one organisation."""

    def __init__(self, theatre: Theatre, notebook: Notebook, directory: Path) -> None:
        self.theatre = theatre
        self.notebook = notebook
        self.directory = directory
        self.phones: dict[int, Phone] = {}
        # Drivers who get a further trip when theirs is delivered; the others wait for the visitor to give them one.
        self.stand_ins: set[int] = set()

    def save(self) -> None:
        """Write down how everyone drives."""
        write_notebook(self.directory, self.notebook)

    async def open(self) -> None:
        """Set the scenes at the first start; new links at every one."""
        if not self.notebook.is_set:
            await set_the_scenes(self.theatre, self.notebook)
            self.save()
        first = self.notebook.drives.get(self.notebook.drivers[0])
        await invite(self.theatre, self.notebook, first.trip_id if first else None)
        cast = zip(self.notebook.drivers, SCENES, strict=False)
        self.stand_ins = {driver_id for driver_id, scene in cast if scene.part != "finished"}
        self.save()

    async def run(self, ready: asyncio.Event) -> None:
        """Drive everyone until cancelled; sets `ready` once the picture is whole."""
        async with asyncio.TaskGroup() as group:
            for driver_id in self.notebook.drivers:
                group.create_task(self._live(driver_id))
            await self._catch_up()
            ready.set()

    async def _live(self, driver_id: int) -> None:
        while True:
            try:
                plan = await self._next(driver_id)
                if plan is not None:
                    await self._drive(plan)
            except TROUBLES as error:
                if not isinstance(error, FreightError) and not is_away(error):
                    raise
                log.warning("demo_driver_waits", driver=driver_id, error=repr(error))
            await asyncio.sleep(LOOK_EVERY_S)

    async def _next(self, driver_id: int) -> DrivePlan | None:
        """What the driver drives now: his trip's plan, a new one for a trip he was given, or a further trip."""
        plan = self.notebook.drives.get(driver_id)
        async with self.theatre.pool.acquire() as connection:
            trip = await trip_of_driver(connection, driver_id)
            last = (await trip_views(connection, [plan.trip_id])).get(plan.trip_id) if plan else None
        if plan is not None and trip is not None and plan.trip_id == trip.id:
            return None if await self._hand_over(plan, trip) else plan
        if trip is not None:
            plan = await plan_open_trip(self.theatre, trip, driver_id)
        elif driver_id in self.stand_ins and _rested(last, REST_S / self.theatre.speed_up):
            plan = await open_next(self.theatre, self.notebook, driver_id, last)
        else:
            return None
        if plan is not None:
            self.notebook.drives[driver_id] = plan
            self.save()
        return plan

    async def _hand_over(self, plan: DrivePlan, trip: TripView) -> bool:
        """Whether the journey is at its end; the driver says so himself when the fold does not see it."""
        over_s = time.time() - plan.began_at_s - plan.journey.duration_s
        if over_s < 0 or trip.position is None or not _knows(trip, plan):
            return False
        if over_s > HAND_OVER_AFTER_S and trip.stage not in ("delivered", "cancelled", "failed"):
            async with self.theatre.as_dispatcher(self.notebook) as work:
                owned = await carried_trip(work.connection, plan.driver_id, trip.stops[-1].id)
                await mark(work, owned, NewMark(trip.stops[-1].id, "departed"), "driver")
        return True

    async def _drive(self, plan: DrivePlan) -> None:
        access = await phone_access(self.theatre, self.notebook, plan.driver_id)
        phone = Phone(access, plan, await self._told_until_s(plan))
        self.phones[plan.driver_id] = phone
        driving = asyncio.create_task(phone.run())
        try:
            while not driving.done():
                await asyncio.wait([driving], timeout=LOOK_EVERY_S)
                if not await self._is_open(plan):
                    return
        finally:
            driving.cancel()
            await asyncio.gather(driving, return_exceptions=True)

    async def _is_open(self, plan: DrivePlan) -> bool:
        return bool(await self.theatre.pool.fetchval(IS_OPEN, plan.trip_id))

    async def _told_until_s(self, plan: DrivePlan) -> float:
        fix_time: dt.datetime | None = await self.theatre.pool.fetchval(NEWEST_FIX, plan.trip_id)
        return 0.0 if fix_time is None else fix_time.timestamp() - plan.began_at_s

    async def _catch_up(self) -> None:
        """Wait until the hub has stored what every phone had to tell; at the first start, date it back."""
        plans = list(self.notebook.drives.values())
        trip_ids = [plan.trip_id for plan in plans]
        for _ in range(int(CATCH_UP_S / POLL_S)):
            if await self.all_stored(plans):
                break
            await asyncio.sleep(POLL_S)
        else:
            log.warning("demo_not_caught_up", seconds=CATCH_UP_S)
        if not self.notebook.is_set:
            async with self.theatre.pool.acquire() as connection:
                await history.date_back(connection, [plan.driver_id for plan in plans], trip_ids)
            await self._settle_notifications(trip_ids)
            self.notebook.is_set = True
            self.save()
        changed = [Changed("trip", trip_id) for trip_id in trip_ids]
        await publish(self.theatre.bus, to_organisation(self.notebook.organisation_id, *changed))

    async def all_stored(self, plans: list[DrivePlan]) -> bool:
        """Whether the hub knows all that the phones of these plans had to tell by now."""
        open_trips = await self.theatre.pool.fetch(history.OPEN, [plan.trip_id for plan in plans])
        open_ids = {row["id"] for row in open_trips}
        plans = [plan for plan in plans if plan.trip_id in open_ids]
        phones = [self.phones.get(plan.driver_id) for plan in plans if plan.blackouts or not _is_past(plan)]
        past = [plan for plan in plans if _is_past(plan)]
        if any(phone is None or not phone.caught_up.is_set() for phone in phones):
            return False
        told = [
            (phone.plan.trip_id, phone.plan.began_at_s + phone.told_until_s) for phone in phones if phone is not None
        ]
        told += [(plan.trip_id, plan.began_at_s + plan.journey.duration_s) for plan in past]
        # The last second of a journey need not have a fix of its own.
        untils = [dt.datetime.fromtimestamp(until_s - 90.0, dt.UTC) for _, until_s in told]
        count = await self.theatre.pool.fetchval(history.FOLDED, [trip_id for trip_id, _ in told], untils)
        return bool(count == len(told))

    async def _settle_notifications(self, trip_ids: list[int]) -> None:
        """Date notifications back once the worker has written them all."""
        async with self.theatre.pool.acquire() as connection:
            for _ in range(int(NOTIFIED_S / POLL_S)):
                if not await connection.fetchval(history.WAITING):
                    break
                await asyncio.sleep(POLL_S)
            await history.date_notifications_back(connection, trip_ids)


def _is_past(plan: DrivePlan) -> bool:
    return time.time() - plan.began_at_s > plan.journey.duration_s


def _knows(trip: TripView, plan: DrivePlan) -> bool:
    """Whether the hub has the journey's last fixes."""
    end_ms = (plan.began_at_s + plan.journey.duration_s - 90.0) * 1000
    return trip.position is not None and trip.position.fix_time_ms >= end_ms


def _rested(last: TripView | None, rest_s: float) -> bool:
    """Whether a driver's last trip lies long enough behind him."""
    if last is None or last.window_to is None:
        return last is None
    return (dt.datetime.now(dt.UTC) - last.window_to).total_seconds() > rest_s
