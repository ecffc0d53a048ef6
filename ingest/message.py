"""A message as it came from the broker, and whose it is."""

from typing import NamedTuple

from mqtt5 import PublishPacket


class Message(NamedTuple):
    """A packet of the subscription and when we read it, microseconds since 1970 UTC.

    `connection` numbers the connection it came on: packet ids mean nothing to any other.
    """

    packet: PublishPacket
    received_at_us: int
    connection: int


class Source(NamedTuple):
    """Who speaks, by the topic: `owntracks/<login>/<device>` and what stands below it ("" for fixes)."""

    login: str
    device: str
    subtopic: str


# Topics are few and repeat; the map is emptied when someone invents new ones without end.
MOST_KEPT = 50_000
_sources: dict[str, Source | None] = {}


def source_of(topic: str) -> Source | None:
    """The source a topic names; None for one that is not of the form."""
    try:
        return _sources[topic]
    except KeyError:
        pass
    if len(_sources) >= MOST_KEPT:
        _sources.clear()
    parts = topic.split("/")
    is_ours = len(parts) >= 3 and parts[0] == "owntracks" and parts[1] != "" and parts[2] != ""
    source = Source(parts[1], parts[2], "/".join(parts[3:])) if is_ours else None
    _sources[topic] = source
    return source
