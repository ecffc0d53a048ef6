"""Opaque tokens: made at random, given once, stored only as their SHA-256."""

import base64
import hashlib
import re
import secrets

# The name under which a browser keeps the session's token.
SESSION_COOKIE = "reis_session"
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """256 random bits as 43 characters."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def is_token(text: str) -> bool:
    """Whether `text` has the form of a token; anything else need not be looked up."""
    return TOKEN.fullmatch(text) is not None


def csrf_of(token: str) -> str:
    """What a page must send in `X-CSRF` with every change: derived from the cookie no foreign page can read."""
    digest = hashlib.sha256(b"csrf:" + token.encode()).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()
