"""The life of an order: one table of transitions, and who may cause each. Every other pair is refused."""

from typing import Literal

from freight.errors import Conflict, NotAllowed
from freight.events.facts import Kind

State = Literal[
    "draft",
    "published",
    "assigned",
    "at_loading",
    "in_transit",
    "at_unloading",
    "delivered",
    "expired",
    "cancelled",
    "failed",
]
Action = Literal[
    "publish",
    "assign",
    "start_loading",
    "set_off",
    "start_unloading",
    "deliver",
    "return_to_assigned",
    "return_to_loading",
    "return_to_transit",
    "return_to_unloading",
    "expire",
    "cancel",
    "fail",
]
# `tracking` is the fold of fixes and marks: whoever presses a stage is a witness, the fold decides.
Actor = Literal["dispatcher", "driver", "tracking", "clock"]

STATES: tuple[State, ...] = State.__args__  # type: ignore[attr-defined]
ACTIONS: tuple[Action, ...] = Action.__args__  # type: ignore[attr-defined]
CARRIED: tuple[State, ...] = ("assigned", "at_loading", "in_transit", "at_unloading")
FINISHED: tuple[State, ...] = ("delivered", "expired", "cancelled", "failed")

TRANSITIONS: dict[tuple[State, Action], State] = {
    ("draft", "publish"): "published",
    ("draft", "cancel"): "cancelled",
    # Given straight to one of my drivers, without being offered to anyone.
    ("draft", "assign"): "assigned",
    ("published", "assign"): "assigned",
    ("published", "expire"): "expired",
    ("published", "cancel"): "cancelled",
    # Fixes may tell of a later stage first: a phone was off while loading.
    ("assigned", "start_loading"): "at_loading",
    ("assigned", "set_off"): "in_transit",
    ("assigned", "start_unloading"): "at_unloading",
    ("assigned", "deliver"): "delivered",
    ("at_loading", "set_off"): "in_transit",
    ("at_loading", "start_unloading"): "at_unloading",
    ("at_loading", "deliver"): "delivered",
    ("in_transit", "start_unloading"): "at_unloading",
    ("in_transit", "deliver"): "delivered",
    ("at_unloading", "deliver"): "delivered",
    # A mark taken back, or a full track that no longer shows a visit.
    ("at_loading", "return_to_assigned"): "assigned",
    ("in_transit", "return_to_assigned"): "assigned",
    ("in_transit", "return_to_loading"): "at_loading",
    ("at_unloading", "return_to_assigned"): "assigned",
    ("at_unloading", "return_to_loading"): "at_loading",
    ("at_unloading", "return_to_transit"): "in_transit",
    ("delivered", "return_to_assigned"): "assigned",
    ("delivered", "return_to_loading"): "at_loading",
    ("delivered", "return_to_transit"): "in_transit",
    ("delivered", "return_to_unloading"): "at_unloading",
    # Once loading is left the cargo is on the road: it can fail, not be called off.
    ("assigned", "cancel"): "cancelled",
    ("at_loading", "cancel"): "cancelled",
    ("assigned", "fail"): "failed",
    ("at_loading", "fail"): "failed",
    ("in_transit", "fail"): "failed",
    ("at_unloading", "fail"): "failed",
}

ACTORS: dict[Action, frozenset[Actor]] = {
    "publish": frozenset({"dispatcher"}),
    "assign": frozenset({"dispatcher", "driver"}),
    "start_loading": frozenset({"tracking"}),
    "set_off": frozenset({"tracking"}),
    "start_unloading": frozenset({"tracking"}),
    "deliver": frozenset({"tracking"}),
    "return_to_assigned": frozenset({"tracking"}),
    "return_to_loading": frozenset({"tracking"}),
    "return_to_transit": frozenset({"tracking"}),
    "return_to_unloading": frozenset({"tracking"}),
    "expire": frozenset({"clock"}),
    "cancel": frozenset({"dispatcher"}),
    "fail": frozenset({"dispatcher"}),
}

# What is told of a transition. The fold tells the stages it finds itself, with their stops and times.
TOLD_AS: dict[Action, Kind] = {
    "publish": "published",
    "assign": "assigned",
    "expire": "expired",
    "cancel": "cancelled",
    "fail": "failed",
}

# What the fold says of the stage, as the action that leads there.
_TOWARDS: dict[State, tuple[Action, ...]] = {
    "assigned": ("return_to_assigned",),
    "at_loading": ("start_loading", "return_to_loading"),
    "in_transit": ("set_off", "return_to_transit"),
    "at_unloading": ("start_unloading", "return_to_unloading"),
    "delivered": ("deliver",),
}


def next_state(state: State, action: Action, actor: Actor) -> State:
    """The state `action` leads to. Raises NotAllowed for the wrong actor, Conflict for the wrong state."""
    if actor not in ACTORS[action]:
        raise NotAllowed("not_for_you", f"a {actor} cannot {action}")
    target = TRANSITIONS.get((state, action))
    if target is None:
        raise Conflict("wrong_state", f"cannot {action} when {state}", data={"state": state, "action": action})
    return target


def action_towards(state: State, stage: State) -> Action | None:
    """The tracking action that leads from `state` to `stage`; None when it is there already or none leads there
    (a cancelled or failed order stays what it is, whatever its truck does)."""
    for action in _TOWARDS.get(stage, ()):
        if TRANSITIONS.get((state, action)) == stage:
            return action
    return None
