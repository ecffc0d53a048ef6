"""The stages of a trip as a pure fold over its fixes: (plan, state, fixes) -> (state, visits).

The law is DESIGN 7. The result is a function of the SET of fixes and marks: fixes are read in the
order of (fix_time, lat, lon), in pieces of any size. A fix that comes late (`State.is_late`), a new mark
or a changed fence makes the caller fold the stored track again from `initial()`; `batch.refold` does so
quickly for a long one. Stages are told from `stage_of(plan, folded.visits)`.
"""

from __future__ import annotations

import copy

import numpy as np

from geo.fix import FOLDED, Columns
from geo.plan import Mark, Plan, Stop, compile_plan
from geo.plausibility import Fix
from geo.state import CANDIDATE, FlagChange, Folded, Ring, State, counted, decode_state, encode_state
from geo.visits import STAGES, Sighting, Source, Stage, Visit, Witness, compose, stage_of
from geo.walk import Walk, fell_silent

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
    walk.over(fixes.take(rows), rows.tolist())
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
