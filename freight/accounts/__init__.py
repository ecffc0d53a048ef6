"""Organisations, people, their roles and sessions."""
