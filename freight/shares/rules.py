"""Tokens of public links, how long they hold, and what is kept of a visitor; decided without I/O."""

import base64
import datetime as dt
import hmac
import ipaddress

from freight.errors import Invalid

LONGEST = dt.timedelta(days=366)
MOST_PER_TRIP = 50
# A visitor who reloads within this time is one visit.
VISIT = dt.timedelta(minutes=30)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Looked for in this order: Edge calls itself Chrome too, Chrome calls itself Safari.
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
_BROWSERS = (
    ("YaBrowser", "Yandex"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def share_token(secret: bytes, share_id: int, nonce: bytes) -> str:
    """The 43 characters of a link: derived, so that it can be shown again and need not be stored."""
    digest = hmac.digest(secret, b"share:%d:" % share_id + nonce, "sha256")
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def check_expiry(expires_at: dt.datetime | None, now: dt.datetime) -> None:
    """Raises Invalid for an end in the past or more than a year ahead."""
    if expires_at is None:
        return
    if expires_at <= now:
        raise Invalid("expires_at", "in_the_past", "the end must lie ahead")
    if expires_at > now + LONGEST:
        raise Invalid("expires_at", "too_far", "at most a year ahead", {"days": LONGEST.days})


def network_of(address: Address | None) -> Address | None:
    """The address cut to its network (/24, /48): enough to tell visitors apart, not to find one."""
    if address is None:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    prefix = 24 if address.version == 4 else 48
    return ipaddress.ip_network((address, prefix), strict=False).network_address


def device_of(user_agent: str) -> str:
    """System and browser in two words, such as `Android, Chrome`; empty when neither is known."""
    found = (next((name for mark, name in known if mark in user_agent), None) for known in (_SYSTEMS, _BROWSERS))
    return ", ".join(filter(None, found))
