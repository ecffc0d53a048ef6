"""What a fix leads to, from the message to the rows."""

from ingest.pipeline import Pipeline
from store.pool import Pool
from tests.ingest.world import drive, make_trip, message


async def test_a_whole_trip_becomes_positions_visits_events_and_a_delivered_order(database: Pool) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    pipeline = Pipeline(database, retention_days=30)
    track = drive(trip)
    for start in range(0, len(track), 50):
        await pipeline.take([message(trip.login, one) for one in track[start : start + 50]])
    assert await database.fetchval("select count(*) from positions") == len(track)
    visits = await database.fetch("select * from visits order by stop_id")
    assert [visit["stop_id"] for visit in visits] == trip.stop_ids
    kinds = [row["kind"] for row in await database.fetch("select kind from events order by at")]
    assert kinds == ["arrived", "departed", "approaching_50km", "approaching_5km", "arrived", "delivered"]
    assert await database.fetchval("select state from orders where id = $1", trip.order_id) == "delivered"
