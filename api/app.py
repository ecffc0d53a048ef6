"""The HTTP application: every endpoint, the pages, and what is the same for all of them."""

import asyncio
import contextlib
import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from api import drivers, metrics, notifications, operations, phones, places, problems, sessions, shares, trips
from api.context import Context, Services
from api.frame import Frame
from api.http import Endpoint, call
from api.openapi import document
from api.pages import Pages
from api.problems import RequestRefused
from api.security import page_headers

log = structlog.get_logger()

HEADINGS = (
    sessions.endpoints,
    trips.endpoints,
    shares.endpoints,
    drivers.endpoints,
    places.endpoints,
    notifications.endpoints,
)
# Whatever is asked of an address is answered by who knows it, who then says which of these it takes.
METHODS = ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "TRACE", "CONNECT"]
DOCS = Path(__file__).parent / "docs"

Answer = Callable[[Context, Request], Awaitable[Response]]


def create_app(services: Services) -> Starlette:
    """The application over `services`; its lifespan keeps the bridge to the broker connected."""
    context = Context(services)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        bridging = asyncio.create_task(context.bridge.run())
        bridging.add_done_callback(_end_on_bug)
        async with context.roads:
            yield
        bridging.remove_done_callback(_end_on_bug)
        bridging.cancel()
        await asyncio.gather(bridging, return_exceptions=True)
        await context.limits.close()

    pages = Pages(services)

    async def page(context: Context, request: Request) -> Response:
        return await pages(request)

    routes = [
        *_api_routes(context),
        *_document_routes(context),
        Route("/health/live", _guarded(context, "/health/live", operations.live)),
        Route("/health/ready", _guarded(context, "/health/ready", operations.ready)),
        Route("/metrics", _guarded(context, "/metrics", operations.metrics)),
        Route("/phone", _guarded(context, "/phone", phones.answer_phone), methods=["GET", "POST"]),
        Route("/phone/", _guarded(context, "/phone", phones.answer_phone), methods=["GET", "POST"]),
        Route("/api/{rest:path}", _guarded(context, "/api/", _nowhere), methods=METHODS),
        Route("/{path:path}", _guarded(context, "page", page)),
    ]
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _http_exception})
    # Addresses are exact: a redirect would lose the body of a change.
    app.router.redirect_slashes = False
    app.add_middleware(Frame, headers=page_headers(services.config, services.map))
    return app


def _api_routes(context: Context) -> list[Route]:
    by_path: dict[str, dict[str, Endpoint]] = defaultdict(dict)
    for group in HEADINGS:
        for endpoint in group.all:
            by_path[endpoint.path][endpoint.method] = endpoint
    return [
        Route(path, _guarded(context, path, _chosen(methods)), methods=METHODS) for path, methods in by_path.items()
    ]


def _chosen(methods: dict[str, Endpoint]) -> Answer:
    async def answer(context: Context, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        if method not in methods:
            return problems.respond(problems.method_not_allowed(), {"Allow": ", ".join(methods)})
        return await call(methods[method], context, request)

    return answer


def _document_routes(context: Context) -> list[Route]:
    services = context.services
    described = msgspec.json.encode(document(HEADINGS, services.config.brand, services.sockets))

    async def openapi(context: Context, request: Request) -> Response:
        return Response(described, headers={"Cache-Control": "no-cache"}, media_type="application/json")

    def file(name: str) -> Answer:
        async def answer(context: Context, request: Request) -> Response:
            return FileResponse(DOCS / name, headers={"Cache-Control": "no-cache"})

        return answer

    files = {"/api/docs": "index.html", "/api/docs/docs.js": "docs.js", "/api/docs/docs.css": "docs.css"}
    return [
        Route("/api/openapi.json", _guarded(context, "/api/openapi.json", openapi)),
        *(Route(path, _guarded(context, path, file(name))) for path, name in files.items()),
    ]


def _guarded(context: Context, route: str, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    """`answer` with every refusal turned into a problem document, and every bug written down."""

    async def guarded(request: Request) -> Response:
        request.scope["route_path"] = route
        try:
            return await answer(context, request)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:
            problem = problems.problem_of(error)
            if problem is None:
                metrics.MISTAKES.labels(route).inc()
                log.exception("mistake", route=route)
                return problems.respond(problems.mistake())
            if problem.status == 503:
                log.warning("overloaded", route=route, problem=repr(error))
            retry_after_s = error.retry_after_s if isinstance(error, RequestRefused) else None
            return problems.respond(problem, {"Retry-After": str(retry_after_s)} if retry_after_s else None)

    return guarded


async def _nowhere(context: Context, request: Request) -> Response:
    return problems.respond(problems.not_found())


async def _http_exception(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 405:
        return problems.respond(problems.method_not_allowed(), error.headers)
    return problems.respond(problems.not_found())


def _end_on_bug(bridging: asyncio.Task[None]) -> None:
    # Without the bridge every HTTP phone would be told to come again for ever; the supervisor starts us anew.
    if not bridging.cancelled() and bridging.exception() is not None:
        log.error("bridge_ended", exc_info=bridging.exception())
        os.kill(os.getpid(), signal.SIGTERM)
