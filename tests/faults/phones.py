"""Phones that survive anything: what they were not vouched for they keep and send again.

Three kinds, as in the field: a stock phone (OwnTracks by MQTT, single fixes), our own app (numbered fixes, arrays, kept
until the hub's `stored`), and a Traccar phone (one form at a time over HTTP).
"""

import asyncio
import contextlib
import json
import random
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from typing import cast

import httpx
import mqtt5

from tests.faults.history import PhoneHistory

WINDOW = 16
ARRAY = 12
ANSWER_S = 5.0
CONFIRMED_WITHIN_S = 4.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 1.0
# In a metre a second.
KNOTS = 1.94384
# What is held back for a while, as in a tunnel, and comes out of order.
TUNNEL_SHARE = 0.02
TUNNEL_STEPS = 6


class Phone(ABC):
    """A queue of steps to send and the connection that empties it, for ever until `close`."""

    def __init__(self, history: PhoneHistory, seed: int) -> None:
        self.history = history
        self.waiting: deque[int] = deque()
        self.random = random.Random(f"{seed} {history.login}")
        self.tunnel: list[int] = []
        self.losses = 0
        self._running: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect."""
        self._running = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop for good."""
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running

    def take(self, step: int) -> None:
        """A new measurement; some wait in a tunnel and come after newer ones."""
        if self.tunnel or self.random.random() < TUNNEL_SHARE:
            self.tunnel.append(step)
            if len(self.tunnel) >= TUNNEL_STEPS:
                self.come_out()
        else:
            self.waiting.append(step)

    def come_out(self) -> None:
        """Out of the tunnel: half of what was held back, then the other half."""
        self.waiting.extend(self.tunnel[1::2] + self.tunnel[::2])
        self.tunnel.clear()

    @property
    def is_empty(self) -> bool:
        """Whether everything made is vouched for."""
        return not self.waiting and not self.tunnel and self.history.sent <= self.history.acked.keys()

    async def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            before = len(self.history.acked)
            with contextlib.suppress(OSError, TimeoutError, httpx.HTTPError):
                await self._connected()
            self.losses += 1
            pause_s = FIRST_PAUSE_S if len(self.history.acked) > before else min(pause_s * 2, LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s)

    @abstractmethod
    async def _connected(self) -> None:
        """Send until the connection ends. Raises OSError, TimeoutError or httpx.HTTPError then."""


class StockPhone(Phone):
    """OwnTracks by MQTT: forgets a fix at the broker's acknowledgement."""

    most_together = 1

    def __init__(self, history: PhoneHistory, seed: int, port: int, password: str) -> None:
        super().__init__(history, seed)
        self.port = port
        self.password = password
        self.topic = f"owntracks/{history.login}/phone"

    async def _connected(self) -> None:
        connection = Connection(self)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(ANSWER_S):
            transport, _ = await loop.create_connection(lambda: connection, "127.0.0.1", self.port)
        try:
            async with asyncio.timeout(ANSWER_S):
                await asyncio.wait((connection.accepted, connection.lost), return_when="FIRST_COMPLETED")
            while not connection.lost.done():
                self.pump(connection)
                await asyncio.wait((connection.lost,), timeout=0.05)
                if connection.is_stuck:
                    break
        finally:
            transport.abort()
            # Whether these arrived nobody knows: they go again, before anything else.
            for steps in reversed(connection.in_flight.values()):
                self.waiting.extendleft(reversed(steps))

    def pump(self, connection: "Connection") -> None:
        """Send what the window allows."""
        while self.waiting and len(connection.in_flight) < WINDOW:
            count = min(self.most_together, len(self.waiting))
            steps = [self.waiting.popleft() for _ in range(count)]
            self.history.sent.update(steps)
            connection.publish(self.topic, self.payload(steps), steps)

    def payload(self, steps: Sequence[int]) -> bytes:
        """The message of these steps."""
        return json.dumps(self.history.fix(steps[0])).encode()

    def vouched_for(self, steps: Sequence[int]) -> None:
        """The broker acknowledged them."""
        for step in steps:
            self.history.ack(step)

    def told(self, payload: bytes) -> None:
        """A message came in: stock phones listen to none."""


