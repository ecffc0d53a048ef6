"""Data files that ship with the hub, and the programs that make them."""
