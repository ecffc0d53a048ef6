"""The one place that writes `orders.state`."""

from collections.abc import Mapping, Sequence

from freight.errors import Conflict, NotFound
from freight.orders import queries
from freight.orders.rules import Action, Actor, State, action_towards, next_state
from store.pool import Connection


async def move(connection: Connection, order_id: int, action: Action, actor: Actor) -> State:
    """Carry `action` out on an order in the caller's transaction; the state it has then.

    Raises NotFound, NotAllowed (wrong actor) or Conflict (wrong state).
    """
    row = await connection.fetchrow(queries.LOCK_STATES, [order_id])
    if row is None:
        raise NotFound("order")
    state: State = row["state"]
    target = next_state(state, action, actor)
    await _set(connection, [(order_id, state, target)])
    return target


async def advance(connection: Connection, stages: Mapping[int, State]) -> None:
    """Bring orders, by id, to the stages the fold found: each one of assigned, at_loading, in_transit, at_unloading,
    delivered. Orders that are over, or not there, stay as they are."""
    changes = [
        (row["id"], row["state"], next_state(row["state"], action, "tracking"))
        for row in await connection.fetch(queries.LOCK_STATES, list(stages))
        if (action := action_towards(row["state"], stages[row["id"]])) is not None
    ]
    if changes:
        await _set(connection, changes)


async def _set(connection: Connection, changes: Sequence[tuple[int, State, State]]) -> None:
    """Write (order, state it is in, state it goes to)."""
    columns = [list(column) for column in zip(*changes, strict=True)]
    if len(await connection.fetch(queries.SET_STATES, *columns)) != len(changes):
        raise Conflict("changed_meanwhile", "the order was changed meanwhile")
