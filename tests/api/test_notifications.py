"""The bell through the door."""

import datetime as dt

from freight.events.actions import record
from freight.events.facts import trip_fact
from freight.live import Notified, organisation
from freight.notifications.actions import notify
from freight.notifications.views import NotificationPage
from freight.trips.views import TripView
from store.pool import Pool
from tests.api.browser import Browser
from tests.api.ears import Ears
from tests.cast import Person


async def test_reading_is_told_to_the_persons_other_windows(
    office: Browser, dispatcher: Person, trip: TripView, database: Pool, ears: Ears
) -> None:
    assert dispatcher.organisation_id is not None
    now = dt.datetime.now(dt.UTC)
    arrival = trip_fact(dispatcher.organisation_id, trip.order_id, trip.id, trip.stops[0].id, "arrived", now, "gps")
    async with database.acquire() as connection, connection.transaction():
        (recorded,) = await record(connection, [arrival])
        await notify(connection, recorded.event_id)
    page = await office.get("/api/notifications", NotificationPage)
    assert (page.unread_count, page.notifications[0].event.kind) == (1, "arrived")
    newest = page.notifications[0].id
    answer = await office.client.post("/api/notifications/read", json={"up_to_id": newest})
    assert answer.status_code == 204
    await ears.hear(organisation(dispatcher.organisation_id), Notified(dispatcher.user_id, newest))
    page = await office.get("/api/notifications", NotificationPage)
    assert page.unread_count == 0 and page.notifications[0].read_at is not None
