"""The stages of a trip as a pure fold over its fixes: (plan, state, fixes) -> (state, visits).

The result is a function of the SET of fixes and marks: fixes are read in the order of (fix_time, lat, lon),
in pieces of any size. A fix that comes late (`State.is_late`), a new mark or a changed fence makes the
caller fold the stored track again from `initial()`; `batch.refold` does so quickly. A refold may therefore
also take a visit back. Stages are told from `stage_of(plan, folded.visits)`.

The rules, in the order in which a fix meets them (`geo.walk`, then `geo.stays`, then `geo.matching`):

1. Pings, null island, the future, another device's fixes and fixes before the window do not exist.
2. A fix that needed more than 250 km/h from the last trusted one, both errors allowed for (at most 1 km
   each), is a suspect: flagged, held, moving nothing. Three suspects in a row that agree with each other are
   acquitted and fold as if they had never been suspected; one plausible fix in between drops the others.
3. Marks made before the fix take effect: after a departure nothing before the next stop is expected, after an arrival
   nothing before its own; what a departure cuts off is another stay.
4. Exactly the same coordinates for more than three hours: frozen, a flag and no more.
5. Every fence is watched for itself, whatever the truck heads for. A fix vaguer than max(R, 100 m) moves nothing;
   unknown accuracy is 50 m.
6. Candidate at the first fix measured inside; dropped by fixes surely outside the fence itself (with the whole error),
   though not by a single stray one after which the truck is where it was. The time is that of crossing the edge on the
   way between two fixes at most five minutes apart, else that of the first fix inside.
7. A candidate is proven by standing: 100 seconds within max(60 m, 0.8 m/s) beside what the fixes claim (at most 50 m
   each), ten minutes where they are vague; or by more time inside than crawling through at 5 km/h takes. Where fixes
   lie up to 90 s apart, standing is also what is left of the time between the fixes before and after, less the way.
8. Leaving: surely outside by max(100 m, R/4) and then for two minutes not inside, or further on and on, or two
   kilometres away. Back at the same fence within an hour, with nothing else begun meanwhile, takes the departure back.
9. One fix inside and then one outside, with five minutes to spare over driving there at 50 km/h, was a visit; so was a
   way between two fixes across the fence with half an hour to spare over 40 km/h: source "gap".
10. What the stays mean for the stops is read anew whenever they change: the reading that explains most of them, stops
   in their order, neighbours of one kind in any. A stop nobody saw is passed ("unmarked") once a later one was entered
   from outside and stood at for about twelve minutes; before that the state holds a doubt. A stop without a fence is
   passed also when the truck came within 50 km of it and then enters the next fence from outside.
11. Coming within 50 km and 5 km of the current stop is told once each, also when only the straight way
   between two fixes came near; the nearer ring alone when both are reached at once, none from inside.
12. Entering a fence faster than 150 km/h from more than 5 km away is a teleport, a flag and no more.

Of several witnesses the best one's time is shown (gps, driver, dispatcher, silence, gap), all are listed.
"""

from __future__ import annotations

import numpy as np

from geo.fix import FOLDED, Columns
from geo.matching import match
from geo.plan import Mark, Plan, Stop, compile_plan
from geo.plausibility import Fix
from geo.state import Doubt, FlagChange, Folded, Ring, State, counted, decode_state, encode_state
from geo.stays import silence_of
from geo.visits import STAGES, Sighting, Source, Stage, Visit, Witness, compose, stage_of
from geo.walk import Walk, measured

__all__ = [
    "STAGES",
    "Doubt",
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
    walk = Walk(compiled, state.copy(), fixes.flags & np.int32(~FOLDED))
    rows = np.flatnonzero(counted(plan.window_from_us, fixes))
    walk.over(measured(fixes, rows), rows.tolist())
    return walk.folded()


def silent_arrival(plan: Plan, state: State, now_us: int) -> Mark | None:
    """The arrival to be marked because a truck stopped inside its fence and then fell silent.

    One slow fix inside and five minutes of silence by the wall clock (a quarter of an hour where the phone tells no
    speed) are an arrival, though no later fix has come to show it, until one comes and refutes it. None when that is
    not so, or the arrival is known or marked already.
    """
    compiled = compile_plan(plan)
    silent = [stay for stay in (silence_of(presence, now_us) for presence in state.presences) if stay]
    if not silent:
        return None
    known = {one.stop_index for one in state.sightings if one.arrived_at_us is not None}
    for sighting in match(compiled, (*state.stays, *silent)).sightings:
        if sighting.by_silence and sighting.arrived_at_us is not None and sighting.stop_index not in known:
            mark = Mark(sighting.stop_index, "arrived", sighting.arrived_at_us, "silence")
            return None if _is_marked(plan, mark) else mark
    return None


def _is_marked(plan: Plan, mark: Mark) -> bool:
    """Whether somebody marked that arrival, or it was concluded from the same fix."""
    marks = [one for one in plan.marks if (one.stop_index, one.kind) == (mark.stop_index, mark.kind)]
    return any(one.source != "silence" or one == mark for one in marks)
