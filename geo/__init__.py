"""Space and time without I/O."""
