"""A phone: an MQTT client that publishes at QoS 1 and counts what the broker acknowledged."""

import json
from types import TracebackType
from typing import Any, Self

import aiomqtt

from store.broker import BrokerConfig


class Phone:
    """Use as an async context manager; `login` is the user name."""

    def __init__(self, broker: BrokerConfig, device: str = "phone") -> None:
        self.login = broker.username
        self.topic = f"owntracks/{broker.username}/{device}"
        self.client = aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            identifier=broker.username,
            protocol=aiomqtt.ProtocolVersion.V5,
            max_queued_outgoing_messages=0,
        )

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.__aexit__(kind, error, trace)

    async def send(self, content: Any, subtopic: str = "", retain: bool = False) -> None:
        """Publish and wait for the broker's acknowledgement; `content` is JSON unless it is bytes already."""
        payload = content if isinstance(content, bytes) else json.dumps(content).encode()
        await self.client.publish(self.topic + subtopic, payload, qos=1, retain=retain)
