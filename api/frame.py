"""What surrounds every request: its id, the headers every answer carries, what is counted and logged of it."""

import secrets
import time
from collections.abc import Mapping

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import metrics

log = structlog.get_logger()


class Frame:
    """ASGI middleware; headers an answer sets itself stand."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self.app = app
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        began = time.perf_counter()
        status = 500

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                answered = MutableHeaders(scope=message)
                answered["X-Request-Id"] = request_id
                for name, value in self.headers.items():
                    answered.setdefault(name, value)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, send_framed)
            finally:
                self._count(scope, status, time.perf_counter() - began)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = scope.get("route_path", "none")
        # Methods a client invents must not make new series.
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PATCH", "DELETE") else "other"
        metrics.REQUESTS.labels(method, route, str(status)).inc()
        metrics.SECONDS.labels(route).observe(seconds)
        told = log.warning if status >= 500 else log.debug
        told("request", method=method, route=route, status=status, milliseconds=round(seconds * 1000, 1))
