"""The driver's own page: what he carries, who watches, his devices."""
