"""A simulated phone: one MQTT connection of its own, OwnTracks locations at QoS 1, a backlog after every blackout."""

from __future__ import annotations

import asyncio
import time

import aiomqtt
import msgspec
import numpy as np
import structlog

from hub.demo.plans import DrivePlan

log = structlog.get_logger()

MOVING_EVERY_S = 3
STANDING_EVERY_S = 20
# What a phone records while nobody hears it.
BACKLOG_EVERY_S = 15
# A gap beyond it is a backlog, sent in arrays like the driver app does.
BACKLOG_BEYOND_S = 60
ARRAY_LENGTH = 100
RETRY_S = 1.0
STILL_MPS = 0.5


class PhoneAccess(msgspec.Struct, frozen=True):
    """How a device reaches the broker, and where it publishes."""

    host: str
    port: int
    tls: bool
    login: str
    password: str
    topic: str


def moments(plan: DrivePlan, from_s: float, to_s: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """When a phone takes a fix in a span of the journey (seconds): densely when live, thinly for a backlog."""
    every = BACKLOG_EVERY_S if to_s - from_s > BACKLOG_BEYOND_S else MOVING_EVERY_S
    first = (int(from_s) // every + 1) * every
    taken = np.arange(first, int(to_s) + 1, every, dtype=np.float64)
    standing = plan.journey.where(taken).speed_mps < STILL_MPS
    # Standing, the phone rests: only every so many seconds does it look.
    kept = ~standing | (taken % (STANDING_EVERY_S * 3) < every)
    return taken[kept]


class Phone:
    """The phone on board of one trip."""

    def __init__(self, access: PhoneAccess, plan: DrivePlan, told_until_s: float) -> None:
        """`told_until_s`: seconds of the journey that the hub knows already."""
        self.access = access
        self.plan = plan
        self.told_until_s = told_until_s
        self.caught_up = asyncio.Event()
        if told_until_s > 0 and plan.blackout_at(self.elapsed_s()) is not None:
            # Restarted within a blackout: it goes on being silent.
            self.caught_up.set()

    def elapsed_s(self) -> float:
        """Seconds of the journey until now, at most all of it."""
        return min(time.time() - self.plan.began_at_s, self.plan.journey.duration_s)

    @property
    def is_over(self) -> bool:
        """Whether the journey has ended and all of it was told."""
        return self.told_until_s >= self.plan.journey.duration_s - MOVING_EVERY_S

    def speakable_until_s(self) -> float:
        """Up to which second of the journey the phone has had network to tell it by now."""
        elapsed_s = self.elapsed_s()
        blackout = self.plan.blackout_at(elapsed_s)
        return elapsed_s if blackout is None else blackout[0]

    async def run(self) -> None:
        """Drive until the journey is over; reconnects for ever."""
        while not self.is_over:
            try:
                await self._online()
            except aiomqtt.MqttError as error:
                log.debug("phone_offline", login=self.access.login, error=str(error))
            # Out of reach, refused because the broker does not know the device yet, or a blackout.
            await asyncio.sleep(RETRY_S)

    async def _online(self) -> None:
        access = self.access
        if self.caught_up.is_set() and self.plan.blackout_at(self.elapsed_s()) is not None:
            return
        async with aiomqtt.Client(
            access.host,
            access.port,
            username=access.login,
            password=access.password,
            identifier=access.login,
            protocol=aiomqtt.ProtocolVersion.V5,
            tls_params=aiomqtt.TLSParameters() if access.tls else None,
            timeout=10,
        ) as client:
            while not self.is_over:
                await self._tell(client)
                if self.plan.blackout_at(self.elapsed_s()) is not None:
                    # What the broker would say of a connection that breaks off.
                    await client.publish(access.topic, msgspec.json.encode({"_type": "lwt", "tst": int(time.time())}))
                    self.caught_up.set()
                    return
                if not self.caught_up.is_set():
                    self.caught_up.set()
                    # Not all trucks of a country speak in the same second.
                    await asyncio.sleep(self.plan.seed % 30 / 10)
                await asyncio.sleep(MOVING_EVERY_S)

    async def _tell(self, client: aiomqtt.Client) -> None:
        until_s = self.speakable_until_s()
        taken = moments(self.plan, self.told_until_s, until_s)
        fixes = self.plan.receiver.fixes(taken, self.plan.began_at_s)
        for start in range(0, len(fixes), ARRAY_LENGTH):
            some = fixes[start : start + ARRAY_LENGTH]
            body = msgspec.json.encode(some if len(some) > 1 else some[0])
            await client.publish(self.access.topic, body, qos=1)
            self.told_until_s = float(taken[min(start + ARRAY_LENGTH, len(taken)) - 1])
        if self.elapsed_s() >= self.plan.journey.duration_s:
            self.told_until_s = self.plan.journey.duration_s
