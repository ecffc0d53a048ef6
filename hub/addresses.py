"""What an operator has to know of the addresses his people are told, before their phones find out."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from hub.settings import Settings


def remarks(settings: Settings) -> list[str]:
    """A sentence for everything links, QR codes and phones would stumble over; none when all is well."""
    parts = urlsplit(settings.web_url)
    host = parts.hostname or ""
    if is_loopback(host):
        if is_loopback(settings.host):
            return []
        return [
            f"Links and QR codes say {settings.web_url}, which other computers and phones take for themselves. Set "
            "PUBLIC_URL to the address people type; drivers' phones need it to begin with https://"
        ]
    found = []
    if parts.scheme == "http":
        found.append(
            f"The driver's page cannot record at {settings.web_url}: browsers give a place only to https:// pages. "
            "Put TLS in front and set PUBLIC_URL=https://…; OwnTracks and Traccar Client work as it is"
        )
    if settings.mqtt_url is None and is_loopback(settings.mqtt_host):
        found.append(
            f"OwnTracks over MQTT cannot reach the broker: it listens on {settings.mqtt_host}. "
            "Set HUB_MQTT_HOST=0.0.0.0, or use its HTTP mode"
        )
    return found


def is_loopback(host: str) -> bool:
    """Whether only this machine itself is reached by that name or address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
