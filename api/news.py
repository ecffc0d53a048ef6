"""A word to the driver's open page that something of his changed: it asks for the rest itself."""

from functools import partial

from api.context import Context
from freight.drivers.devices import page_topics
from freight.work import Work

NEWS = b'{"_type":"cmd","action":"news"}'


async def call_page(context: Context, work: Work, driver_id: int) -> None:
    """Tell it once the change stands; a page that is closed or cut off asks within a minute of coming back."""
    for topic in await page_topics(work.connection, driver_id):
        work.then(partial(context.bridge.tell, topic, NEWS))
