"""For whoever runs the hub: is it alive, is it ready, what does it count."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable
from typing import Literal

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.context import Context
from store.away import DATABASE_ERRORS

CHECK_TIMEOUT_S = 2.0
ANY_WORD = "select 1"
Part = Literal["up", "down"]


class Readiness(msgspec.Struct, frozen=True):
    """The parts this process needs. Without Redis pages are not live, without the broker HTTP phones come again;
    without the database nothing works, and only that answers 503."""

    database: Part
    bus: Part
    broker: Part


async def live(context: Context, request: Request) -> Response:
    """The process answers."""
    return Response("alive\n", media_type="text/plain", headers={"Cache-Control": "no-store"})


async def ready(context: Context, request: Request) -> Response:
    """The process can do its work."""
    database, bus = await asyncio.gather(_up(lambda: _ask_database(context)), _up(lambda: _ask_bus(context)))
    parts = Readiness(database, bus, "up" if context.bridge.connected else "down")
    return Response(
        msgspec.json.encode(parts),
        200 if database == "up" else 503,
        {"Cache-Control": "no-store"},
        "application/json",
    )


async def metrics(context: Context, request: Request) -> Response:
    """Prometheus metrics, for addresses of the own network only."""
    if not _is_near(request):
        return problems.respond(problems.not_found())
    page = await context.services.collect_metrics(generate_latest())
    return Response(page, headers={"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_LATEST})


def _is_near(request: Request) -> bool:
    """Whether it comes from the own network all the way: a proxy beside us is near, whom it speaks for may not be."""
    own = request.client.host if request.client else ""
    before = [hop for hops in request.headers.getlist("x-forwarded-for") for hop in hops.split(",")]
    return all(_is_of_own_network(hop.strip()) for hop in (own, *before))


def _is_of_own_network(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


async def _up(ask: Callable[[], Awaitable[object]]) -> Part:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await ask()
    except (RedisError, *DATABASE_ERRORS):
        return "down"
    return "up"


async def _ask_database(context: Context) -> None:
    async with context.pool.acquire() as connection:
        await connection.fetchval(ANY_WORD)


async def _ask_bus(context: Context) -> None:
    await context.bus.redis.ping()
