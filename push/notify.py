"""The job that follows every fact: a row for each person it concerns, then a word to the open pages."""

from freight.events.reading import event_view
from freight.live import Changed, Happened, Message, publish, to_organisation
from freight.notifications import actions
from store.bus import Bus
from store.jobs import Temporary
from store.pool import Pool


class BusAway(Temporary):
    """Redis did not take the message; the job is tried again."""


async def notify(pool: Pool, bus: Bus, event_id: int) -> None:
    """Write the notifications of an event and tell its organisation's open pages, if it has one, of them and of it.

    Whoever wrote the event has told the pages already; this second word is for the case that he was killed between
    his commit and that. Repeats are dropped by (id, revision). Raises BusAway when Redis took nothing.
    """
    async with pool.acquire() as connection:
        async with connection.transaction():
            organisation_id, notifications = await actions.notify(connection, event_id)
        event = await event_view(connection, event_id)
    if organisation_id is None or event is None:
        return
    happened = Happened(event.id, event.revision, event.subject_kind, event.subject_id)
    messages: list[Message] = [happened, *notifications]
    if event.trip_id is not None:
        messages.append(Changed("trip", event.trip_id))
    if not await publish(bus, to_organisation(organisation_id, *messages)):
        raise BusAway("the live bus is away")
