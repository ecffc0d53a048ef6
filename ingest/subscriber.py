"""What ingest reads from the broker: subscribed for good, acknowledging only what was committed.

When to connect, when to come back, and the order of acknowledgements are decided here; the connection is that of
`store.mqtt`. The session outlives it: what was not acknowledged comes again.
"""

import asyncio
import time
from collections.abc import Sequence

import mqtt5
import structlog

from ingest import metrics
from ingest.backlog import Backlog
from ingest.config import IngestConfig
from ingest.message import Message
from store.broker import DEVICE_SUBTOPICS
from store.mqtt import Session, Terms, open_session
from store.pauses import Backoff, happens_within

log = structlog.get_logger()

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 2.0
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


class Subscriber:
    """Keeps a session going until stopped: connects when it is its turn, comes back after every loss, acknowledges."""

    def __init__(self, config: IngestConfig, backlog: Backlog, turn: asyncio.Event) -> None:
        self.config = config
        self.backlog = backlog
        self.turn = turn
        self.session: Session | None = None
        # Of the connection that stands: packet ids mean nothing to any other.
        self.number = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Stay subscribed until `stop` is set. Losing the broker is not an error here: it is waited for."""
        backoff = Backoff(FIRST_PAUSE_S, LONGEST_PAUSE_S, steady_s=LONGEST_PAUSE_S)
        while await self._is_our_turn(stop):
            backoff.begin()
            try:
                await self._stay(stop)
            except (OSError, TimeoutError) as error:
                metrics.broker_losses.inc()
                pause_s = backoff.pause_s()
                log.warning("broker_lost", error=str(error) or type(error).__name__, again_in_s=round(pause_s, 1))
                await happens_within(stop, pause_s)

    async def _is_our_turn(self, stop: asyncio.Event) -> bool:
        """Wait for it; false when told to stop. Only a loss asks: whoever reads may go on until the broker, which lets
        one in at a time, prefers another."""
        waiting = [asyncio.create_task(event.wait()) for event in (self.turn, stop)]
        await asyncio.wait(waiting, return_when="FIRST_COMPLETED")
        for task in waiting:
            task.cancel()
        return not stop.is_set()

    async def _stay(self, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        try:
            session = await self.connect()
            metrics.connected.set(1)
            await session.stay(stopping)
        except (OSError, TimeoutError):
            self._give_up()
            raise
        finally:
            stopping.cancel()
            metrics.connected.set(0)

    def _give_up(self) -> None:
        """What the connection brought and nobody stored yet will come again."""
        session, self.session = self.session, None
        if session is not None:
            session.end("given up")
            self.backlog.forget(self.number)

    async def connect(self) -> Session:
        """One connection, subscribed. Raises BrokerRefused, ConnectionLost, OSError or TimeoutError."""
        self.number += 1
        config = self.config
        terms = Terms(
            clean_start=False,
            expiry_s=config.session_expiry_s,
            most_unacknowledged=config.most_unacknowledged,
            keep_alive_s=config.keep_alive_s,
        )
        # From here on: what the broker kept comes before anything else, and is acknowledged at once.
        self.session = session = await open_session(config.broker, terms, self._hear)
        accepted = await session.enter()
        await session.subscribe(SUBSCRIPTION)
        log.info("broker_joined", session_present=accepted.session_present)
        return session

    def _hear(self, packets: list[mqtt5.PublishPacket]) -> bool:
        received_at_us, number = time.time_ns() // 1000, self.number
        self.backlog.add([Message(packet, received_at_us, number) for packet in packets])
        return not self.backlog.is_full

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Tell the broker that these are committed. Messages of an earlier connection are left out: the broker sends
        them again under ids of its own, and they will be found stored."""
        self.backlog.release(messages)
        session = self.session
        if session is None:
            return
        number = self.number
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
        if self.session is not None:
            await self.session.leave()
