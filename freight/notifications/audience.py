"""Who is told of what: each kind of event, and the ways from it to the people it is told."""

from typing import Literal

from freight.events.facts import Kind
from freight.notifications import queries
from store.pool import Connection

# A way from an event to people, by the role they play for it.
Relation = Literal["dispatchers_of_the_organisation"]

AUDIENCE: dict[Kind, tuple[Relation, ...]] = {
    "published": ("dispatchers_of_the_organisation",),
    "expired": ("dispatchers_of_the_organisation",),
    "assigned": ("dispatchers_of_the_organisation",),
    "approaching_50km": ("dispatchers_of_the_organisation",),
    "approaching_5km": ("dispatchers_of_the_organisation",),
    "arrived": ("dispatchers_of_the_organisation",),
    "departed": ("dispatchers_of_the_organisation",),
    "delivered": ("dispatchers_of_the_organisation",),
    "silent": ("dispatchers_of_the_organisation",),
    "resumed": ("dispatchers_of_the_organisation",),
    "low_battery": ("dispatchers_of_the_organisation",),
    "implausible": ("dispatchers_of_the_organisation",),
    "cancelled": ("dispatchers_of_the_organisation",),
    "failed": ("dispatchers_of_the_organisation",),
}

# The people of a relation, of the event $1.
PEOPLE: dict[Relation, str] = {
    "dispatchers_of_the_organisation": queries.DISPATCHERS_OF_THE_ORGANISATION,
}


async def audience(connection: Connection, event_id: int, kind: Kind) -> list[int]:
    """The users an event of this kind concerns, each once, whether or not they may be told."""
    found: set[int] = set()
    for relation in AUDIENCE[kind]:
        found |= {row["user_id"] for row in await connection.fetch(PEOPLE[relation], event_id)}
    return sorted(found)
