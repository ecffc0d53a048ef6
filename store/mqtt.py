"""One MQTT 5 connection with the broker, for ingest, which reads, and for the api, which publishes.

mqtt5 turns packets into bytes and back; getting in, keeping alive, waiting for confirmations and how it ends are
decided here. Whoever owns a session comes back after its end; what is read, and when it is acknowledged, is his.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import mqtt5
import msgspec

from store.broker import BrokerConfig

ANSWER_TIMEOUT_S = 10.0
# What a packet of MQTT can hold at all, for a broker that sets no limit.
LONGEST_PACKET_BYTES = 268_435_455
# What the packet around topic and payload may take, and what the broker may add to it on the way on.
PACKET_EXTRA_BYTES = 64
# Three looks are a keep-alive; after one more without an answer to any ping nobody is there.
QUIET_LOOKS = 4
PING = mqtt5.PingReqPacket().write()
GRANTED = (mqtt5.SubAckReasonCode.GRANTED_QOS_AT_MOST_ONCE, mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE)

# What the broker says to a message; None when the connection was lost before.
Confirmation = asyncio.Future[mqtt5.PubAckReasonCode | None]
# Takes the messages of one read, in order; false when it wants no more until `resume`.
Hear = Callable[[list[mqtt5.PublishPacket]], bool]
Answer = TypeVar("Answer")


class SessionError(ConnectionError):
    """Base of what ends a session."""


class BrokerRefused(SessionError):
    """The broker accepted the connection but not us, or not our subscriptions; `reason` is its own word."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"the broker refused the {step}: {reason}")
        self.step = step
        self.reason = reason


