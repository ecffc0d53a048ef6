"""Who guesses at an account is held up, its owner is not, and both are written down."""

import asyncio
import json
from collections import Counter

import httpx
import pytest
from limits import parse
from prometheus_client import REGISTRY
from starlette.applications import Starlette

from api.limits import LIMITS
from freight.accounts.views import SessionView
from store.pool import Pool
from tests.api.browser import Browser
from tests.cast import CAST_PASSWORD, Person

HOME = "203.0.113.7"


async def tried(app: Starlette, address: str, login: str | None, password: str) -> httpx.Response:
    """The answer to one sign-in from this address."""
    async with Browser(app, address) as browser:
        return await browser.client.post("/api/session", json={"login": login, "password": password})


async def guessed_from_everywhere(app: Starlette, login: str | None) -> Counter[int]:
    """How often what status answered 360 guesses at one account, nine from each of 40 addresses, all at once.

    A few at a time as far as the browsers go: hashing takes in 64.
    """
    at_once = asyncio.Semaphore(50)

    async def guess(number: int) -> int:
        async with at_once:
            return (await tried(app, f"198.51.{number % 40}.1", login, f"guess {number}")).status_code

    return Counter(await asyncio.gather(*(guess(number) for number in range(360))))


async def written(database: Pool) -> list[tuple[str, int | None, int, dict[str, str]]]:
    """What the audit says of sign-ins: action, doer, subject and detail, oldest first."""
    rows = await database.fetch(
        "select action, doer_id, subject_id, detail::text from audit "
        "where action in ('signed_in', 'sign_in_refused') order by id"
    )
    return [(row["action"], row["doer_id"], row["subject_id"], json.loads(row["detail"])) for row in rows]


async def test_guesses_at_one_account_from_everywhere_are_few(app: Starlette, dispatcher: Person) -> None:
    answers = await guessed_from_everywhere(app, dispatcher.login)
    assert answers == {401: 30, 429: 330}


async def test_what_is_no_account_is_refused_like_one(app: Starlette) -> None:
    assert await guessed_from_everywhere(app, "nobody@example.com") == {401: 30, 429: 330}


async def test_an_owner_is_let_in_where_he_is_known_while_others_guess(app: Starlette, dispatcher: Person) -> None:
    assert (await tried(app, HOME, dispatcher.login, CAST_PASSWORD)).status_code == 200
    await guessed_from_everywhere(app, dispatcher.login)
    assert (await tried(app, "192.0.2.1", dispatcher.login, CAST_PASSWORD)).status_code == 429
    # His address has changed within his network since.
    near = HOME.replace(".7", ".8")
    for password, status in (("mistyped", 401), (CAST_PASSWORD, 200)):
        assert (await tried(app, near, dispatcher.login, password)).status_code == status


async def test_a_known_network_has_tries_of_its_own_and_a_right_one_gives_them_back(
    app: Starlette, dispatcher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "sign_in_guesses", parse("2 per hour"))
    words = [CAST_PASSWORD, "wrong", CAST_PASSWORD, "wrong", "wrong", CAST_PASSWORD]
    answers = [(await tried(app, HOME, dispatcher.login, word)).status_code for word in words]
    assert answers == [200, 401, 200, 401, 401, 429]


async def test_a_network_signed_in_from_long_ago_is_as_strange_as_any(
    app: Starlette, dispatcher: Person, database: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, "sign_in_guesses", parse("2 per hour"))
    assert (await tried(app, HOME, dispatcher.login, CAST_PASSWORD)).status_code == 200
    await database.execute("update audit set at = at - interval '91 days'")
    answers = [(await tried(app, HOME, dispatcher.login, "wrong")).status_code for _ in range(2)]
    assert answers == [401, 429]


async def test_sign_ins_are_written_down_with_the_network_and_no_address(
    app: Starlette, dispatcher: Person, database: Pool
) -> None:
    for word in ("wrong", CAST_PASSWORD):
        await tried(app, HOME, dispatcher.login, word)
    who = dispatcher.user_id
    assert await written(database) == [
        ("sign_in_refused", None, who, {"network": "203.0.113.0/24"}),
        ("signed_in", who, who, {"network": "203.0.113.0/24", "way": "password"}),
    ]


async def test_a_sign_in_by_link_is_written_down(visitor: Browser, driver: Person, database: Pool) -> None:
    await visitor.sign_in(driver, database)
    who = driver.user_id
    assert await written(database) == [("signed_in", who, who, {"network": "127.0.0.0/24", "way": "link"})]


async def test_guesses_do_not_fill_the_audit(app: Starlette, dispatcher: Person, database: Pool) -> None:
    for login in (dispatcher.login, "nobody@example.com", "nonsense"):
        for number in range(8):
            await tried(app, f"198.51.100.{number % 4}", login, f"guess {number}")
    assert await written(database) == [("sign_in_refused", None, dispatcher.user_id, {"network": "198.51.100.0/24"})]


def counted(way: str, outcome: str) -> float:
    return REGISTRY.get_sample_value("sign_ins_total", {"way": way, "outcome": outcome}) or 0.0


async def test_sign_ins_are_counted(visitor: Browser, dispatcher: Person, driver: Person, database: Pool) -> None:
    kinds = [("password", "right"), ("password", "wrong"), ("link", "right"), ("link", "wrong")]
    before = [counted(*kind) for kind in kinds]
    await visitor.refusal("POST", "/api/session", {"login": dispatcher.login, "password": "wrong"})
    await visitor.refusal("POST", "/api/session/link", {"token": "wrong"})
    for person in (dispatcher, driver):
        assert isinstance(await visitor.sign_in(person, database), SessionView)
    assert [counted(*kind) - past for kind, past in zip(kinds, before, strict=True)] == [1, 1, 1, 1]
