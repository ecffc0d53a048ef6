"""HTTP: parse, ask freight, answer."""
