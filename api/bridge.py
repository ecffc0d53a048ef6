"""HTTP fixes into the broker: one connection a process, many messages on their way at once."""

import asyncio
import random

import aiomqtt
import structlog

from api import metrics
from freight.errors import Overloaded
from store.broker import BrokerConfig

log = structlog.get_logger()

# Messages sent and not confirmed yet; beyond, phones are asked to come again.
MOST_UNCONFIRMED = 2000
CONFIRMED_WITHIN_S = 8.0
RECONNECT_FIRST_S = 0.2
RECONNECT_MOST_S = 5.0
KEEPALIVE_S = 30


class Bridge:
    """Publishes with QoS 1 and waits for the broker's confirmation. `run` keeps it connected."""

    def __init__(self, config: BrokerConfig) -> None:
        self.config = config
        self._client: aiomqtt.Client | None = None
        self._unconfirmed = 0

    @property
    def connected(self) -> bool:
        """Whether the broker can be reached now."""
        return self._client is not None

    async def publish(self, topic: str, payload: bytes) -> None:
        """Hand a message over; returns once the broker has it.

        Raises Overloaded when the broker is away, does not confirm in time, or too much is on its way.
        """
        client = self._client
        if client is None or self._unconfirmed >= MOST_UNCONFIRMED:
            raise Overloaded("the broker is away or overloaded")
        self._unconfirmed += 1
        try:
            await client.publish(topic, payload, qos=1, timeout=CONFIRMED_WITHIN_S)
        except (aiomqtt.MqttError, TimeoutError) as error:
            raise Overloaded("the broker did not confirm") from error
        finally:
            self._unconfirmed -= 1

    async def run(self) -> None:
        """Stay connected until cancelled."""
        pause_s = RECONNECT_FIRST_S
        while True:
            try:
                async with self._make_client() as client:
                    self._client = client
                    metrics.BRIDGE_UP.inc()
                    pause_s = RECONNECT_FIRST_S
                    # Nothing is subscribed: this ends when the connection does.
                    async for _ in client.messages:
                        continue
            except aiomqtt.MqttError as error:
                log.warning("bridge_disconnected", error=str(error))
            finally:
                self._client = None
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(RECONNECT_MOST_S, pause_s * 2)

    def _make_client(self) -> aiomqtt.Client:
        return aiomqtt.Client(
            hostname=self.config.host,
            port=self.config.port,
            username=self.config.username,
            password=self.config.password,
            identifier=self.config.username,
            protocol=aiomqtt.ProtocolVersion.V5,
            keepalive=KEEPALIVE_S,
            timeout=CONFIRMED_WITHIN_S,
            max_inflight_messages=MOST_UNCONFIRMED,
            max_queued_outgoing_messages=MOST_UNCONFIRMED,
            tls_params=aiomqtt.TLSParameters() if self.config.tls else None,
        )
