"""Trips: an order being carried by one driver, its visits, stages and live picture."""
