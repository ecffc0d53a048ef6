"""What push counts."""

from prometheus_client import Counter, Gauge, Histogram

SOCKETS = Gauge("push_sockets", "Open sockets that are in a room", ["room"])
ROOMS = Gauge("push_rooms", "Rooms with listeners", ["room"])
FRAMES = Counter("push_frames", "Frames written to sockets")
BYTES = Counter("push_bytes", "Bytes of frames written to sockets, without headers")
CLOSES = Counter("push_closes", "Sockets the hub ended, by close code", ["code"])
BUS_CONNECTED = Gauge("push_bus_connected", "1 while the bus is listened to")
BUS_LOSSES = Counter("push_bus_losses", "Times the bus was lost and found again")
GAPS = Counter("push_bus_gaps", "Messages of the bus that were lost on their way, by their sender's word")
BAD_BUS_MESSAGES = Counter("push_bad_bus_messages", "Messages of the bus that could not be read")
READ_FAILURES = Counter("push_read_failures", "Times rows could not be read and were tried again")
LAG = Histogram(
    "push_position_lag_seconds",
    "From a fix's arrival at ingest to its frame",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.5, 5.0, 10.0),
)
