"""What the HTTP side counts."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "http_request_seconds",
    "From the request's head to the answer's end",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
MISTAKES = Counter("http_mistakes_total", "Requests answered with 500", ["route"])
LIMITED = Counter("http_limited_total", "Requests refused for coming too often", ["purpose"])
SIGN_INS = Counter("sign_ins_total", "Sign-ins tried and not refused unseen", ["way", "outcome"])
PHONE = Counter("phone_requests_total", "Requests of phones over HTTP", ["format", "outcome"])
BRIDGE_UP = Counter("phone_bridge_connections_total", "Connections of the phone bridge to the broker")
BRIDGE_DOWN = Counter("phone_bridge_losses_total", "Connections of the phone bridge lost or not come about")
BRIDGE_REFUSED = Counter("phone_bridge_refused_total", "Messages the broker would not keep", ["reason"])
