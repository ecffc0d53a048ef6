"""Phones among the load that measure: from publishing a fix to hearing that it is committed."""

import asyncio
import time

import aiomqtt
import msgspec

from bench.roads import track
from bench.world import SECRET, World
from freight.drivers.credentials import device_password

EVERY_S = 0.05


class Stored(msgspec.Struct):
    """The hub's confirmation."""

    seq: int
    seqs: list[tuple[int, int]]


def fix(number: int, seq: int, tst: int) -> bytes:
    """Our own app's message."""
    lat, lon = track(number, seq, 1)
    return msgspec.json.encode(
        {"_type": "location", "lat": float(lat[0]), "lon": float(lon[0]), "tst": tst, "acc": 8, "vel": 70, "seq": seq}
    )


async def commit_delays(world: World, login: str, number: int, seconds: float) -> list[float]:
    """Milliseconds from publish to confirmation, twenty times a second for `seconds`."""
    sent: dict[int, float] = {}
    quiet = asyncio.Event()
    delays: list[float] = []
    password = device_password(SECRET, login, 1)
    async with aiomqtt.Client(
        "127.0.0.1", world.mqtt_port, username=login, password=password, protocol=aiomqtt.ProtocolVersion.V5
    ) as client:
        await client.subscribe(f"owntracks/{login}/+/stored", qos=1)

        async def listen() -> None:
            async for message in client.messages:
                now = time.perf_counter()
                heard = msgspec.json.decode(bytes(message.payload or b""), type=Stored)
                for first, last in heard.seqs:
                    for seq in range(first, last + 1):
                        if seq in sent:
                            delays.append((now - sent.pop(seq)) * 1000)
                if not sent:
                    quiet.set()

        listener = asyncio.create_task(listen())
        began = time.perf_counter()
        seq = 0
        while time.perf_counter() - began < seconds:
            seq += 1
            sent[seq] = time.perf_counter()
            await client.publish(f"owntracks/{login}/app", fix(number, seq, world.first_time + seq), qos=1)
            await asyncio.sleep(max(0.0, began + seq * EVERY_S - time.perf_counter()))
        async with asyncio.timeout(10):
            # The listener sets it after each confirmation that left nothing open.
            if sent:
                quiet.clear()
                await quiet.wait()
        listener.cancel()
    return delays
