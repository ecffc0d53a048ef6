"""Telling the live bus: never in the way of the next batch, newest positions first when it can't keep up."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from freight.drivers.shifts import ShiftFix, keep_shift_fixes
from freight.live import Told, encode, organisation
from freight.tracking.positions import packed
from freight.tracking.views import PositionView
from ingest import metrics
from store.bus import Bus
from store.pauses import happens_within

MOST_FACTS = 10_000
PAUSE_WITHOUT_BUS_S = 0.5
# How soon a worker told to stop notices that nothing more is to be told.
LOOK_EVERY_S = 0.2
# Views of one message: a frame on the bus stays small however many trucks an organisation has.
VIEWS_A_MESSAGE = 500


class Publisher:
    """Collects what committed batches have to tell and publishes it in its own time.

    A position not yet published is replaced by a newer one of its trip; facts carry ids only, and whoever misses one
    reads the rows, so the oldest are let go when Redis stays away.
    """

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self._positions: dict[int, dict[int, PositionView]] = {}
        self._facts: deque[Told] = deque(maxlen=MOST_FACTS)
        self._shift: dict[int, ShiftFix] = {}
        self._waiting = asyncio.Event()

    def tell(
        self,
        facts: Iterable[Told],
        positions: Mapping[int, Iterable[PositionView]] = MappingProxyType({}),
        shift: Iterable[ShiftFix] = (),
    ) -> None:
        """Publish soon: facts, positions by organisation, and free drivers' places."""
        for organisation_id, views in positions.items():
            newest = self._positions.setdefault(organisation_id, {})
            newest.update({view.trip_id: view for view in views})
        self._facts.extend(facts)
        self._shift.update({fix.driver_id: fix for fix in shift})
        self._waiting.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set and nothing is left."""
        while not (stop.is_set() and not self._waiting.is_set()):
            if not await happens_within(self._waiting, LOOK_EVERY_S):
                continue
            self._waiting.clear()
            if not await self.publish() and not stop.is_set():
                await asyncio.sleep(PAUSE_WITHOUT_BUS_S)

    async def publish(self) -> bool:
        """Publish what waits, now; False when the bus did not take it."""
        positions, self._positions = self._positions, {}
        facts = [self._facts.popleft() for _ in range(len(self._facts))]
        shift, self._shift = self._shift, {}
        payloads = [
            (organisation(organisation_id), encode(packed(views[start : start + VIEWS_A_MESSAGE])))
            for organisation_id, by_trip in positions.items()
            for views in (list(by_trip.values()),)
            for start in range(0, len(views), VIEWS_A_MESSAGE)
        ]
        payloads += [(fact.channel, encode(fact.message)) for fact in facts]
        taken = not payloads or await self.bus.publish(payloads)
        if not taken:
            metrics.unpublished.inc(len(payloads))
        if shift and not await keep_shift_fixes(self.bus, list(shift.values())):
            # A full Redis refuses to keep anything and passes messages on as ever: no reason to pause the map.
            metrics.unkept_shift_fixes.inc(len(shift))
        return taken
