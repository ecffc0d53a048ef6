"""Drivers, their devices and the credentials the devices carry."""
