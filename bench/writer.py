"""The bare limit of fanning out: write one ready-made frame to every socket, again and again, and nothing else.

`python -m bench.writer --port P --bytes N --sockets N --counters FILE`: accepts any WebSocket handshake.
"""

import argparse
import asyncio
import base64
import hashlib
from pathlib import Path
from typing import cast

import uvloop

from bench.counters import Counters

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Peer(asyncio.Protocol):
    """One accepted socket; `full` while the kernel takes no more."""

    def __init__(self, peers: list["Peer"]) -> None:
        self.peers = peers
        self.full = False
        self.head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self in self.peers:
            return
        self.head += data
        if b"\r\n\r\n" not in self.head:
            return
        key = next(line for line in self.head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1(key.split(b":")[1].strip() + GUID, usedforsecurity=False).digest())
        self.transport.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self.peers.append(self)

    def pause_writing(self) -> None:
        self.full = True

    def resume_writing(self) -> None:
        self.full = False


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--bytes", type=int, required=True)
    parser.add_argument("--sockets", type=int, required=True, help="begin when so many are open")
    parser.add_argument("--counters", type=Path, required=True)
    arguments = parser.parse_args()
    counters = Counters(arguments.counters)
    peers: list[Peer] = []
    server = await asyncio.get_running_loop().create_server(lambda: Peer(peers), "127.0.0.1", arguments.port)
    frame = b"\x81\x7e" + arguments.bytes.to_bytes(2) + b"x" * arguments.bytes
    sent = 0
    counters["ready"] = 1
    while not counters["stop"]:
        for peer in peers if len(peers) >= arguments.sockets else ():
            if not peer.full:
                peer.transport.write(frame)
                sent += 1
        counters["sent"] = sent
        await asyncio.sleep(0)
    server.close()


if __name__ == "__main__":
    uvloop.run(main())
