"""The browser programs as the web build made them, and how long a browser may keep each file."""

import asyncio
import mimetypes
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from api import problems
from api.context import Services
from api.security import page_headers

FOREVER = "public, max-age=31536000, immutable"
HOURLY = "public, max-age=3600"
ASK_AGAIN = "no-cache"
NEVER = "no-store"

# No file of the build has a longer one, and the file system raises for names it cannot hold.
LONGEST_NAME = 200

CABINET, SHARE, DRIVER = "index.html", "s/index.html", "d/index.html"

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("application/vnd.pmtiles", ".pmtiles")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")


class Pages:
    """Serves files of one folder; every address without a dot that is no file is one of the three programs."""

    def __init__(self, services: Services) -> None:
        self.folder = services.web_directory.resolve()
        styled = page_headers(services.config, services.map, styled=True)
        strict = page_headers(services.config, services.map)
        hidden = {"X-Robots-Tag": "noindex, nofollow"}
        self.page_headers = {
            CABINET: {**styled, "Cache-Control": ASK_AGAIN},
            SHARE: {**strict, **hidden, "Cache-Control": NEVER},
            DRIVER: {**styled, **hidden, "Cache-Control": ASK_AGAIN},
        }

    async def __call__(self, request: Request) -> Response:
        path = request.url.path.lstrip("/")
        name = path if "." in path.rpartition("/")[2] else program(path)
        zipped = "gzip" in request.headers.get("accept-encoding", "") and "range" not in request.headers
        file, encoded = await asyncio.to_thread(self._find, name, zipped)
        if file is None:
            return problems.respond(problems.not_found())
        headers = dict(self.page_headers.get(name) or {"Cache-Control": _kept(name)})
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if encoded:
            headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
        return FileResponse(file, headers=headers, media_type=media_type)

    def _find(self, name: str, zipped: bool) -> tuple[Path | None, bool]:
        """The file of a name, zipped where the build made it and the browser takes it. Nothing outside the folder."""
        if "\0" in name or name.endswith(".gz") or len(name.encode()) > LONGEST_NAME:
            return None, False
        file = (self.folder / name).resolve()
        if not file.is_relative_to(self.folder):
            return None, False
        other = file.with_name(f"{file.name}.gz")
        if zipped and other.is_file():
            return other, True
        return (file if file.is_file() else None), False


def program(path: str) -> str:
    """Which of the three programs an address without a file belongs to."""
    first = path.partition("/")[0]
    return {"s": SHARE, "d": DRIVER}.get(first, CABINET)


def _kept(name: str) -> str:
    if name.startswith("assets/"):
        return FOREVER
    # A service worker kept by a cache would keep an old program alive.
    return ASK_AGAIN if name.endswith((".html", "sw.js", ".webmanifest")) else HOURLY
