"""Settings of an ingest worker."""

import msgspec

from store.broker import BrokerConfig
from store.bus import BusConfig
from store.pool import DatabaseConfig


class IngestConfig(msgspec.Struct, frozen=True):
    """Where everything is, and how much is taken at once.

    - `broker`: its username is the client id. All workers use the same: the broker knows one reader and one session.
    - `retention_days`: older fixes are refused: their partition is gone.
    - `most_unacknowledged`: messages the broker may have on the way to us (MQTT's receive maximum); memory is bounded
      by it and by `most_backlog_bytes`, whatever the broker does.
    - `silence_s`: a worker that says nothing for so long, frozen or cut off, loses its turn to the next.
    - `batch_messages`, `batch_bytes`: a transaction takes at most this; `linger_s`: and waits at most this for more.
    """

    broker: BrokerConfig
    database: DatabaseConfig
    bus: BusConfig
    retention_days: int = 30
    most_unacknowledged: int = 12_000
    most_backlog_bytes: int = 32 * 1024 * 1024
    batch_messages: int = 4_000
    batch_bytes: int = 2 * 1024 * 1024
    linger_s: float = 0.01
    keep_alive_s: int = 30
    session_expiry_s: int = 7 * 24 * 3600
    silence_s: float = 5.0
