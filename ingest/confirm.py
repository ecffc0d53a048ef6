"""Confirmations for our own app: it keeps a fix until it hears that the hub has committed it."""

from collections.abc import Mapping, Sequence

import msgspec

from ingest.decode import Readings
from ingest.devices import Device


class Confirmation(msgspec.Struct, frozen=True, tag_field="_type", tag="stored"):
    """What our app hears on `owntracks/<login>/<device>/stored`.

    `seq` is the newest number dealt with, stored or refused for good; `seqs` the ranges [first, last] of all that
    were in this batch. Only the ranges are sure: an earlier number may still wait behind a lost connection.
    """

    seq: int
    seqs: list[tuple[int, int]]


def confirmations_of(readings: Readings, devices: Mapping[str, Device]) -> list[tuple[str, bytes]]:
    """(topic, payload) of each confirmation a committed batch owes."""
    return [
        (
            f"owntracks/{source.login}/{source.device}/stored",
            msgspec.json.encode(Confirmation(numbers[-1], ranges(numbers))),
        )
        for source, numbers in readings.numbered
        if source.login in devices
    ]


def ranges(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Sorted numbers as ranges, both ends included: [1, 2, 3, 7] is [(1, 3), (7, 7)]."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and number <= found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
