"""What hangs on an order's transitions: the steps of each action, in the transaction of the change.

Whatever must happen with a transition stands in STEPS and nowhere else.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from freight.events.actions import record, told_of
from freight.events.facts import Fact, Source, Subject, Value
from freight.live import Told
from freight.orders import queries
from freight.orders.rules import TOLD_AS, Action, Actor, State
from store.pool import Connection


class Move(msgspec.Struct, frozen=True):
    """A transition just carried out: the order was in state `left` and is in `state` since `at`. `caused_by` is the
    user whose hand did it, `data` what is told with it, such as his reason."""

    order_id: int
    organisation_id: int
    action: Action
    actor: Actor
    left: State
    state: State
    at: dt.datetime
    caused_by: int | None = None
    data: Mapping[str, Value] = {}


# Returns what to publish after commit.
Step = Callable[[Connection, Move], Awaitable[list[Told]]]

SOURCES: dict[Actor, Source] = {"dispatcher": "dispatcher", "driver": "driver", "tracking": "gps", "clock": "hub"}


async def tell(connection: Connection, move: Move) -> list[Told]:
    """Write the transition down as a fact: of the trip that carries the order, of the order itself before there is
    one."""
    trip_id: int | None = await connection.fetchval(queries.TRIP_OF_ORDER, move.order_id)
    fact = Fact(
        Subject("order", move.order_id) if trip_id is None else Subject("trip", trip_id),
        TOLD_AS[move.action],
        move.at,
        SOURCES[move.actor],
        move.organisation_id,
        move.order_id,
        trip_id,
        data=move.data,
        caused_by=move.caused_by,
    )
    return told_of(await record(connection, [fact]))


STEPS: dict[Action, tuple[Step, ...]] = {
    "publish": (tell,),
    "assign": (tell,),
    "start_loading": (),
    "set_off": (),
    "start_unloading": (),
    "deliver": (),
    "return_to_assigned": (),
    "return_to_loading": (),
    "return_to_transit": (),
    "return_to_unloading": (),
    "expire": (tell,),
    "cancel": (tell,),
    "fail": (tell,),
}


async def run_steps(connection: Connection, move: Move) -> list[Told]:
    """Do what hangs on a transition; returns what to publish after commit."""
    return [told for step in STEPS[move.action] for told in await step(connection, move)]
