"""Whatever way the same fixes come, they end in the same rows."""

import datetime as dt
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.pipeline import Pipeline
from store.pool import Pool
from tests.ingest.world import LOADING, Carried, fix, make_trip, message

# Loading, off towards Osh, with a leap, a ping and a null-island fix in between.
PLACES: list[tuple[float, float, float, dict[str, Any]]] = [
    (0, *LOADING, {}),
    (60, *LOADING, {}),
    (130, *LOADING, {}),
    (200, LOADING[0] + 0.0001, LOADING[1], {}),
    (260, 41.0, 70.0, {}),
    (300, *LOADING, {"t": "p"}),
    (320, LOADING[0] + 0.001, LOADING[1], {}),
    (400, LOADING[0] - 0.02, LOADING[1], {"vel": 40}),
    (460, LOADING[0] - 0.03, LOADING[1], {"vel": 40}),
    (500, 0.0, 0.0, {}),
    (560, LOADING[0] - 0.05, LOADING[1], {"vel": 60, "batt": 50}),
    (620, LOADING[0] - 0.06, LOADING[1], {"vel": 60, "batt": 9}),
    (680, LOADING[0] - 0.07, LOADING[1], {"vel": 60, "batt": 8}),
    (740, LOADING[0] - 0.08, LOADING[1], {"vel": 60, "batt": 80}),
    # Eleven kilometres in a minute, then three more that agree: held as suspects, acquitted, a leap all the same.
    (800, LOADING[0] - 0.18, LOADING[1], {}),
    (860, LOADING[0] - 0.28, LOADING[1], {}),
    (920, LOADING[0] - 0.28, LOADING[1], {}),
    (980, LOADING[0] - 0.28, LOADING[1], {}),
]


@st.composite
def deliveries(draw: st.DrawFn) -> list[list[int]]:
    """The fixes by number: permuted, some twice, cut into batches."""
    order = draw(st.permutations(range(len(PLACES))))
    order += draw(st.lists(st.sampled_from(range(len(PLACES))), max_size=6))
    cuts = sorted(draw(st.sets(st.integers(1, len(order) - 1), max_size=5)))
    return [order[start:end] for start, end in zip([0, *cuts], [*cuts, len(order)], strict=True)]


async def ended(database: Pool, trip: Carried) -> list[Any]:
    """Everything the fixes of a trip led to, with times as seconds since its window began."""
    begin = trip.window_from

    def seconds(at: dt.datetime | None) -> int | None:
        return None if at is None else round((at - begin).total_seconds())

    positions = await database.fetch(
        "select * from positions where trip_id = $1 order by fix_time, lat, lon", trip.trip_id
    )
    visits = await database.fetch("select * from visits where trip_id = $1 order by stop_id", trip.trip_id)
    events = await database.fetch("select * from events where trip_id = $1 and withdrawn_at is null", trip.trip_id)
    track = await database.fetchrow("select * from tracks where trip_id = $1", trip.trip_id)
    assert track is not None
    return [
        [(seconds(row["fix_time"]), row["lat"], row["lon"], row["flags"]) for row in positions],
        [(seconds(row["arrived_at"]), seconds(row["departed_at"]), row["arrived_source"]) for row in visits],
        sorted((row["kind"], seconds(row["at"]), row["source"]) for row in events),
        (seconds(track["fix_time"]), track["lat"], track["lon"], track["fix_count"]),
        await database.fetchval("select state from orders where id = $1", trip.order_id),
    ]


async def played(database: Pool, batches: list[list[int]]) -> list[Any]:
    async with database.acquire() as connection:
        trip = await make_trip(connection, hours_ago=0.5)
    pipeline = Pipeline(database, retention_days=30)
    for batch in batches:
        fixes = [
            fix(trip.window_from + dt.timedelta(seconds=PLACES[n][0] + 1), *PLACES[n][1:3], **PLACES[n][3])
            for n in batch
        ]
        await pipeline.take([message(trip.login, one) for one in fixes])
    return await ended(database, trip)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=deliveries())
async def test_any_order_repetition_and_batching_ends_in_the_same_rows(
    database: Pool, batches: list[list[int]]
) -> None:
    assert await played(database, batches) == await played(database, [list(range(len(PLACES)))])


async def test_the_reference_itself_sees_loading_and_departure(database: Pool) -> None:
    positions, visits, events, newest, state = await played(database, [list(range(len(PLACES)))])
    assert len(positions) == len(PLACES)
    assert visits == [(1, 335, "gps")]
    assert [kind for kind, _, _ in events] == ["arrived", "departed", "low_battery"]
    assert newest[0] == 981
    assert state == "in_transit"
