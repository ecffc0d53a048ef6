"""Road routes between stops."""
