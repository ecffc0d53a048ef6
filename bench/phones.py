"""The load: hundreds of phones, each a connection of its own, publishing OwnTracks JSON at QoS 1.

Packets are formatted by hand in blocks, so that this is not the limit. At most `allowed` messages in all are sent
(the bench raises it: a closed loop keeps the broker's queue short), or a steady rate with `--rate`.

`python -m bench.phones --port P --logins FILE --counters FILE [--rate R] [--first-time EPOCH]`
"""

import argparse
import asyncio
import time
from collections import deque
from pathlib import Path
from typing import cast

import mqtt5
import numpy as np
import uvloop

from bench.counters import Counters
from bench.roads import APART_S, track

BLOCK = 64
# What Mosquitto grants a client that asks nothing: its max_inflight_messages.
DEFAULT_RECEIVE_MAXIMUM = 20


def remaining_length(size: int) -> bytes:
    """MQTT's variable byte integer."""
    encoded = bytearray()
    while True:
        size, low = divmod(size, 128)
        encoded.append(low | (0x80 if size else 0))
        if not size:
            return bytes(encoded)


class Phone(asyncio.Protocol):
    """One connection. Unacknowledged publishes never exceed the broker's receive maximum."""

    def __init__(self, number: int, login: str, password: str, first_time: int, load: "Load") -> None:
        self.number, self.login, self.password, self.load = number, login, password, load
        self.topic = f"owntracks/{login}/phone".encode()
        self.first_time = first_time
        self.step = 0
        self.prepared: deque[bytes] = deque()
        self.unacked = 0
        self.window = DEFAULT_RECEIVE_MAXIMUM
        self.connected = asyncio.get_running_loop().create_future()
        self.rest = b""
        self.packet_id = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        packet = mqtt5.ConnectPacket(
            self.login, username=self.login, password=self.password.encode(), clean_start=True, keep_alive=600
        )
        self.transport.write(packet.write())

    def data_received(self, data: bytes) -> None:
        data = self.rest + data if self.rest else data
        if not self.connected.done():
            packet, used = mqtt5.read(memoryview(data))
            assert isinstance(packet, mqtt5.ConnAckPacket)
            if packet.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
                self.connected.set_exception(ConnectionRefusedError(f"{self.login}: {packet.reason_code.name}"))
                return
            self.window = min(self.window, packet.receive_max)
            self.connected.set_result(None)
            data = data[used:]
        place = 0
        acked = 0
        while len(data) - place >= 2 and len(data) - place >= 2 + data[place + 1]:
            acked += data[place] == 0x40
            place += 2 + data[place + 1]
        self.rest = data[place:]
        self.unacked -= acked
        self.load.acked += acked
        self.send()

    def connection_lost(self, error: Exception | None) -> None:
        self.load.closed += 1
        if not self.connected.done():
            self.connected.set_exception(error or ConnectionResetError(self.login))

    def prepare(self) -> None:
        lats, lons = track(self.number, self.step + self.number * APART_S, BLOCK)
        moment = self.first_time + self.step
        head = len(self.topic).to_bytes(2) + self.topic
        for offset, (lat, lon) in enumerate(zip(lats.tolist(), lons.tolist(), strict=True)):
            self.packet_id = self.packet_id % 65_000 + 1
            body = (
                b'{"_type":"location","tid":"ph","lat":%.6f,"lon":%.6f,"tst":%d,"acc":8,"alt":760,"vel":72,"cog":90,'
                b'"batt":87,"conn":"m","t":"t"}' % (lat, lon, moment + offset)
            )
            rest = b"%b%b\x00%b" % (head, self.packet_id.to_bytes(2), body)
            self.prepared.append(b"\x32" + remaining_length(len(rest)) + rest)
        self.step += BLOCK

    def send(self, most: int = 1_000) -> None:
        count = min(self.window - self.unacked, most, self.load.allowance())
        if count <= 0:
            return
        while len(self.prepared) < count:
            self.prepare()
        self.unacked += count
        self.load.sent += count
        self.transport.write(b"".join(self.prepared.popleft() for _ in range(count)))


class Load:
    """All phones and what they may send."""

    def __init__(self, counters: Counters, rate: float) -> None:
        self.counters, self.rate = counters, rate
        self.sent = self.acked = self.closed = 0
        self.allowed = 0
        self.phones: list[Phone] = []

    def allowance(self) -> int:
        return self.allowed - self.sent

    async def connect(self, port: int, logins: list[tuple[str, str]], first_time: int) -> None:
        loop = asyncio.get_running_loop()
        for number, (login, password) in enumerate(logins):
            phone = Phone(number, login, password, first_time, self)
            await loop.create_connection(lambda phone=phone: phone, "127.0.0.1", port)  # type: ignore[misc]
            await phone.connected
            self.phones.append(phone)

    async def run(self) -> None:
        """Send until told to stop: in bursts of a few milliseconds, each phone in turn."""
        began = time.monotonic()
        turn = 0
        while not self.counters["stop"]:
            allowed = self.counters["allowed"]
            if self.rate:
                allowed = min(allowed, int((time.monotonic() - began) * self.rate))
            self.allowed = allowed
            share = max(1, self.allowance() // len(self.phones) + 1)
            for _ in range(len(self.phones)):
                if self.allowance() <= 0:
                    break
                self.phones[turn].send(share)
                turn = (turn + 1) % len(self.phones)
            self.report()
            await asyncio.sleep(0.004)
        # What was sent is acknowledged before the count is final.
        for _ in range(500):
            if self.acked >= self.sent:
                break
            await asyncio.sleep(0.01)
        self.report()

    def report(self) -> None:
        self.counters["sent"], self.counters["acked"], self.counters["closed"] = self.sent, self.acked, self.closed


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--logins", type=Path, required=True, help="a login and a password a line")
    parser.add_argument("--counters", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=0, help="messages a second in all; 0: as allowed")
    parser.add_argument("--first-time", type=int, required=True, help="fix time of every phone's first fix")
    arguments = parser.parse_args()
    lines = arguments.logins.read_text().splitlines()
    logins = [(login, password) for login, password in (line.split() for line in lines)]
    counters = Counters(arguments.counters)
    load = Load(counters, arguments.rate)
    await load.connect(arguments.port, logins, arguments.first_time)
    counters["ready"] = 1
    await load.run()


if __name__ == "__main__":
    np.seterr(all="raise")
    uvloop.run(main())
