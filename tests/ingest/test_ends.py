"""The end of a trip's tracking: who may move it, and whose it is."""

from ingest.pipeline import Pipeline
from store.pool import Pool
from tests.ingest.test_tracking import mark, unmark
from tests.ingest.world import Carried, at, drive, make_trip, send


async def test_late_points_do_not_move_an_end_that_was_set_by_hand(
    database: Pool, pipeline: Pipeline, trip: Carried
) -> None:
    track = drive(trip)
    await send(pipeline, trip, *track[:200])
    # Later than the track itself would end it.
    await database.execute("update trips set window_to = $1", at(trip, 320))
    await send(pipeline, trip, *track[200:])
    row = await database.fetchrow("select window_to, delivered_at is not null as delivered from trips")
    assert row is not None
    assert (row["window_to"], row["delivered"]) == (at(trip, 320), True)


async def test_another_drivers_trip_keeps_no_window_closed(database: Pool, trip: Carried) -> None:
    async with database.acquire() as connection:
        await make_trip(connection)
    await mark(database, trip, 1, "departed", at(trip, 1))
    await unmark(database, trip)
    assert await database.fetchval("select window_to is null from trips where id = $1", trip.trip_id)
