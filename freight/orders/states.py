"""The one place that writes `orders.state`; what hangs on a change is in `freight.orders.steps`."""

import datetime as dt
from collections.abc import Mapping, Sequence

from freight.errors import Conflict, NotFound
from freight.events.facts import Value
from freight.live import Told
from freight.orders import queries
from freight.orders.rules import Action, Actor, State, action_towards, next_state
from freight.orders.steps import Move, run_steps
from freight.work import Work
from store.pool import Connection


async def move(
    work: Work,
    order_id: int,
    action: Action,
    actor: Actor,
    *,
    at: dt.datetime | None = None,
    data: Mapping[str, Value] | None = None,
) -> None:
    """Carry `action` out on an order, with its steps; `at` (now when omitted) and `data` are told with it.

    Raises NotFound, NotAllowed (wrong actor) or Conflict (wrong state).
    """
    row = await work.connection.fetchrow(queries.LOCK_STATES, [order_id])
    if row is None:
        raise NotFound("order")
    state = next_state(row["state"], action, actor)
    at = at or dt.datetime.now(dt.UTC)
    done = Move(order_id, row["organisation_id"], action, actor, row["state"], state, at, work.user_id, data or {})
    work.tell(await _carry_out(work.connection, [done]))


async def advance(connection: Connection, stages: Mapping[int, State], caused_by: int | None = None) -> list[Told]:
    """Bring orders, by id, to the stages the fold found: each one of assigned, at_loading, in_transit, at_unloading,
    delivered; returns what to publish after commit. Orders that are over, or not there, stay as they are.

    `caused_by`: the user whose hand had them folded.
    """
    now = dt.datetime.now(dt.UTC)
    moves = []
    for row in await connection.fetch(queries.LOCK_STATES, list(stages)):
        action = action_towards(row["state"], stages[row["id"]])
        if action is not None:
            state = next_state(row["state"], action, "tracking")
            ids = (row["id"], row["organisation_id"])
            moves.append(Move(*ids, action, "tracking", row["state"], state, now, caused_by))
    return await _carry_out(connection, moves) if moves else []


async def _carry_out(connection: Connection, moves: Sequence[Move]) -> list[Told]:
    """Write the states of locked orders, then do what hangs on each change."""
    written = await connection.fetch(
        queries.SET_STATES,
        [one.order_id for one in moves],
        [one.left for one in moves],
        [one.state for one in moves],
    )
    if len(written) != len(moves):
        raise Conflict("changed_meanwhile", "the order was changed meanwhile")
    return [told for one in moves for told in await run_steps(connection, one)]
