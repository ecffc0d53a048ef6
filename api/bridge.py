"""HTTP fixes into the broker: one MQTT 5 connection a process, many messages on their way at once.

mqtt5 turns packets into bytes and back; connecting, coming back and waiting for confirmations are here. Nothing is
kept: a message the broker has not confirmed is the phone's to send again.
"""

import asyncio
import random
import ssl
import time
from contextlib import suppress
from typing import cast

import mqtt5
import structlog

from api import metrics
from freight.errors import Overloaded
from store.broker import BrokerConfig
from store.packets import whole_packets

log = structlog.get_logger()

# Messages that wait for their turn or their confirmation; beyond, phones are asked to come again.
MOST_WAITING = 5000
# What a packet of MQTT can hold at all, for a broker that sets no limit.
LONGEST_PACKET_BYTES = 268_435_455
# What the packet around topic and payload may take, and what the broker may add to it on the way on.
PACKET_EXTRA_BYTES = 64
CONFIRMED_WITHIN_S = 8.0
TOLD_WITHIN_S = 1.0
CONNECTED_WITHIN_S = 10.0
RECONNECT_FIRST_S = 0.2
RECONNECT_MOST_S = 5.0
KEEPALIVE_S = 30
# Having lasted this long, the end of a connection is an accident; several shorter ones in a row are no accident.
STEADY_AFTER_S = 10.0
MANY_BRIEF = 4
TAKEN_OVER = "perhaps another process uses the same account: each api process needs a HUB_PROCESS_NUMBER of its own"
PING = mqtt5.PingReqPacket().write()
GOODBYE = mqtt5.DisconnectPacket().write()

# What the broker says to a message; None when the connection was lost before.
Confirmation = asyncio.Future[mqtt5.PubAckReasonCode | None]


