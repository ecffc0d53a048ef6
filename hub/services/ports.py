"""Which ports are free, and who holds the others."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterator
from pathlib import Path

from hub.errors import PortTaken

LISTEN_STATE = "0A"


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could bind `host:port` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: without it a port in TIME_WAIT after a quick restart would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # As asyncio does: `::` is every IPv6 address, and those of IPv4 are another server's to take.
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def require_free(port: int, purpose: str, setting: str, host: str = "127.0.0.1") -> None:
    """Refuse with `PortTaken`, naming the holder, unless `host:port` can be bound."""
    if not is_free(port, host):
        raise PortTaken(port, purpose, setting, holder_of(port))


def loopback_of(host: str) -> str:
    """Where to reach something on this machine that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def free_ports(count: int, first: int = 20000, last: int = 31999) -> list[int]:
    """`count` distinct free ports between `first` and `last`, below the range the system hands out to clients."""
    found: list[int] = []
    candidates = random.sample(range(first, last + 1), last + 1 - first)
    for port in candidates:
        if is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError(f"no {count} free ports between {first} and {last}")


def holder_of(port: int) -> str | None:
    """`name (pid N)` of the process listening on `port`, or None where the system does not tell us."""
    inodes = set(_listening_inodes(port))
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                target = descriptor.readlink().name
                if target.startswith("socket:[") and target[8:-1] in inodes:
                    return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
    return None


def _listening_inodes(port: int) -> Iterator[str]:
    wanted = f"{port:04X}"
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == LISTEN_STATE and columns[1].rpartition(":")[2] == wanted:
                    yield columns[9]
