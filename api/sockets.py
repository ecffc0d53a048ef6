"""How a socket is described beside the HTTP interface, for which OpenAPI has no words of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Socket:
    """One address: who may open it, what is said first, every frame of each direction, why the hub closes it."""

    path: str
    summary: str
    entry: str
    first: Any
    client: tuple[Any, ...]
    server: tuple[Any, ...]
    closes: Mapping[int, str]

    @property
    def frames(self) -> tuple[Any, ...]:
        """Every type of both directions."""
        return (*self.client, *self.server)


def described(socket: Socket, schemas: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    """What the document says of a socket under `x-sockets`; `schemas` are references by type."""
    return {
        "summary": socket.summary,
        "description": socket.entry,
        "firstFrame": schemas[socket.first],
        "clientFrames": [schemas[frame] for frame in socket.client],
        "serverFrames": [schemas[frame] for frame in socket.server],
        "closeCodes": {str(code): meaning for code, meaning in socket.closes.items()},
    }
