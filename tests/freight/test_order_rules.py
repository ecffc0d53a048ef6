"""The life of an order: every state, every action, every actor."""

import itertools

import pytest

from freight.errors import Conflict, NotAllowed
from freight.orders.rules import (
    ACTIONS,
    ACTORS,
    CARRIED,
    FINISHED,
    STATES,
    TRANSITIONS,
    Action,
    Actor,
    State,
    action_towards,
    next_state,
)
from store.tables.orders import STATES as STORED_STATES

EVERYONE: tuple[Actor, ...] = ("dispatcher", "driver", "tracking", "clock")
STAGES: tuple[State, ...] = (*CARRIED, "delivered")


@pytest.mark.parametrize(("state", "action"), list(itertools.product(STATES, ACTIONS)))
def test_every_pair_is_a_transition_or_a_refusal_with_its_reason(state: State, action: Action) -> None:
    for actor in EVERYONE:
        if actor not in ACTORS[action]:
            with pytest.raises(NotAllowed) as refused:
                next_state(state, action, actor)
            assert refused.value.code == "not_for_you"
        elif (state, action) in TRANSITIONS:
            assert next_state(state, action, actor) == TRANSITIONS[state, action]
        else:
            with pytest.raises(Conflict) as impossible:
                next_state(state, action, actor)
            assert impossible.value.data == {"state": state, "action": action}


def test_the_table_knows_the_states_of_the_database_and_no_others() -> None:
    assert set(STATES) == set(STORED_STATES)
    assert {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values()) <= set(STATES)
    assert set(ACTORS) == set(ACTIONS)


def test_nothing_leads_out_of_an_end_but_a_delivery_taken_back() -> None:
    ends = {(state, action) for state, action in TRANSITIONS if state in FINISHED}
    assert ends == {("delivered", action) for action in ACTIONS if action.startswith("return_to_")}


def test_cargo_that_left_the_loading_place_cannot_be_cancelled() -> None:
    cancellable = {state for state, action in TRANSITIONS if action == "cancel"}
    assert cancellable == {"draft", "published", "assigned", "at_loading"}


def test_what_is_not_carried_cannot_fail() -> None:
    assert {state for state, action in TRANSITIONS if action == "fail"} == set(CARRIED)


@pytest.mark.parametrize(("state", "stage"), list(itertools.product(STATES, STAGES)))
def test_the_fold_reaches_any_stage_of_an_order_that_is_carried(state: State, stage: State) -> None:
    action = action_towards(state, stage)
    if state in STAGES and state != stage:
        assert action is not None and next_state(state, action, "tracking") == stage
    else:
        assert action is None


def test_the_fold_knows_no_action_towards_a_state_that_is_no_stage() -> None:
    assert action_towards("assigned", "cancelled") is None
