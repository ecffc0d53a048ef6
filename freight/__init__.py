"""The business: accounts, drivers, orders, trips, shares, events, notifications."""
