"""A word to the driver's open page that something of his changed: it asks for the rest itself."""

from api.context import Context
from freight.drivers.devices import page_topics

NEWS = b'{"_type":"cmd","action":"news"}'


async def call_page(context: Context, driver_id: int) -> None:
    """Tell it, after the commit; a page that is closed or cut off asks within a minute of coming back."""
    async with context.pool.acquire() as connection:
        topics = await page_topics(connection, driver_id)
    for topic in topics:
        await context.bridge.tell(topic, NEWS)
