"""The MQTT 5 session with the broker: subscribed for good, acknowledging only what was committed.

mqtt5 turns packets into bytes and back; connecting, keeping alive, coming back, and the order of acknowledgements are
decided here. The session outlives the connection: what was not acknowledged comes again.
"""

import asyncio
import random
import ssl
import time
from collections.abc import Sequence
from typing import TypeVar, cast

import mqtt5
import structlog

from ingest import metrics
from ingest.backlog import Backlog
from ingest.config import IngestConfig
from ingest.errors import BrokerRefused, ConnectionLost
from ingest.message import Message
from store.broker import DEVICE_SUBTOPICS
from store.packets import whole_packets

log = structlog.get_logger()

ANSWER_TIMEOUT_S = 10.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 2.0
PING = mqtt5.PingReqPacket().write()
# A packet id is 16 bits: every acknowledgement there is, made once.
ACKNOWLEDGEMENTS = [b""] + [mqtt5.PubAckPacket(packet_id).write() for packet_id in range(1, 65_536)]
FIX_TOPICS = "owntracks/+/+"
# Plain, not shared: a restarted Mosquitto remembers these with the session, but acknowledges and drops what belongs to
# a share until somebody subscribes to it anew. A share would also deal one phone's fixes to several readers, so that
# at full load nearly every one came late to its trip.
SUBSCRIPTION = mqtt5.SubscribePacket(
    1,
    [
        mqtt5.TopicFilter(
            topic,
            max_qos=mqtt5.QoS.AT_LEAST_ONCE,
            # Stock OwnTracks marks every fix as to be retained: only what the broker had kept may come so marked.
            retain_as_published=False,
            retain_handling=mqtt5.RetainHandling.SEND_NEVER,
        )
        for topic in (FIX_TOPICS, *(f"{FIX_TOPICS}/{name}" for name in DEVICE_SUBTOPICS))
    ],
).write()
GRANTED = (mqtt5.SubAckReasonCode.GRANTED_QOS_AT_MOST_ONCE, mqtt5.SubAckReasonCode.GRANTED_QOS_AT_LEAST_ONCE)
Answer = TypeVar("Answer")


