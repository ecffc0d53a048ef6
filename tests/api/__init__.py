"""The HTTP side, asked over its real services."""
