"""Our own WebSocket protocol under uvicorn, writing one ready-made frame to every socket as fast as they take it.

The counterpart of bench.writer: what push adds is the protocol, its bound and its accounts; the room's pace is
left out, or there would be nothing to compare.
"""

import argparse
import asyncio
from pathlib import Path

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.counters import Counters
from push.protocol import EXTENSION, LiveProtocol, text_frame


class Writer:
    """All sockets and the frame."""

    def __init__(self, size: int, sockets: int) -> None:
        self.frame = text_frame(b"x" * size)
        self.sockets = sockets
        self.pipes: set[LiveProtocol] = set()

    async def endpoint(self, websocket: WebSocket) -> None:
        """Hold a socket until it goes."""
        await websocket.accept()
        pipe = websocket.scope["extensions"][EXTENSION]["pipe"]
        self.pipes.add(pipe)
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            self.pipes.discard(pipe)

    async def write(self) -> None:
        """One frame to every socket that takes one, for ever."""
        while True:
            for pipe in list(self.pipes) if len(self.pipes) >= self.sockets else ():
                if pipe.writable.is_set():
                    pipe.offer(self.frame)
            await asyncio.sleep(0)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--bytes", type=int, required=True)
    parser.add_argument("--sockets", type=int, required=True, help="begin when so many are open")
    parser.add_argument("--counters", type=Path, required=True)
    arguments = parser.parse_args()
    writer = Writer(arguments.bytes, arguments.sockets)
    app = Starlette(routes=[WebSocketRoute("/ws", writer.endpoint)])
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=arguments.port,
        ws=LiveProtocol,
        ws_per_message_deflate=False,
        log_level="warning",
        lifespan="off",
    )
    writing = asyncio.create_task(writer.write())
    Counters(arguments.counters)["ready"] = 1
    await uvicorn.Server(config).serve()
    writing.cancel()


if __name__ == "__main__":
    uvloop.run(main())
