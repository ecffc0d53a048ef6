"""Table metadata. Migrations are checked against it; queries elsewhere are plain SQL."""

from store.tables import accounts, events, orders, places, positions, requests, shares, trips
from store.tables.metadata import metadata

__all__ = ["accounts", "events", "metadata", "orders", "places", "positions", "requests", "shares", "trips"]
