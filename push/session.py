"""One socket: who it is, what it may say, when it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from starlette.websockets import WebSocket

from freight.networks import network
from push import metrics
from push.errors import BadMessage, NotNow, Refusal, TooMany
from push.limits import PushLimits
from push.messages import ClientMessage, Join, Open, Refused, Resync
from push.pace import Pace
from push.protocol import EXTENSION, LiveProtocol, text_frame

if TYPE_CHECKING:
    from push.rooms.room import Room

from store.away import DATABASE_ERRORS, is_away

log = structlog.get_logger()

_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_encoder = msgspec.json.Encoder()


class Gone(Exception):
    """The client ended the socket, or the hub did and the client answered."""


def parse(message: dict[str, Any]) -> Join | Open | Resync:
    """A client message from an ASGI `websocket.receive`. Raises BadMessage, or Gone for a disconnect."""
    if message["type"] == "websocket.disconnect":
        raise Gone
    text = message.get("text")
    if text is None:
        raise BadMessage("Frames are text")
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError as error:
        raise BadMessage(str(error)) from None
    except RecursionError:
        raise BadMessage("Nested too deep") from None


class Session:
    """One open socket. `user_id` and `token_hash` are a signed-in person's, `share_id` an opened link's."""

    def __init__(self, websocket: WebSocket, limits: PushLimits) -> None:
        self.websocket = websocket
        self.limits = limits
        self.pipe: LiveProtocol = websocket.scope["extensions"][EXTENSION]["pipe"]
        self.address = websocket.client.host if websocket.client else ""
        self.network = network(self.address)
        self.user_id: int | None = None
        self.token_hash: bytes | None = None
        self.share_id: int | None = None
        self.unread_count = 0
        self.room: Room | None = None
        self.entering: asyncio.Task[None] | None = None
        self.resyncs = Pace(limits.resync_every_s)
        self.resyncing: asyncio.Task[None] | None = None
        # All but the first of a burst come early.
        every_s = 1 / limits.incoming_per_s
        self.incoming = Pace(every_s, every_s * limits.incoming_burst)

    async def receive(self) -> Join | Open | Resync:
        """The next message of the client. Raises BadMessage, TooMany, Gone."""
        message = parse(dict(await self.websocket.receive()))
        if not self.incoming.allow(time.monotonic()):
            raise TooMany
        return message

    async def listen(self) -> None:
        """Answer the client until it goes. Raises what `receive` raises."""
        while True:
            message = await self.receive()
            if not isinstance(message, Resync):
                raise BadMessage("Already in the room")
            self.resync()

    def enter(self, entering: Coroutine[None, None, None]) -> None:
        """Walk into the room while listening: a client that leaves at the door is noticed."""
        self.entering = asyncio.create_task(entering)
        self.entering.add_done_callback(self._entered)

    def _entered(self, entering: asyncio.Task[None]) -> None:
        if entering.cancelled() or (error := entering.exception()) is None:
            return
        if is_away(error):
            log.warning("room_not_entered", error=repr(error))
        else:
            log.error("room_not_entered", exc_info=error)
        self.refuse(NotNow())

    def resync(self) -> None:
        """Send a snapshot again: now, or as soon as the last one is old enough."""
        if self.room is not None and (self.resyncing is None or self.resyncing.done()):
            self.resyncing = asyncio.create_task(self._welcome_again(self.room))

    async def _welcome_again(self, room: Room) -> None:
        await asyncio.sleep(self.resyncs.wait_s(time.monotonic()))
        self.resyncs.spend(time.monotonic())
        try:
            await room.prepare(self)
        except DATABASE_ERRORS as error:
            # With the database away the room's own picture is still better than none.
            if not is_away(error):
                raise
        room.welcome(self)

    def say(self, message: bytes) -> None:
        """Send one JSON message to this client alone."""
        frame = text_frame(message)
        self.pipe.offer(frame)
        metrics.FRAMES.inc()
        metrics.BYTES.inc(len(frame))

    def refuse(self, refusal: Refusal) -> None:
        """Say why and end the socket, without waiting for the client."""
        last_words = text_frame(_encoder.encode(Refused(refusal.code, refusal.reason)))
        self.pipe.fail(refusal.code, refusal.reason, last_words)

    def too_slow(self, now_s: float) -> bool:
        """Whether the client falls behind for good. Call it regularly."""
        stuck_s = self.pipe.stuck_s(now_s)
        behind_s = self.pipe.behind_s(now_s)
        limits = self.limits
        return stuck_s > limits.stuck_s or behind_s > limits.behind_s or self.pipe.waiting_bytes > limits.outgoing_bytes

    def forget(self) -> None:
        """The socket is over."""
        self.room = None
        for task in (self.entering, self.resyncing):
            if task is not None:
                task.cancel()
