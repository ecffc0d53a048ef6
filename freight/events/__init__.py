"""Facts as rows: what happened to an order and when."""