class Session(asyncio.Protocol):
    """One connection: bytes in, packets out; ends with `lost`."""

    def __init__(self, number: int, config: IngestConfig, backlog: Backlog) -> None:
        self.number = number
        self.config = config
        self.backlog = backlog
        self.transport: asyncio.Transport | None = None
        self.lost: asyncio.Future[ConnectionLost] = asyncio.get_running_loop().create_future()
        self.connected: asyncio.Future[mqtt5.ConnAckPacket] = asyncio.get_running_loop().create_future()
        self.subscribed: asyncio.Future[mqtt5.SubAckPacket] = asyncio.get_running_loop().create_future()
        self.heard_at = time.monotonic()
        self._rest = b""
        self._reason = "the broker closed the connection"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open: say who we are."""
        # uvloop's transports are no subclasses of asyncio's.
        self.transport = cast(asyncio.Transport, transport)
        broker = self.config.broker
        self.write(
            mqtt5.ConnectPacket(
                broker.username,
                username=broker.username,
                password=broker.password.encode(),
                clean_start=False,
                keep_alive=self.config.keep_alive_s,
                session_expiry_interval=self.config.session_expiry_s,
                receive_max=min(self.config.most_unacknowledged, 65_535),
            ).write()
        )

    def data_received(self, data: bytes) -> None:
        """Read every whole packet; fixes go to the backlog, which may ask us to stop reading."""
        self.heard_at = time.monotonic()
        received_at_us = time.time_ns() // 1000
        buffer = memoryview(self._rest + data if self._rest else data)
        position, end = 0, len(buffer)
        messages: list[Message] = []
        with whole_packets(self.end):
            while position < end:
                packet, size = mqtt5.read(buffer[position:])
                position += size
                if type(packet) is mqtt5.PublishPacket:
                    messages.append(Message(packet, received_at_us, self.number))
                else:
                    self._answer(packet)
        self._rest = bytes(buffer[position:])
        if messages:
            self.backlog.add(messages)
            if self.backlog.is_full and self.transport:
                self.transport.pause_reading()

    def _answer(self, packet: mqtt5.Packet) -> None:
        if isinstance(packet, mqtt5.ConnAckPacket):
            _settle(self.connected, packet)
        elif isinstance(packet, mqtt5.SubAckPacket):
            _settle(self.subscribed, packet)
        elif isinstance(packet, mqtt5.DisconnectPacket):
            self.end(f"the broker ended the session: {packet.reason_code!r}")

    def connection_lost(self, exc: Exception | None) -> None:
        """The end, however it came."""
        _settle(self.lost, ConnectionLost(str(exc) if exc else self._reason))

    def end(self, reason: str) -> None:
        """Give the connection up; what is on its way to the broker is dropped."""
        self._reason = reason
        if self.transport:
            self.transport.abort()

    def write(self, data: bytes) -> None:
        """Send bytes; after the end they go nowhere."""
        if self.transport and not self.transport.is_closing():
            self.transport.write(data)

    def resume(self) -> None:
        """Read on."""
        if self.transport and not self.transport.is_closing():
            self.transport.resume_reading()


def _settle(future: asyncio.Future[Answer], answer: Answer) -> None:
    if not future.done():
        future.set_result(answer)


class Subscriber:
    """Keeps a session going until stopped: connects when it is its turn, comes back after every loss, acknowledges."""

    def __init__(self, config: IngestConfig, backlog: Backlog, turn: asyncio.Event) -> None:
        self.config = config
        self.backlog = backlog
        self.turn = turn
        self.session: Session | None = None
        self._numbers = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Stay subscribed until `stop` is set. Losing the broker is not an error here: it is waited for."""
        pause_s = FIRST_PAUSE_S
        while await self._is_our_turn(stop):
            began = time.monotonic()
            try:
                await self._stay(stop)
            except (BrokerRefused, ConnectionLost, OSError, TimeoutError) as error:
                metrics.broker_losses.inc()
                log.warning("broker_lost", error=str(error) or type(error).__name__, again_in_s=round(pause_s, 1))
            if time.monotonic() - began > LONGEST_PAUSE_S:
                pause_s = FIRST_PAUSE_S
            await _pause(stop, pause_s * random.uniform(0.5, 1.0))
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _is_our_turn(self, stop: asyncio.Event) -> bool:
        """Wait for it; false when told to stop. Only a loss asks: whoever reads may go on until the broker, which lets
        one in at a time, prefers another."""
        waiting = [asyncio.create_task(event.wait()) for event in (self.turn, stop)]
        await asyncio.wait(waiting, return_when="FIRST_COMPLETED")
        for task in waiting:
            task.cancel()
        return not stop.is_set()

    async def _stay(self, stop: asyncio.Event) -> None:
        try:
            session = await self.connect()
        except BaseException:
            self._give_up()
            raise
        metrics.connected.set(1)
        stopping = asyncio.create_task(stop.wait())
        try:
            while not session.lost.done() and not stop.is_set():
                await asyncio.wait(
                    (session.lost, stopping), timeout=self.config.keep_alive_s / 3, return_when="FIRST_COMPLETED"
                )
                self._keep_alive(session)
        finally:
            stopping.cancel()
            metrics.connected.set(0)
        if session.lost.done():
            self._give_up()
            raise session.lost.result()

    def _give_up(self) -> None:
        """What the connection brought and nobody stored yet will come again."""
        session, self.session = self.session, None
        if session is not None:
            session.end("given up")
            self.backlog.forget(session.number)

    async def connect(self) -> Session:
        """One connection, subscribed. Raises BrokerRefused, ConnectionLost, OSError or TimeoutError."""
        self._numbers += 1
        broker = self.config.broker
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            _, session = await loop.create_connection(
                lambda: Session(self._numbers, self.config, self.backlog),
                broker.host,
                broker.port,
                ssl=ssl.create_default_context() if broker.tls else None,
            )
        # From here on: a resumed session brings its queue before anything else, and that is acknowledged at once.
        self.session = session
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            accepted = await _first(session.connected, session.lost)
        if accepted.reason_code != mqtt5.ConnAckReasonCode.SUCCESS:
            raise BrokerRefused("connection", repr(accepted.reason_code))
        session.write(SUBSCRIPTION)
        granted = await self._granted(session)
        refused = [repr(code) for code in granted.reason_codes if code not in GRANTED]
        if refused:
            raise BrokerRefused("subscription", refused[0])
        log.info("broker_joined", session_present=accepted.session_present)
        return session

    async def _granted(self, session: Session) -> mqtt5.SubAckPacket:
        """The answer stands behind the queue, which may have to wait for the database: only silence is a failure."""
        while True:
            heard_at = session.heard_at
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT_S):
                    return await _first(session.subscribed, session.lost)
            except TimeoutError:
                if session.heard_at == heard_at and not self.backlog.is_full:
                    raise

    def _keep_alive(self, session: Session) -> None:
        if time.monotonic() - session.heard_at > self.config.keep_alive_s * 1.5 and not self.backlog.is_full:
            session.end("the broker is silent")
        else:
            session.write(PING)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Tell the broker that these are committed. Messages of an earlier connection are left out: the broker sends
        them again under ids of its own, and they will be found stored."""
        self.backlog.release(messages)
        session = self.session
        if session is None:
            return
        number = session.number
        session.write(
            b"".join(
                [
                    ACKNOWLEDGEMENTS[message.packet.packet_id or 0]
                    for message in messages
                    if message.connection == number
                ]
            )
        )
        if not self.backlog.is_full:
            session.resume()

    def publish(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Send (topic, payload) pairs at most once; who misses one asks again by sending again."""
        if self.session is not None:
            self.session.write(b"".join([mqtt5.PublishPacket(topic, payload).write() for topic, payload in messages]))

    async def close(self) -> None:
        """Leave in order: the session stays at the broker, and with it what was not acknowledged."""
        session = self.session
        if session is None or session.transport is None:
            return
        session.write(mqtt5.DisconnectPacket(session_expiry_interval=self.config.session_expiry_s).write())
        session.transport.close()
        await asyncio.wait((session.lost,), timeout=ANSWER_TIMEOUT_S)


async def _first(answer: asyncio.Future[Answer], lost: asyncio.Future[ConnectionLost]) -> Answer:
    await asyncio.wait((answer, lost), return_when="FIRST_COMPLETED")
    if answer.done():
        return answer.result()
    raise lost.result()


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
