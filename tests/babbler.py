"""A broker that lets everyone in and then says what is no MQTT."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import mqtt5


def not_utf8() -> bytes:
    """A fix whose topic is no text."""
    return mqtt5.PublishPacket("owntracks/aa/phone", b"{}").write().replace(b"aa", b"\xff\xfe")


@asynccontextmanager
async def babbling(words: bytes) -> AsyncIterator[int]:
    """The port of such a broker."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(mqtt5.ConnAckPacket().write() + words)
        await reader.read(-1)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
