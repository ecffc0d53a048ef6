"""A browser as the tests use it: keeps cookies, sends the CSRF value back, reads answers as Structs."""

import datetime as dt
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx
import msgspec
from starlette.applications import Starlette

from freight.accounts.actions import create_link
from freight.accounts.views import SessionView
from store.pool import Pool
from tests.cast import CAST_PASSWORD, Person

ORIGIN = "http://hub.test"
SECRET = b"a secret of thirty-two bytes here"

BISHKEK = {"name": "Бишкек", "lat": 42.8746, "lon": 74.5698, "country": "KG"}
OSH = {"name": "Ош", "lat": 40.5283, "lon": 72.7985, "country": "KG"}

T = TypeVar("T")


class Browser:
    """One person's browser."""

    def __init__(self, app: Starlette, address: str = "127.0.0.1") -> None:
        transport = httpx.ASGITransport(app, client=(address, 40_000))
        self.client = httpx.AsyncClient(transport=transport, base_url=ORIGIN)

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.__aexit__(kind, error, trace)

    async def sign_in(self, person: Person, database: Pool) -> SessionView:
        """By password, or by a one-time link for who has none."""
        if person.login is not None:
            body = {"login": person.login, "password": CAST_PASSWORD}
            session = await self.post("/api/session", body, SessionView)
        else:
            async with database.acquire() as connection:
                token, _ = await create_link(connection, person.user_id, None)
            session = await self.post("/api/session/link", {"token": token}, SessionView)
        self.client.headers["X-CSRF"] = session.csrf
        return session

    async def get(self, path: str, shape: type[T], status: int = 200) -> T:
        return read(await self.client.get(path), shape, status)

    async def post(self, path: str, body: Any, shape: type[T], status: int = 200) -> T:
        return read(await self.client.post(path, json=body), shape, status)

    async def patch(self, path: str, body: Any, shape: type[T], status: int = 200) -> T:
        return read(await self.client.patch(path, json=body), shape, status)

    async def refusal(self, method: str, path: str, body: Any = None) -> tuple[int, str, str]:
        """Status, code and field of the problem this request is answered with."""
        answer = await self.client.request(method, path, json=body)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        problem = answer.json()
        assert problem["status"] == answer.status_code
        assert problem["type"] == f"/problems/{problem['code']}"
        return answer.status_code, problem["code"], problem.get("field", "")


def read(answer: httpx.Response, shape: type[T], status: int) -> T:
    """The answer as a Struct; fails with its text when the status is another."""
    assert answer.status_code == status, answer.text
    return msgspec.json.decode(answer.content, type=shape)


def new_trip(driver: Person, **changes: Any) -> dict[str, Any]:
    """The body of an order from Bishkek to Osh."""
    stops = [{"kind": "loading", **BISHKEK}, {"kind": "unloading", **OSH}]
    return {"driver_id": driver.driver_id, "cargo_name": "Лук репчатый", "stops": stops, **changes}


def ago(**span: float) -> str:
    """A moment in the past, as it travels."""
    return (dt.datetime.now(dt.UTC) - dt.timedelta(**span)).isoformat()
