"""What an ingest worker counts."""

from prometheus_client import Counter, Gauge, Histogram

fixes = Counter("ingest_fixes", "Fixes by what became of them", ["outcome"])
flagged = Counter("ingest_flagged_fixes", "Fixes stored with a flag", ["flag"])
refused = Counter("ingest_refused", "Messages or fixes that could become no position, by reason", ["reason"])
idle = Counter("ingest_idle_messages", "Messages that need nothing done, by type", ["type"])
quarantined = Counter("ingest_quarantine_rows", "Refusals written down; the others were only counted")
batches = Counter("ingest_batches", "Batches by outcome", ["outcome"])
batch_messages = Histogram("ingest_batch_messages", "Messages a batch", buckets=(1, 10, 50, 100, 500, 1000, 2000, 4000))
batch_seconds = Histogram(
    "ingest_batch_seconds",
    "From taking a batch to its commit",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5),
)
lag_seconds = Histogram(
    "ingest_lag_seconds",
    "From reading a batch's oldest message off the socket to its commit",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30),
)
backlog = Gauge("ingest_backlog_messages", "Messages read and not yet in a batch")
connected = Gauge("ingest_broker_connected", "1 while subscribed; 0 for a worker that stands by")
broker_losses = Counter("ingest_broker_losses", "Times the broker was lost or refused us")
unpublished = Counter("ingest_unpublished_messages", "Live messages the bus did not take; snapshots heal them")
unkept_shift_fixes = Counter("ingest_unkept_shift_fixes", "Places of free drivers that Redis did not keep")
