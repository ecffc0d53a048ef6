"""What every answer carries, and from where a change may come."""

import hmac
from urllib.parse import urlsplit

from starlette.requests import Request

from api.problems import RequestRefused
from freight.accounts.tokens import csrf_of
from freight.basemap import MapSettings
from freight.config import FreightConfig

CSRF_HEADER = "x-csrf"


def page_headers(config: FreightConfig, map: MapSettings, *, styled: bool = False) -> dict[str, str]:
    """Headers of every answer: nothing inline, nothing foreign except the basemap an operator chose.

    `styled` pages may add style elements, which their component library makes at run time; scripts stay strict.
    """
    sources = " ".join(sorted({_origin(url) for url in (map.style_url, map.pmtiles_url, map.public_style_url) if url}))
    policy = {
        "default-src": "'none'",
        "script-src": "'self' 'wasm-unsafe-eval'",
        "style-src": "'self' 'unsafe-inline'" if styled else "'self'",
        "img-src": f"'self' data: blob: {sources}",
        "font-src": "'self'",
        # An operator's style may name tiles of any host; browsers send no cookie there.
        "connect-src": f"'self' {_socket_origin(config.public_url)} {'https:' if sources else ''}",
        "worker-src": "'self' blob:",
        "child-src": "blob:",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {' '.join(value.split())}" for name, value in policy.items()),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": "geolocation=(self), screen-wake-lock=(self), camera=(), microphone=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if urlsplit(config.public_url).scheme == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def check_origin(request: Request, public_url: str) -> None:
    """Raises RequestRefused when a foreign page sent this change. Programs send no Origin."""
    origin = request.headers.get("origin")
    if origin is None:
        return
    if not _is_own(origin, request.headers.get("host"), public_url):
        raise RequestRefused(403, "foreign_origin", "this change came from a foreign page")


def _is_own(origin: str, host: str | None, public_url: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        # No page has such an address.
        return False
    own = urlsplit(public_url)
    return (parts.scheme, parts.netloc) == (own.scheme, own.netloc) or parts.netloc == host


def check_csrf(request: Request, token: str) -> None:
    """Raises RequestRefused when the page did not send back what its session told it."""
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode(), csrf_of(token).encode()):
        raise RequestRefused(403, "csrf", "reload the page and try again")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else "'self'"


def _socket_origin(public_url: str) -> str:
    parts = urlsplit(public_url)
    return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"