class ConnectionLost(SessionError):
    """The connection to the broker broke or was ended by it; `reason` says how."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Terms(msgspec.Struct, frozen=True):
    """What is asked of the broker.

    - `clean_start`: what it kept of an earlier session is forgotten.
    - `expiry_s`: how long it keeps the session, and what is not acknowledged in it, without a connection.
    - `most_unacknowledged`: messages it may have on the way to us.
    - `keep_alive_s`: a third more without a word from it ends the connection.
    """

    clean_start: bool = True
    expiry_s: int = 0
    most_unacknowledged: int = 65_535
    keep_alive_s: float = 30


class Session(asyncio.Protocol):
    """One connection: bytes in, packets out; ends with `lost`. Made by `open_session`."""

    def __init__(self, config: BrokerConfig, terms: Terms, hear: Hear) -> None:
        loop = asyncio.get_running_loop()
        self.config = config
        self.terms = terms
        self.hear = hear
        self.transport: asyncio.Transport | None = None
        self.lost: asyncio.Future[ConnectionLost] = loop.create_future()
        self.accepted: asyncio.Future[mqtt5.ConnAckPacket] = loop.create_future()
        self.subscribed: asyncio.Future[mqtt5.SubAckPacket] = loop.create_future()
        self.heard_at = time.monotonic()
        # While we do not read, a broker that says nothing is no silent one.
        self.is_paused = False
        self.most_bytes = 0
        self._turns = asyncio.Semaphore(1)
        self._confirmations: dict[int, Confirmation] = {}
        self._next_id = 0
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open: say who we are."""
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        terms = self.terms
        self.write(
            mqtt5.ConnectPacket(
                self.config.username,
                username=self.config.username,
                password=self.config.password.encode(),
                clean_start=terms.clean_start,
                keep_alive=round(terms.keep_alive_s),
                session_expiry_interval=terms.expiry_s,
                receive_max=min(terms.most_unacknowledged, 65_535),
            ).write()
        )

    def data_received(self, data: bytes) -> None:
        """Read every whole packet; messages go to `hear`, which may ask us to stop reading."""
        self.heard_at = time.monotonic()
        buffer = memoryview(self._rest + data if self._rest else data)
        position, end = 0, len(buffer)
        messages: list[mqtt5.PublishPacket] = []
        with _whole_packets(self.end):
            while position < end:
                packet, size = mqtt5.read(buffer[position:])
                position += size
                if type(packet) is mqtt5.PublishPacket:
                    messages.append(packet)
                else:
                    self._answer(packet)
        self._rest = bytes(buffer[position:])
        if messages and not self.hear(messages) and self.transport:
            self.is_paused = True
            self.transport.pause_reading()

    def _answer(self, packet: mqtt5.Packet) -> None:
        if isinstance(packet, mqtt5.PubAckPacket):
            confirmation = self._confirmations.pop(packet.packet_id, None)
            if confirmation is not None:
                _settle(confirmation, packet.reason_code)
        elif isinstance(packet, mqtt5.ConnAckPacket):
            # The broker takes only so many unconfirmed messages and hangs up on more.
            self._turns = asyncio.Semaphore(packet.receive_max)
            self.most_bytes = (packet.max_packet_size or LONGEST_PACKET_BYTES) - PACKET_EXTRA_BYTES
            _settle(self.accepted, packet)
        elif isinstance(packet, mqtt5.SubAckPacket):
            _settle(self.subscribed, packet)
        elif isinstance(packet, mqtt5.DisconnectPacket):
            self.end(f"the broker ended the connection: {packet.reason_code.name.lower()}")

    async def enter(self) -> mqtt5.ConnAckPacket:
        """Wait until the broker lets us in. Raises BrokerRefused, ConnectionLost or TimeoutError."""
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            accepted = await self._first(self.accepted)
        if accepted.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
            raise BrokerRefused("connection", accepted.reason_code.name.lower())
        return accepted

    async def subscribe(self, subscription: bytes) -> None:
        """Send a written SubscribePacket and wait for the answer. Raises as `enter` does.

        The answer stands behind what the broker kept for us, which may have to wait to be taken: only silence is a
        failure.
        """
        self.write(subscription)
        while True:
            heard_at = self.heard_at
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT_S):
                    granted = await self._first(self.subscribed)
                break
            except TimeoutError:
                if self.heard_at == heard_at and not self.is_paused:
                    raise
        refused = [code.name.lower() for code in granted.reason_codes if code not in GRANTED]
        if refused:
            raise BrokerRefused("subscription", refused[0])

    async def _first(self, answer: asyncio.Future[Answer]) -> Answer:
        await asyncio.wait((answer, self.lost), return_when="FIRST_COMPLETED")
        if answer.done():
            return answer.result()
        raise self.lost.result()

    async def stay(self, stop: asyncio.Future[Any] | None = None) -> None:
        """Keep the connection alive until `stop` is done. Raises ConnectionLost when it ends before."""
        ends: tuple[asyncio.Future[Any], ...] = (self.lost,) if stop is None else (self.lost, stop)
        quiet = 0
        while not any(end.done() for end in ends):
            heard_at = self.heard_at
            self.write(PING)
            await asyncio.wait(ends, timeout=self.terms.keep_alive_s / 3, return_when="FIRST_COMPLETED")
            # Counted by looks, not by the clock: a process that stood still itself has not listened.
            quiet = quiet + 1 if self.heard_at == heard_at and not self.is_paused else 0
            if quiet == QUIET_LOOKS:
                self.end("the broker is silent")
        if self.lost.done():
            raise self.lost.result()

    async def publish(self, topic: str, payload: bytes) -> mqtt5.PubAckReasonCode:
        """Send one message with QoS 1; what the broker says to it. Raises ConnectionLost when that comes first."""
        await self._turns.acquire()
        confirmation: Confirmation = asyncio.get_running_loop().create_future()
        # Whoever stops waiting does not free the turn: to the broker the message is still on its way.
        confirmation.add_done_callback(lambda _: self._turns.release())
        if self.lost.done():
            confirmation.set_result(None)
        else:
            packet_id = self._free_id()
            self._confirmations[packet_id] = confirmation
            self.write(mqtt5.PublishPacket(topic, payload, qos=mqtt5.QoS.AT_LEAST_ONCE, packet_id=packet_id).write())
        said = await asyncio.shield(confirmation)
        if said is None:
            raise self.lost.result()
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
            _settle(confirmation, None)
        self._confirmations.clear()

    def end(self, reason: str) -> None:
        """Give the connection up; what is on its way to the broker is dropped."""
        _settle(self.lost, ConnectionLost(reason))
        if self.transport:
            self.transport.abort()

    async def leave(self) -> None:
        """Say goodbye; what the terms let the broker keep, it keeps."""
        if self.transport is None:
            return
        self.write(mqtt5.DisconnectPacket(session_expiry_interval=self.terms.expiry_s).write())
        self.transport.close()
        await asyncio.wait((self.lost,), timeout=ANSWER_TIMEOUT_S)

    def write(self, data: bytes) -> None:
        """Send bytes; after the end they go nowhere."""
        if self.transport and not self.transport.is_closing():
            self.transport.write(data)

    def resume(self) -> None:
        """Read on."""
        if self.is_paused and self.transport and not self.transport.is_closing():
            self.is_paused = False
            self.transport.resume_reading()


async def open_session(config: BrokerConfig, terms: Terms, hear: Hear) -> Session:
    """A connection, on which the broker has yet to let us in. Raises OSError or TimeoutError.

    A session it kept brings its queue before anything else: `hear` may be called at once.
    """
    async with asyncio.timeout(ANSWER_TIMEOUT_S):
        _, session = await asyncio.get_running_loop().create_connection(
            lambda: Session(config, terms, hear),
            config.host,
            config.port,
            ssl=ssl.create_default_context() if config.tls else None,
        )
    return session


def _settle(future: asyncio.Future[Answer], answer: Answer) -> None:
    if not future.done():
        future.set_result(answer)


@contextmanager
def _whole_packets(end: Callable[[str], None]) -> Iterator[None]:
    """Packets are read within this until the rest of one is still on its way. What is no MQTT ends the connection:
    `end` is told why."""
    try:
        yield
    except IndexError:
        pass
    except ValueError as error:
        end(f"the broker sent what is no MQTT: {error}")
    except BaseException as error:
        if not _is_panic(error):
            raise
        end("the broker sent what is no MQTT: text that is not UTF-8")


def _is_panic(error: BaseException) -> bool:
    """Whether the codec broke down over a packet, as it does over text that is not UTF-8.

    Its class is no Exception and can be imported from nowhere; uncaught it passes every handler of ours on its way to
    the event loop, and nobody is told what the broker did.
    """
    return type(error).__name__ == "PanicException"
