"""The stages of a trip as a pure fold over its fixes: (plan, state, fixes) -> (state, visits).

The result is a function of the SET of fixes and marks: fixes are read in the order of (fix_time, lat, lon),
in pieces of any size. A fix that comes late (`State.is_late`), a new mark or a changed fence makes the
caller fold the stored track again from `initial()`; `batch.refold` does so quickly. A refold may therefore
also take a visit back. Stages are told from `stage_of(plan, folded.visits)`.

The rules, in the order in which a fix meets them (`geo.walk` is the code, one method a rule):

1. Pings, null island, the future, another device's fixes and fixes before the window do not exist.
2. A fix that needed more than 250 km/h from the last trusted one, both errors allowed for (at most 1 km
   each), is a suspect: flagged, held, moving nothing. Three suspects in a row that agree with each other are
   acquitted and fold as if they had never been suspected; one plausible fix in between drops the others.
3. Marks made before the fix take effect: a departure heads for the next stop, an arrival for its own.
4. Exactly the same coordinates for more than three hours: frozen, a flag and no more.
5. Coming within 50 km and 5 km of the current stop is told once each, also when only the straight way
   between two fixes came near; the nearer ring alone when both are reached at once, none from inside.
6. One fence is watched at a time: that of the current stop, or of the next fenced one behind stops that have
   none, provided the truck has been within 50 km of the current stop and enters that fence from outside.
7. A fix vaguer than max(R, 100 m) moves nothing; unknown accuracy is 50 m.
8. Arrival: candidate at the first fix surely inside (wholly, or measured inside within 100 m); dropped by one
   surely outside; proven by two minutes inside. In a fence that takes longer to drive through at 50 km/h, that
   long, or two minutes within 200 m of one spot. Or: a fix inside below 5 km/h and nothing for five minutes.
9. Leaving: two fixes surely outside (beyond R + max(100 m, R/4) with the whole error), or one and another not
   inside two minutes later. The time is that of the last fix inside. What proved it is then held against the
   next stop, which may lie across the road.
10. A way between two fixes across the fence, with ten minutes to spare over driving it at 90 km/h, was a visit:
    source "gap".
11. Entering the fence faster than 150 km/h from more than 5 km away is a teleport, a flag and no more.

Of several witnesses the best one's time is shown (gps, driver, dispatcher, silence, gap), all are listed.
"""

from __future__ import annotations

import copy

import numpy as np

from geo.fix import FOLDED, Columns
from geo.plan import Mark, Plan, Stop, compile_plan
from geo.plausibility import Fix
from geo.state import CANDIDATE, FlagChange, Folded, Ring, State, counted, decode_state, encode_state
from geo.visits import STAGES, Sighting, Source, Stage, Visit, Witness, compose, stage_of
from geo.walk import Walk, fell_silent, measured

__all__ = [
    "STAGES",
    "Fix",
    "FlagChange",
    "Folded",
    "Mark",
    "Plan",
    "Ring",
    "Sighting",
    "Source",
    "Stage",
    "State",
    "Stop",
    "Visit",
    "Witness",
    "compose",
    "decode_state",
    "encode_state",
    "fold",
    "initial",
    "silent_arrival",
    "stage_of",
]


def initial(plan: Plan) -> State:
    """The state of a trip none of whose fixes has been folded."""
    return State()


def fold(plan: Plan, state: State, fixes: Columns) -> Folded:
    """Fold fixes that are sorted by (fix_time, lat, lon), deduplicated, and all after `state.last_key()`.

    Flags in `fix.IGNORED` must be set already; those in `fix.FOLDED` (jump, frozen, teleport) are decided
    here whatever they were. `state` is left as it is.
    """
    compiled = compile_plan(plan)
    walk = Walk(compiled, copy.copy(state), fixes.flags & np.int32(~FOLDED))
    rows = np.flatnonzero(counted(plan.window_from_us, fixes))
    walk.over(measured(fixes, rows), rows.tolist())
    return walk.folded()


def silent_arrival(plan: Plan, state: State, now_us: int) -> Mark | None:
    """The arrival to be marked because a truck stopped inside its fence and then fell silent.

    One slow fix inside and five minutes of silence by the wall clock are an arrival, though no later fix
    has come to show it. None when that is not so, or the arrival is marked already.
    """
    gate = compile_plan(plan).watched[state.current]
    if gate is None or state.phase != CANDIDATE or not fell_silent(state, now_us):
        return None
    if any(mark.stop_index == gate.stop_index and mark.kind == "arrived" for mark in plan.marks):
        return None
    return Mark(gate.stop_index, "arrived", state.first_inside_us, "silence")
