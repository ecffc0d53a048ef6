"""What a person is told, one row per person and event."""
