"""The one place that writes `orders.state`."""

from freight.errors import Conflict, NotFound
from freight.orders import queries
from freight.orders.rules import Action, Actor, State, action_towards, next_state
from store.pool import Connection


async def move(connection: Connection, order_id: int, action: Action, actor: Actor) -> State:
    """Carry `action` out on an order in the caller's transaction; the state it has then.

    Raises NotFound, NotAllowed (wrong actor) or Conflict (wrong state).
    """
    state: State | None = await connection.fetchval(queries.LOCK_STATE, order_id)
    if state is None:
        raise NotFound("order")
    return await _set(connection, order_id, state, next_state(state, action, actor))


async def advance(connection: Connection, order_id: int, stage: State) -> State | None:
    """Bring an order to the stage the fold found; the new state, or None when nothing changed.

    `stage` is one of assigned, at_loading, in_transit, at_unloading, delivered.
    """
    state: State | None = await connection.fetchval(queries.LOCK_STATE, order_id)
    if state is None:
        raise NotFound("order")
    action = action_towards(state, stage)
    if action is None:
        return None
    return await _set(connection, order_id, state, next_state(state, action, "tracking"))


async def _set(connection: Connection, order_id: int, state: State, target: State) -> State:
    if await connection.fetchval(queries.SET_STATE, order_id, state, target) is None:
        raise Conflict("changed_meanwhile", "the order was changed meanwhile")
    return target
