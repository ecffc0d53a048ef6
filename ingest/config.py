"""Settings of one ingest worker."""

import msgspec

from store.broker import BrokerConfig
from store.bus import BusConfig
from store.pool import DatabaseConfig


class IngestConfig(msgspec.Struct, frozen=True):
    """Where everything is, and how much is taken at once.

    - `broker`: its username is the client id, so every worker has its own (`ingest-1` …).
    - `retention_days`: older fixes are refused: their partition is gone.
    - `most_unacknowledged`: messages the broker may have on the way to us (MQTT's receive maximum); memory is bounded
      by it and by `most_backlog_bytes`, whatever the broker does.
    - `share_group`: the workers that share the phones; empty for one that is alone. A restarted Mosquitto remembers a
      session and its plain subscriptions, but not the shared ones: what comes before a sharing worker is back is
      acknowledged and dropped. So one worker is safer; several are for who needs more than one can carry.
    - `retired`: accounts of workers that are wanted no more; what the broker kept for them is stored, then their
      sessions end.
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
    share_group: str = "ingest"
    retired: tuple[BrokerConfig, ...] = ()
