"""Open pages as a running hub sees them: WebSockets through the one web port that follow the rules of the wire.

Like the product's own socket a page comes back after every loss, asks for a snapshot when a sequence is missing, and
keeps of each truck the position with the highest sequence.
"""

import asyncio
import contextlib
import json
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from freight.accounts.tokens import SESSION_COOKIE

FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
# Codes after which a page does not come back by itself.
FINAL_CODES = (4001, 4004, 4010)


class Page:
    """One open page; use as an async context manager. `seen` is every frame as text, in order."""

    def __init__(self, url: str, *, cookie: str = "", share_token: str = "") -> None:
        self.url = url.replace("http", "ws", 1) + ("/ws/share" if share_token else "/ws")
        self.headers = {"Cookie": f"{SESSION_COOKIE}={cookie}"} if cookie else {}
        self.first = {"type": "open", "token": share_token} if share_token else {"type": "join"}
        self.seen: list[str] = []
        self.trips: dict[int, dict[str, Any]] = {}
        self.positions: dict[int, dict[str, Any]] = {}
        self.events: dict[int, dict[str, Any]] = {}
        self.events_since_snapshot: dict[int, dict[str, Any]] = {}
        self.shared: dict[str, Any] = {}
        self.unread_count = 0
        self.repeated_events: list[tuple[int, int]] = []
        self.connections = self.gaps = 0
        self.closed_with: int | None = None
        self._epoch, self._sequence, self._in_step = "", 0, False
        self._told: set[tuple[int, int, bool]] = set()
        self._living: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Connect, and come back after every loss until `close`."""
        self._living = asyncio.create_task(self._live())

    async def close(self) -> None:
        """Close the page for good."""
        if self._living is not None:
            self._living.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._living

    async def __aenter__(self) -> Self:
        self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def is_in_step(self) -> bool:
        """Whether it is connected, and nothing is missing since the last snapshot."""
        return self._in_step

    async def _live(self) -> None:
        pause_s = FIRST_PAUSE_S
        while self.closed_with not in FINAL_CODES:
            heard = len(self.seen)
            with contextlib.suppress(OSError, TimeoutError, WebSocketException):
                await self._listen()
            self._in_step = False
            pause_s = FIRST_PAUSE_S if len(self.seen) > heard else min(pause_s * 2, LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s)

    async def _listen(self) -> None:
        async with connect(self.url, additional_headers=self.headers, compression=None, max_size=None) as socket:
            self.connections += 1
            try:
                await socket.send(json.dumps(self.first))
                async for text in socket:
                    await self._hear(socket, str(text))
            finally:
                self.closed_with = socket.close_code

    async def _hear(self, socket: ClientConnection, text: str) -> None:
        self.seen.append(text)
        frame = json.loads(text)
        if frame["type"] in ("snapshot", "share_snapshot"):
            self._epoch, self._sequence, self._in_step = frame["epoch"], frame["sequence"], True
            self._told.clear()
            self.events_since_snapshot.clear()
        elif "sequence" in frame and self._in_step:
            expected, self._sequence = self._sequence + 1, frame["sequence"]
            if (frame["epoch"], frame["sequence"]) != (self._epoch, expected):
                self.gaps += 1
                self._in_step = False
                await socket.send(json.dumps({"type": "resync"}))
        self._apply(frame)

    def _apply(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "snapshot":
                self.trips = {trip["id"]: trip for trip in frame["trips"]}
                self.positions = {trip["id"]: trip["position"] for trip in frame["trips"] if trip["position"]}
                self.unread_count = frame["unread_count"]
            case "positions":
                for position in frame["positions"]:
                    self._move(position)
            case "trip":
                self.trips[frame["trip"]["id"]] = frame["trip"]
                self._move(frame["trip"]["position"])
            case "share_snapshot" | "share_trip":
                self.shared = frame["trip"]
                self._move(frame["trip"]["position"])
            case "event":
                self._tell(frame["event"])
            case "unread":
                self.unread_count = frame["unread_count"]

    def _move(self, position: dict[str, Any] | None) -> None:
        known = self.positions.get(position["trip_id"]) if position else None
        if position and (known is None or position["sequence"] > known["sequence"]):
            self.positions[position["trip_id"]] = position

    def _tell(self, event: dict[str, Any]) -> None:
        told = (event["id"], event["revision"], event["withdrawn"])
        if told in self._told:
            self.repeated_events.append((event["id"], event["revision"]))
        self._told.add(told)
        self.events[event["id"]] = self.events_since_snapshot[event["id"]] = event

    def kinds(self, trip_id: int) -> list[str]:
        """What it was told of a trip, in the order of the facts."""
        events = [event for event in self.events.values() if event["trip_id"] == trip_id and not event["withdrawn"]]
        return [event["kind"] for event in sorted(events, key=lambda event: event["at"])]