class AppPhone(StockPhone):
    """Our own app: numbers its fixes and keeps each until the hub says that it is committed."""

    most_together = ARRAY

    def __init__(self, history: PhoneHistory, seed: int, port: int, password: str) -> None:
        super().__init__(history, seed, port, password)
        self.unconfirmed: dict[int, float] = {}

    @property
    def is_empty(self) -> bool:
        return super().is_empty and not self.unconfirmed

    def payload(self, steps: Sequence[int]) -> bytes:
        for step in steps:
            self.unconfirmed.setdefault(step, time.monotonic())
        return json.dumps([{**self.history.fix(step), "seq": step + 1} for step in steps]).encode()

    def pump(self, connection: "Connection") -> None:
        now = time.monotonic()
        flying = {step for steps in connection.in_flight.values() for step in steps}
        for step, sent_at in self.unconfirmed.items():
            if now - sent_at > CONFIRMED_WITHIN_S and step not in flying and step not in self.waiting:
                self.unconfirmed[step] = now
                self.waiting.append(step)
        super().pump(connection)

    def told(self, payload: bytes) -> None:
        for first, last in json.loads(payload)["seqs"]:
            for number in range(first, last + 1):
                self.history.confirmed.add(number - 1)
                self.unconfirmed.pop(number - 1, None)


class TraccarPhone(Phone):
    """Traccar Client: a form at a time, the next one after the answer 200."""

    def __init__(self, history: PhoneHistory, seed: int, url: str, identifier: str) -> None:
        super().__init__(history, seed)
        self.url = url
        self.identifier = identifier

    async def _connected(self) -> None:
        async with httpx.AsyncClient(timeout=ANSWER_S) as client:
            while True:
                while self.waiting:
                    step = self.waiting[0]
                    self.history.sent.add(step)
                    answer = await client.post(f"{self.url}/phone", data=self._form(step))
                    if answer.status_code != 200:
                        return
                    self.history.ack(step)
                    self.waiting.popleft()
                await asyncio.sleep(0.02)

    def _form(self, step: int) -> dict[str, str]:
        fix = self.history.fix(step)
        lat, lon, at = str(fix["lat"]), str(fix["lon"]), str(fix["tst"])
        speed_knots = f"{self.history.road.speed_mps(step) * KNOTS:.1f}"
        return {"id": self.identifier, "lat": lat, "lon": lon, "timestamp": at, "speed": speed_knots, "accuracy": "8"}


class Connection(asyncio.Protocol):
    """One MQTT 5 connection of a phone."""

    def __init__(self, phone: StockPhone) -> None:
        self.phone = phone
        self.in_flight: dict[int, list[int]] = {}
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.heard_at = time.monotonic()
        self._packet_id = 0
        self._rest = b""

    @property
    def is_stuck(self) -> bool:
        """Whether an acknowledgement is overdue."""
        return bool(self.in_flight) and time.monotonic() - self.heard_at > ANSWER_S

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        login = self.phone.history.login
        hello = mqtt5.ConnectPacket(
            login, username=login, password=self.phone.password.encode(), clean_start=True, keep_alive=60
        )
        self.transport.write(hello.write())

    def data_received(self, data: bytes) -> None:
        self.heard_at = time.monotonic()
        buffer = memoryview(self._rest + data)
        position = 0
        with contextlib.suppress(IndexError):
            while position < len(buffer):
                packet, size = mqtt5.read(buffer[position:])
                position += size
                self._take(packet)
        self._rest = bytes(buffer[position:])

    def _take(self, packet: mqtt5.Packet) -> None:
        match packet:
            case mqtt5.ConnAckPacket(reason_code=mqtt5.ConnAckReasonCode.SUCCESS):
                own = mqtt5.TopicFilter(f"{self.phone.topic}/stored", max_qos=mqtt5.QoS.AT_MOST_ONCE)
                self.transport.write(mqtt5.SubscribePacket(1, [own]).write())
                if not self.accepted.done():
                    self.accepted.set_result(None)
            case mqtt5.PubAckPacket():
                steps = self.in_flight.pop(packet.packet_id, [])
                if packet.reason_code.value < 0x80:
                    self.phone.vouched_for(steps)
                else:
                    self.phone.waiting.extend(steps)
                self.phone.pump(self)
            case mqtt5.PublishPacket():
                self.phone.told(bytes(packet.payload))
            case mqtt5.ConnAckPacket() | mqtt5.DisconnectPacket():
                self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)

    def publish(self, topic: str, payload: bytes, steps: list[int]) -> None:
        """Send at QoS 1."""
        if not self.in_flight:
            self.heard_at = time.monotonic()
        self._packet_id = self._packet_id % 65_000 + 1
        self.in_flight[self._packet_id] = steps
        packet = mqtt5.PublishPacket(topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=self._packet_id)
        self.transport.write(packet.write())
