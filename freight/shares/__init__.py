"""Public links to one trip."""
