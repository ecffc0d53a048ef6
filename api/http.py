"""The thin declarative layer: an endpoint says by its type hints what it reads and what it answers; who may call it
stands in `freight.permissions`.

Parameters of an endpoint, by name: `context`; `connection` (a pooled one for the duration of the call); `work` (a
change: the transaction is committed when the endpoint returns, and told before its answer leaves); `prepared` (what
the endpoint's `prepare` found out before any connection is held: passwords are hashed and roads planned there);
`user` and `token` (whoever is signed in); `client` (address and browser); `body` and `query` (Structs); anything else
is an integer of the path. The same hints make the OpenAPI document, so the two cannot disagree.
"""

import gzip
import inspect
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from api import idempotency
from api.context import Context
from api.problems import RequestRefused
from api.security import check_csrf, check_origin
from freight.accounts.actions import Client, session_user
from freight.accounts.tokens import SESSION_COOKIE
from freight.accounts.views import UserView
from freight.errors import NotAllowed, NotFound, NotSignedIn
from freight.permissions import ENDPOINTS, Permission
from freight.work import Doer, Work
from store.pool import Connection

Method = Literal["GET", "POST", "PATCH", "DELETE"]
Handler = Callable[..., Awaitable[Any]]

BODY_LIMIT_BYTES = 64 * 1024
LARGEST_ID = 2_147_483_647
# Read as text until its length is known: Python refuses to make a number of thousands of digits.
ID = re.compile(r"[0-9]{1,10}")
POOL_TIMEOUT_S = 5.0
# Below, a network packet is not saved; level 5 packs 100 kB in 3 ms, nearly as small as 9.
SMALLEST_ZIPPED_BYTES = 1400
ZIP_LEVEL = 5
CSRF_FIELD = "X-CSRF"
_GIVEN = {"context", "connection", "work", "prepared", "user", "token", "client", "body", "query"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WithCookie(Generic[T]):
    """An answer that begins (a token) or ends (None) the browser's session."""

    body: T
    token: str | None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address and method; everything else is read off the handler's hints."""

    method: Method
    path: str
    permission: Permission
    handler: Handler
    status: int
    media_type: str
    body: Any
    query: Any
    answer: Any
    path_names: tuple[str, ...]
    wanted: frozenset[str]
    prepare: Handler | None = None

    @property
    def is_repeatable(self) -> bool:
        """Whether a request may be sent again with its `Idempotency-Key`: what makes something, in one transaction,
        for somebody."""
        return self.method == "POST" and not self.permission.is_public and "work" in self.wanted

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (inspect.getdoc(self.handler) or "").partition("\n")[0]


@dataclass(slots=True)
class Endpoints:
    """A list of endpoints under one heading of the documentation."""

    heading: str
    all: list[Endpoint] = field(default_factory=list)

    def add(
        self,
        method: Method,
        path: str,
        *,
        status: int = 200,
        media_type: str = "application/json",
        prepare: Handler | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare the decorated coroutine function as an endpoint. `prepare` is a coroutine function with parameters
        of the same names, asked first, without `connection` and `work`. Raises LookupError when `freight.permissions`
        has no row for it, or one that leaves out an id."""

        def declare(handler: Handler) -> Handler:
            self.all.append(_described(method, path, status, media_type, handler, prepare))
            return handler

        return declare


def _described(
    method: Method,
    path: str,
    status: int,
    media_type: str,
    handler: Handler,
    prepare: Handler | None,
) -> Endpoint:
    hints = get_type_hints(handler, include_extras=True)
    names = tuple(inspect.signature(handler).parameters)
    if prepare is not None:
        hints = get_type_hints(prepare, include_extras=True) | hints
        names = tuple(dict.fromkeys((*names, *inspect.signature(prepare).parameters)))
    answer = hints.get("return")
    if get_origin(answer) is WithCookie:
        (answer,) = get_args(answer)
    none = answer is type(None)
    permission = ENDPOINTS[f"{method} {path}"]
    path_names = tuple(name for name in names if name not in _GIVEN)
    ids = {*path_names, *_ids_of(hints.get("body")), *_ids_of(hints.get("query"))}
    if not permission.is_public and ids != set(permission.ids):
        raise LookupError(f"the permission of {method} {path} speaks of {set(permission.ids)}, not of {ids}")
    return Endpoint(
        method=method,
        path=path,
        permission=permission,
        handler=handler,
        status=204 if none else status,
        media_type=media_type,
        body=hints.get("body"),
        query=hints.get("query"),
        answer=None if none else answer,
        path_names=path_names,
        wanted=frozenset(names),
        prepare=prepare,
    )


def _ids_of(shape: Any) -> set[str]:
    """The fields of a body or query, and of what is in it, that name a row."""
    if shape is None:
        return set()
    _, components = msgspec.json.schema_components([shape])
    fields = {name for struct in components.values() for name in struct.get("properties", {})}
    return {name for name in fields if name.endswith("_id")}


async def call(endpoint: Endpoint, context: Context, request: Request) -> Response:
    """Read what the endpoint wants, call it, write its answer. Raises what `problems.problem_of` understands."""
    unsafe = endpoint.method != "GET"
    if unsafe:
        check_origin(request, context.config.public_url)
    # Read before a connection is taken, so that a slow sender holds none.
    body = await read_body(request) if endpoint.body is not None else b""
    key = idempotency.key_of(request) if endpoint.is_repeatable else None
    repeat: idempotency.Repeat | None = None
    arguments: dict[str, Any] = {"context": context, "client": client_of(request)}
    async with AsyncExitStack() as stack:
        if not endpoint.permission.is_public:
            connection = await stack.enter_async_context(context.pool.acquire(timeout=POOL_TIMEOUT_S))
            arguments["connection"] = connection
            arguments["token"], arguments["user"] = await _signed_in(endpoint, connection, request)
            if unsafe:
                check_csrf(request, arguments["token"])
                if not endpoint.permission.is_for_every_role:
                    # All of them write rows, wake others or fold a track. Not counted is how one ends a session or
                    # changes a password: whoever stole a session must not be able to keep its owner from either.
                    await context.limits.check("changes", str(arguments["user"].id))
            if key is not None:
                repeat = idempotency.Repeat(key, arguments["user"].id, request.url.path, body)
                known = await idempotency.known(connection, context.config.device_secret, repeat)
                if known is not None:
                    return _response(endpoint, context, request, known)
        _read(endpoint, request, body, arguments)
        if endpoint.prepare is not None or not endpoint.wanted & {"connection", "work"}:
            # Nobody holds a connection while a password is hashed or a road is planned.
            await stack.aclose()
            arguments.pop("connection", None)
        if endpoint.prepare is not None:
            arguments["prepared"] = await _asked(endpoint.prepare, arguments)
        if "connection" not in arguments and endpoint.wanted & {"connection", "work"}:
            arguments["connection"] = await stack.enter_async_context(context.pool.acquire(timeout=POOL_TIMEOUT_S))
        if "work" in endpoint.wanted:
            work, answer = await _changed(endpoint, context, arguments, repeat)
            # Others are told without holding a connection.
            await stack.aclose()
            await work.settle(context.bus)
        else:
            answer = await _asked(endpoint.handler, arguments)
    return _response(endpoint, context, request, answer)


def _read(endpoint: Endpoint, request: Request, body: bytes, arguments: dict[str, Any]) -> None:
    """What the request says, as the endpoint's parameters."""
    arguments |= _of_path(endpoint, request)
    if endpoint.query is not None:
        arguments["query"] = _query(endpoint.query, request)
    if endpoint.body is not None:
        arguments["body"] = _decoded(endpoint.body, request, body)


async def _asked(handler: Handler, arguments: dict[str, Any]) -> Any:
    return await handler(**{name: arguments[name] for name in inspect.signature(handler).parameters})


async def _changed(
    endpoint: Endpoint, context: Context, arguments: dict[str, Any], repeat: idempotency.Repeat | None
) -> tuple[Work, Any]:
    """Call an endpoint in one transaction; what it did, and its answer or the one its first call got."""
    connection, user = arguments["connection"], arguments.get("user")
    async with connection.transaction():
        work = Work(connection, Doer(user.id, user.organisation_id) if user else None)
        if repeat is None:
            return work, await _asked(endpoint.handler, arguments | {"work": work})
        known = await idempotency.begin(connection, context.config.device_secret, repeat)
        if known is not None:
            return work, known
        answer = await _asked(endpoint.handler, arguments | {"work": work})
        await idempotency.finish(connection, context.config.device_secret, repeat, encoded(endpoint, answer))
        return work, answer


async def _signed_in(endpoint: Endpoint, connection: Connection, request: Request) -> tuple[str, UserView]:
    token = request.cookies.get(SESSION_COOKIE, "")
    user = await session_user(connection, token)
    if user is None:
        raise NotSignedIn
    if not endpoint.permission.admits(user.role):
        raise NotAllowed
    return token, user


def client_of(request: Request) -> Client:
    """Whence the request comes, as the server in front of us was told."""
    address = request.client.host if request.client else None
    return Client(address, request.headers.get("user-agent", "")[:1000].replace("\0", ""))


def _of_path(endpoint: Endpoint, request: Request) -> dict[str, int]:
    given = {name: request.path_params[name] for name in endpoint.path_names}
    if not all(ID.fullmatch(text) and 1 <= int(text) <= LARGEST_ID for text in given.values()):
        raise NotFound("thing")
    return {name: int(text) for name, text in given.items()}


def _query(shape: Any, request: Request) -> Any:
    values = dict(request.query_params)
    if any("\0" in name + value for name, value in values.items()):
        raise RequestRefused(422, "nul", "a NUL character cannot be searched for")
    return msgspec.convert(values, shape, strict=False)


async def read_body(request: Request, limit_bytes: int = BODY_LIMIT_BYTES) -> bytes:
    """The body. Raises RequestRefused (413) beyond the limit, without reading on."""
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > limit_bytes:
            raise RequestRefused(413, "too_large", f"at most {limit_bytes} bytes")
    return bytes(chunks)


def _decoded(shape: Any, request: Request, body: bytes) -> Any:
    # A form of a foreign page cannot send this type without asking first.
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise RequestRefused(415, "media_type", "application/json is expected")
    decoded = msgspec.json.decode(body, type=shape)
    if b"\\u0000" in body and _has_nul(msgspec.to_builtins(decoded)):
        raise RequestRefused(422, "nul", "a NUL character cannot be stored")
    return decoded


def _has_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list | tuple) and any(_has_nul(part) for part in value)


def encoded(endpoint: Endpoint, answer: Any) -> bytes:
    """The bytes of an answer's body; none for an endpoint that answers nothing."""
    body = answer.body if isinstance(answer, WithCookie) else answer
    if endpoint.answer is None:
        return b""
    return msgspec.json.encode(body) if endpoint.media_type == "application/json" else str(body).encode()


def _response(endpoint: Endpoint, context: Context, request: Request, answer: Any) -> Response:
    headers = {"Cache-Control": "no-store"}
    content = answer.content if isinstance(answer, idempotency.Known) else encoded(endpoint, answer)
    if endpoint.answer is None:
        response = Response(status_code=204, headers=headers)
    elif endpoint.media_type == "application/json":
        if len(content) > SMALLEST_ZIPPED_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
            # A path or a route is most of what a customer on a mobile network waits for.
            content = gzip.compress(content, ZIP_LEVEL, mtime=0)
            headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
        response = Response(content, endpoint.status, headers, "application/json")
    else:
        response = Response(content, endpoint.status, headers, endpoint.media_type)
    if isinstance(answer, idempotency.Known):
        response.headers["Idempotency-Replayed"] = "true"
    if isinstance(answer, WithCookie):
        _set_cookie(response, context, answer.token)
    return response


def _set_cookie(response: Response, context: Context, token: str | None) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        token or "",
        max_age=context.config.session_days * 86_400 if token else 0,
        path="/",
        secure=context.config.public_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
