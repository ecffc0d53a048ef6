"""The bare limit of reading: a subscriber that decodes packets and acknowledges them, nothing else.

`python -m bench.reader --port P --login L --password W --counters FILE`
"""

import argparse
import asyncio
from pathlib import Path
from typing import cast

import mqtt5
import uvloop

from bench.counters import Counters

FILTER = "owntracks/+/+"


class Reader(asyncio.Protocol):
    """Acknowledges what one read brought in one write."""

    def __init__(self, login: str, password: str, counters: Counters) -> None:
        self.login, self.password, self.counters = login, password, counters
        self.rest = b""
        self.received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(
            mqtt5.ConnectPacket(
                self.login,
                username=self.login,
                password=self.password.encode(),
                clean_start=True,
                keep_alive=600,
                receive_max=10_000,
            ).write()
        )
        self.transport.write(
            mqtt5.SubscribePacket(1, [mqtt5.TopicFilter(FILTER, max_qos=mqtt5.QoS.AT_LEAST_ONCE)]).write()
        )

    def data_received(self, data: bytes) -> None:
        view = memoryview(self.rest + data if self.rest else data)
        acks = bytearray()
        place = 0
        while place < len(view):
            try:
                packet, used = mqtt5.read(view[place:])
            except IndexError:
                break
            place += used
            if isinstance(packet, mqtt5.PublishPacket):
                acks += b"\x40\x02" + (packet.packet_id or 0).to_bytes(2)
                self.received += 1
            elif isinstance(packet, mqtt5.SubAckPacket):
                if packet.reason_codes != [mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE]:
                    raise PermissionError(f"{self.login} may not subscribe: {packet.reason_codes}")
                self.counters["ready"] = 1
        self.rest = bytes(view[place:])
        self.transport.write(bytes(acks))
        self.counters["received"] = self.received


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--login", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--counters", type=Path, required=True)
    arguments = parser.parse_args()
    counters = Counters(arguments.counters)
    loop = asyncio.get_running_loop()
    await loop.create_connection(
        lambda: Reader(arguments.login, arguments.password, counters), "127.0.0.1", arguments.port
    )
    await counters.until("stop")


if __name__ == "__main__":
    uvloop.run(main())
