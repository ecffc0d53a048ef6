"""From the phone over the broker to the rows, the bus and the phone again."""

import asyncio
import contextlib

import pytest

from freight.trips.live import LivePositions, decode_live
from store.broker import BrokerControl
from store.bus import BusConfig, Listener, live_channel
from store.pool import Pool
from tests.ingest.conftest import phone_of
from tests.ingest.world import LOADING, decoded, drive, fix, make_trip
from tests.services import RealServices
from tests.waiting import until


@pytest.mark.usefixtures("worker")
async def test_a_phones_fixes_become_positions_and_are_told_on_the_bus(
    database: Pool, services: RealServices, broker_control: BrokerControl, bus_config: BusConfig
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection)
    heard: list[LivePositions] = []

    def hear(channel: str, payload: bytes) -> None:
        message = decode_live(payload)
        if isinstance(message, LivePositions):
            heard.append(message)

    listener = Listener(bus_config, hear, lambda: None)
    listening = asyncio.create_task(listener.run())
    await until(lambda: listener.add(live_channel(trip.organisation_id)))
    track = drive(trip)[:60]
    async with phone_of(broker_control, services, trip.login) as phone:
        for one in track:
            await phone.send(one)
        await until(lambda: database.fetchval("select count(*) = 60 from positions"))
        newest_ms = track[-1]["tst"] * 1000
        await until(lambda: heard and abs(heard[-1].positions[0].fix_time_ms - newest_ms) <= 1)
    listening.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await listening


@pytest.mark.usefixtures("worker")
async def test_our_own_app_hears_what_was_committed(
    database: Pool, services: RealServices, broker_control: BrokerControl
) -> None:
    async with database.acquire() as connection:
        trip = await make_trip(connection, kind="app")
    async with phone_of(broker_control, services, trip.login) as phone:
        await phone.client.subscribe(phone.topic + "/stored", qos=1)
        await phone.send([fix(trip.window_from, *LOADING, seq=4), fix(trip.window_from, *LOADING, seq=5)])
        async with asyncio.timeout(10):
            async for message in phone.client.messages:
                assert decoded(bytes(message.payload))["seq"] == 5
                break
        assert await database.fetchval("select count(*) from positions") == 1
