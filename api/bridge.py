"""HTTP fixes into the broker: one MQTT 5 connection a process, many messages on their way at once.

Nothing is kept: a message the broker has not confirmed is the phone's to send again.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import mqtt5
import structlog

from api import metrics
from freight.errors import Overloaded
from store.broker import BrokerConfig
from store.mqtt import ConnectionLost, Session, Terms, open_session
from store.pauses import Backoff

log = structlog.get_logger()

# Messages that wait for their turn or their confirmation; beyond, phones are asked to come again.
MOST_WAITING = 5000
CONFIRMED_WITHIN_S = 8.0
TOLD_WITHIN_S = 1.0
RECONNECT_FIRST_S = 0.2
RECONNECT_MOST_S = 5.0
# Phones wait for the confirmation: a broker that hangs is found out within fifteen seconds.
TERMS = Terms(keep_alive_s=10)
GOODBYE = mqtt5.DisconnectPacket().write()
# Having lasted this long, the end of a connection is an accident; several shorter ones in a row are no accident.
STEADY_AFTER_S = 10.0
MANY_BRIEF = 4
TAKEN_OVER = "perhaps another process uses the same account: each api process needs a HUB_PROCESS_NUMBER of its own"


class TooLarge(Exception):
    """A message the broker would hang up on, with everyone else's on the same connection; `most` in bytes."""

    def __init__(self, size: int, most: int) -> None:
        super().__init__(f"{size} bytes with its topic, at most {most}")


class Bridge:
    """Publishes with QoS 1 and waits for the broker's confirmation. `run` keeps it connected."""

    def __init__(self, config: BrokerConfig) -> None:
        self.config = config
        self.waiting = 0
        self._session: Session | None = None

    @property
    def connected(self) -> bool:
        """Whether the broker can be reached now."""
        return self._session is not None

    async def publish(self, topic: str, payload: bytes) -> None:
        """Hand a message over; returns once the broker has it for whoever will store it.

        Raises Overloaded when the broker is away, refuses, does not confirm in time, has nobody to keep the message
        for, or too much is on its way. Raises TooLarge when it would take it at no time.
        """
        session = self._session
        if session is None or self.waiting >= MOST_WAITING:
            raise Overloaded("the broker is away or overloaded")
        size = len(topic.encode()) + len(payload)
        if size > session.most_bytes:
            raise TooLarge(size, session.most_bytes)
        try:
            with self._counted():
                async with asyncio.timeout(CONFIRMED_WITHIN_S):
                    said = await session.publish(topic, payload)
        except (OSError, TimeoutError) as error:
            raise Overloaded("the broker did not confirm") from error
        if said != mqtt5.PubAckReasonCode.SUCCESS:
            metrics.BRIDGE_REFUSED.labels(said.name.lower()).inc()
            raise Overloaded(f"the broker answered {said.name.lower()}")

    async def tell(self, topic: str, payload: bytes) -> None:
        """Say something to whoever listens now. Nobody has to, and nobody waits for a broker that is away."""
        session = self._session
        if session is None or self.waiting >= MOST_WAITING:
            return
        with self._counted(), suppress(OSError, TimeoutError):
            async with asyncio.timeout(TOLD_WITHIN_S):
                await session.publish(topic, payload)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """One more waits, however its waiting ends."""
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1

    async def run(self) -> None:
        """Stay connected until cancelled."""
        backoff = Backoff(RECONNECT_FIRST_S, RECONNECT_MOST_S, STEADY_AFTER_S)
        brief = 0
        while True:
            backoff.begin()
            try:
                await self._stay()
            except (OSError, TimeoutError) as error:
                log.warning("bridge_disconnected", problem=str(error) or type(error).__name__)
            else:
                brief += 1
            if backoff.was_steady:
                brief = 0
            if brief == MANY_BRIEF:
                # An older broker does not say why it hangs up.
                log.error("bridge_keeps_ending", account=self.config.username, problem=TAKEN_OVER)
            metrics.BRIDGE_DOWN.inc()
            await asyncio.sleep(backoff.pause_s())

    async def _stay(self) -> None:
        """One connection from its beginning to its end. Raises OSError or TimeoutError when none came about."""
        session = await open_session(self.config, TERMS, _hear_nothing)
        try:
            await session.enter()
            self._session = session
            metrics.BRIDGE_UP.inc()
            await session.stay()
        except ConnectionLost as lost:
            if self._session is None:
                raise
            log.warning("bridge_disconnected", problem=lost.reason)
        finally:
            self._session = None
            session.write(GOODBYE)
            session.end("stopped")


def _hear_nothing(packets: list[mqtt5.PublishPacket]) -> bool:
    """We have subscribed to nothing."""
    return True
