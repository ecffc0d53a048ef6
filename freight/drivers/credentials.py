"""What a device proves itself with, derived from the hub's secret: never stored, shown again at will."""

import base64
import hmac
import re
import secrets

LOGIN = re.compile(r"[a-z0-9][a-z0-9_-]{1,39}")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def _derive(secret: bytes, purpose: str, login: str, version: int, size: int) -> str:
    digest = hmac.digest(secret, f"{purpose}:{login}:{version}".encode(), "sha256")
    return base64.b32encode(digest).decode().lower()[:size]


def new_login() -> str:
    """A fresh device login, such as `d7k3m9qwx`: no look-alike letters, 40 bits."""
    return "d" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def device_password(secret: bytes, login: str, version: int) -> str:
    """The MQTT and OwnTracks-HTTP password: 24 characters, 120 bits."""
    return _derive(secret, "mqtt", login, version, 24)


def tracker_id(secret: bytes, login: str, version: int) -> str:
    """Traccar Client's only credential, its device identifier: `<login>-<16 characters>`, 80 bits."""
    return f"{login}-{_derive(secret, 'tracker', login, version, 16)}"


def login_of(identifier: str) -> str:
    """The login inside a tracker id; the whole text when there is none."""
    return identifier.rpartition("-")[0] or identifier


def matches(given: str, expected: str) -> bool:
    """Compare without telling by time how much was right."""
    return hmac.compare_digest(given.encode(), expected.encode())