class TooLarge(Exception):
    """A message the broker would hang up on, with everyone else's on the same connection; `most` in bytes."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"{size} bytes with its topic, at most {most}")


class Line(asyncio.Protocol):
    """One connection: messages out, confirmations in; ends with `lost`."""

    def __init__(self, config: BrokerConfig) -> None:
        loop = asyncio.get_running_loop()
        self.config = config
        self.transport: asyncio.Transport | None = None
        self.accepted: asyncio.Future[mqtt5.ConnAckPacket] = loop.create_future()
        self.lost: asyncio.Future[str] = loop.create_future()
        self.turns = asyncio.Semaphore(1)
        self.heard = True
        self.most_bytes = 0
        self._confirmations: dict[int, Confirmation] = {}
        self._next_id = 0
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open: say who we are."""
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        self.write(
            mqtt5.ConnectPacket(
                self.config.username,
                username=self.config.username,
                password=self.config.password.encode(),
                clean_start=True,
                keep_alive=KEEPALIVE_S,
            ).write()
        )

    def data_received(self, data: bytes) -> None:
        """Read every whole packet."""
        self.heard = True
        buffer = memoryview(self._rest + data if self._rest else data)
        position = 0
        with whole_packets(self.end):
            while position < len(buffer):
                packet, size = mqtt5.read(buffer[position:])
                position += size
                self._take(packet)
        self._rest = bytes(buffer[position:])

    def _take(self, packet: mqtt5.Packet) -> None:
        if isinstance(packet, mqtt5.PubAckPacket):
            confirmation = self._confirmations.pop(packet.packet_id, None)
            if confirmation is not None and not confirmation.done():
                confirmation.set_result(packet.reason_code)
        elif isinstance(packet, mqtt5.ConnAckPacket) and not self.accepted.done():
            # The broker takes only so many unconfirmed messages and hangs up on more.
            self.turns = asyncio.Semaphore(packet.receive_max)
            self.most_bytes = (packet.max_packet_size or LONGEST_PACKET_BYTES) - PACKET_EXTRA_BYTES
            self.accepted.set_result(packet)
        elif isinstance(packet, mqtt5.DisconnectPacket):
            self.end(f"the broker ended the connection: {packet.reason_code.name.lower()}")

    async def publish(self, topic: str, payload: bytes) -> mqtt5.PubAckReasonCode:
        """Send one message with QoS 1; what the broker says to it. Raises ConnectionError when it is lost first."""
        await self.turns.acquire()
        confirmation: Confirmation = asyncio.get_running_loop().create_future()
        # Whoever stops waiting does not free the turn: to the broker the message is still on its way.
        confirmation.add_done_callback(lambda _: self.turns.release())
        if self.lost.done():
            confirmation.set_result(None)
        else:
            packet_id = self._free_id()
            self._confirmations[packet_id] = confirmation
            self.write(mqtt5.PublishPacket(topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id).write())
        said = await asyncio.shield(confirmation)
        if said is None:
            raise ConnectionError(self.lost.result())
        return said

    def _free_id(self) -> int:
        while True:
            self._next_id = self._next_id % 65_535 + 1
            if self._next_id not in self._confirmations:
                return self._next_id

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, however it came: whoever waits is told."""
        self.end(str(exc) if exc else "the broker closed the connection")
        for confirmation in self._confirmations.values():
            if not confirmation.done():
                confirmation.set_result(None)
        self._confirmations.clear()

    def end(self, reason: str) -> None:
        """Give the connection up."""
        if not self.lost.done():
            self.lost.set_result(reason)
        if self.transport:
            self.transport.abort()

    def write(self, data: bytes) -> None:
        """Send bytes; after the end they go nowhere."""
        if self.transport and not self.transport.is_closing():
            self.transport.write(data)


class Bridge:
    """Publishes with QoS 1 and waits for the broker's confirmation. `run` keeps it connected."""

    def __init__(self, config: BrokerConfig) -> None:
        self.config = config
        self._line: Line | None = None
        self._waiting = 0

    @property
    def connected(self) -> bool:
        """Whether the broker can be reached now."""
        return self._line is not None

    async def publish(self, topic: str, payload: bytes) -> None:
        """Hand a message over; returns once the broker has it for whoever will store it.

        Raises Overloaded when the broker is away, refuses, does not confirm in time, has nobody to keep the message
        for, or too much is on its way. Raises TooLarge when it would take it at no time.
        """
        line = self._line
        if line is None or self._waiting >= MOST_WAITING:
            raise Overloaded("the broker is away or overloaded")
        size = len(topic.encode()) + len(payload)
        if size > line.most_bytes:
            raise TooLarge(size, line.most_bytes)
        self._waiting += 1
        try:
            async with asyncio.timeout(CONFIRMED_WITHIN_S):
                said = await line.publish(topic, payload)
        except (OSError, TimeoutError) as error:
            raise Overloaded("the broker did not confirm") from error
        finally:
            self._waiting -= 1
        if said != mqtt5.PubAckReasonCode.SUCCESS:
            metrics.BRIDGE_REFUSED.labels(said.name.lower()).inc()
            raise Overloaded(f"the broker answered {said.name.lower()}")

    async def tell(self, topic: str, payload: bytes) -> None:
        """Say something to whoever listens now. Nobody has to, and nobody waits for a broker that is away."""
        line = self._line
        if line is None or self._waiting >= MOST_WAITING:
            return
        self._waiting += 1
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(TOLD_WITHIN_S):
                await line.publish(topic, payload)
        self._waiting -= 1

    async def run(self) -> None:
        """Stay connected until cancelled."""
        pause_s = RECONNECT_FIRST_S
        brief = 0
        while True:
            began_s = time.monotonic()
            try:
                await self._stay()
            except (OSError, TimeoutError) as error:
                log.warning("bridge_disconnected", problem=str(error) or type(error).__name__)
            else:
                brief += 1
            if time.monotonic() - began_s > STEADY_AFTER_S:
                pause_s, brief = RECONNECT_FIRST_S, 0
            if brief == MANY_BRIEF:
                # An older broker does not say why it hangs up.
                log.error("bridge_keeps_ending", account=self.config.username, problem=TAKEN_OVER)
            metrics.BRIDGE_DOWN.inc()
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(RECONNECT_MOST_S, pause_s * 2)

    async def _stay(self) -> None:
        """One connection from its beginning to its end. Raises OSError or TimeoutError when none came about."""
        line: Line | None = None
        try:
            async with asyncio.timeout(CONNECTED_WITHIN_S):
                line = await self._connect()
            self._line = line
            metrics.BRIDGE_UP.inc()
            while not line.lost.done():
                line.heard = False
                line.write(PING)
                await asyncio.wait((line.lost,), timeout=KEEPALIVE_S / 2)
                if not line.heard:
                    line.end("the broker is silent")
            log.warning("bridge_disconnected", problem=line.lost.result())
        finally:
            self._line = None
            if line is not None:
                line.write(GOODBYE)
                line.end("stopped")

    async def _connect(self) -> Line:
        _, line = await asyncio.get_running_loop().create_connection(
            lambda: Line(self.config),
            self.config.host,
            self.config.port,
            ssl=ssl.create_default_context() if self.config.tls else None,
        )
        try:
            await asyncio.wait((line.accepted, line.lost), return_when="FIRST_COMPLETED")
            if not line.accepted.done():
                raise ConnectionError(line.lost.result())
            if line.accepted.result().reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
                raise ConnectionError(f"the broker refused: {line.accepted.result().reason_code.name.lower()}")
        except BaseException:
            line.end("not accepted")
            raise
        return line
