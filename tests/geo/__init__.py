"""Tests of space and time without I/O."""
