"""Ports for tests. Runs and workers beside each other never get the same one.

A hundred at a time belong to one process. The claim is a name only the kernel keeps: nothing is left of it when its
holder is killed.
"""

import itertools
import random
import socket
import weakref
from collections.abc import Iterator
from functools import cache

from hub.services.ports import is_free

# Below the range the system hands out to clients.
FIRST = 20_000
LAST = 31_999
HUNDRED = 100


def _claim(first: int) -> socket.socket | None:
    """The claim to the hundred ports from `first` on, None where another process has it."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0reis-test-ports-{first}")
    except OSError:
        claim.close()
        return None
    return claim


class PortRow:
    """A hundred ports in a row from `first` on, all of them free; this process's alone while this object is held."""

    def __init__(self) -> None:
        hundreds = range(FIRST, LAST + 1, HUNDRED)
        for first in random.sample(hundreds, len(hundreds)):
            claim = _claim(first)
            if claim is None:
                continue
            if all(is_free(port) for port in range(first, first + HUNDRED)):
                self.first = first
                weakref.finalize(self, claim.close)
                return
            claim.close()
        raise RuntimeError(f"no {HUNDRED} free ports in a row between {FIRST} and {LAST}")


@cache
def _own_row() -> tuple[PortRow, Iterator[int]]:
    """This process's ports for single servers, over and over: the one just handed out comes last again."""
    row = PortRow()
    return row, itertools.cycle(range(row.first, row.first + HUNDRED))


def free_ports(count: int) -> list[int]:
    """`count` distinct free ports."""
    _, ports = _own_row()
    found = list(itertools.islice(filter(is_free, itertools.islice(ports, HUNDRED)), count))
    if len(found) < count:
        raise RuntimeError(f"no {count} free ports among this process's {HUNDRED}")
    return found
