"""Signing in and out."""

import datetime as dt

from freight.accounts.actions import create_link, delete_expired_sessions
from freight.accounts.tokens import SESSION_COOKIE, token_hash
from freight.accounts.views import SessionView
from freight.live import Ended
from store.bus import CONTROL
from store.pool import Pool
from tests.api.browser import ORIGIN, Browser, read
from tests.api.conftest import SignIn
from tests.api.ears import Ears
from tests.cast import CAST_PASSWORD, Person, make_person


async def test_it_signs_in_and_says_everything_a_page_needs(visitor: Browser, dispatcher: Person) -> None:
    answer = await visitor.client.post("/api/session", json={"login": dispatcher.login, "password": CAST_PASSWORD})
    session = read(answer, SessionView, 200)
    assert (session.brand, session.user.name) == ("Рейс", "Айбек Усенов")
    assert session.user.organisation_name == "Ала-Тоо Экспедиция"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    again = await visitor.get("/api/session", SessionView)
    assert again == session


async def test_it_stores_only_the_hash_of_a_session(office: Browser, database: Pool) -> None:
    token = office.client.cookies[SESSION_COOKIE]
    assert len(token) == 43
    async with database.acquire() as connection:
        stored = await connection.fetch("select * from sessions")
    assert [row["token_hash"] for row in stored] == [token_hash(token)]
    assert token not in str([tuple(row.values()) for row in stored])


async def test_it_takes_an_address_in_any_case(visitor: Browser, dispatcher: Person) -> None:
    for login in ("AIBEK@alatoo.example ", "aibek@alatoo.example"):
        await visitor.post("/api/session", {"login": login, "password": CAST_PASSWORD}, SessionView)


async def test_it_takes_a_number_in_any_usual_spelling(visitor: Browser, database: Pool) -> None:
    person = await make_person(database, "carrier", "Нурлан", "nurlan@example.com")
    async with database.acquire() as connection:
        await connection.execute("update users set phone = '+996700112233' where id = $1", person.user_id)
    for login in ("0700 11 22 33", "+996700112233", "996 (700) 112-233"):
        session = await visitor.post("/api/session", {"login": login, "password": CAST_PASSWORD}, SessionView)
        assert session.user.id == person.user_id


async def test_it_does_not_tell_what_of_the_two_was_wrong(visitor: Browser, dispatcher: Person) -> None:
    for login in ("aibek@alatoo.example", "nobody@example.com", "nonsense", "+996555000111"):
        refusal = await visitor.refusal("POST", "/api/session", {"login": login, "password": "wrong"})
        assert refusal == (401, "wrong_credentials", "")
    assert SESSION_COOKIE not in visitor.client.cookies


async def test_a_person_without_a_password_comes_by_links_only(visitor: Browser, driver: Person) -> None:
    refusal = await visitor.refusal("POST", "/api/session", {"login": "+996555123456", "password": ""})
    assert refusal[:2] == (401, "wrong_credentials")


async def test_a_link_signs_in_once(visitor: Browser, driver: Person, database: Pool) -> None:
    async with database.acquire() as connection:
        token, expires_at = await create_link(connection, driver.user_id, None)
    assert dt.timedelta(days=6) < expires_at - dt.datetime.now(dt.UTC) <= dt.timedelta(days=7)
    session = await visitor.post("/api/session/link", {"token": token}, SessionView)
    assert session.user.role == "driver"
    assert await visitor.refusal("POST", "/api/session/link", {"token": token}) == (401, "link_ended", "")


async def test_an_old_link_is_refused(visitor: Browser, driver: Person, database: Pool) -> None:
    async with database.acquire() as connection:
        token, _ = await create_link(connection, driver.user_id, None)
        await connection.execute("update sign_in_links set expires_at = now() - interval '1 second'")
    assert await visitor.refusal("POST", "/api/session/link", {"token": token}) == (401, "link_ended", "")


async def test_signing_out_ends_the_session_and_tells_open_sockets(
    office: Browser, dispatcher: Person, ears: Ears
) -> None:
    token = office.client.cookies[SESSION_COOKIE]
    assert (await office.client.delete("/api/session")).status_code == 204
    assert SESSION_COOKIE not in office.client.cookies
    await ears.hear(CONTROL, Ended("sessions", dispatcher.user_id))
    office.client.cookies.set(SESSION_COOKIE, token, domain="hub.test")
    assert (await office.refusal("GET", "/api/session"))[0] == 401


async def test_a_new_password_ends_every_other_session(
    office: Browser, sign_in: SignIn, dispatcher: Person, visitor: Browser, ears: Ears
) -> None:
    elsewhere = await sign_in(dispatcher)
    new = "Кызыл-Суу 2031"
    answer = await office.client.post("/api/session/password", json={"current": CAST_PASSWORD, "new": new})
    assert answer.status_code == 204
    await ears.hear(CONTROL, Ended("sessions", dispatcher.user_id))
    assert (await elsewhere.refusal("GET", "/api/session"))[0] == 401
    await office.get("/api/session", SessionView)
    await visitor.post("/api/session", {"login": dispatcher.login, "password": new}, SessionView)


BAD_PASSWORDS = [
    ({"current": "wrong", "new": "Кызыл-Суу 2031"}, "wrong_password", "current"),
    ({"current": CAST_PASSWORD, "new": "короче"}, "password_too_short", "new"),
    ({"current": CAST_PASSWORD, "new": "12345678"}, "password_guessable", "new"),
    ({"current": CAST_PASSWORD, "new": "aibek@alatoo.example"}, "password_guessable", "new"),
    ({"current": CAST_PASSWORD, "new": "Усенов1985"}, "password_guessable", "new"),
    ({"current": CAST_PASSWORD, "new": CAST_PASSWORD}, "password_guessable", "new"),
    ({"current": CAST_PASSWORD, "new": "a1" * 101}, "password_too_long", "new"),
]


async def test_it_refuses_a_bad_new_password(office: Browser) -> None:
    for body, code, field in BAD_PASSWORDS:
        assert await office.refusal("POST", "/api/session/password", body) == (422, code, field)


async def test_it_changes_ones_language(office: Browser) -> None:
    session = await office.patch("/api/session", {"language": "ky"}, SessionView)
    assert session.user.language == "ky"
    assert (await office.get("/api/session", SessionView)).user.language == "ky"
    assert (await office.refusal("PATCH", "/api/session", {"language": "xx"}))[2] == "language"


async def test_a_session_slides_along_while_it_is_used(office: Browser, database: Pool) -> None:
    async with database.acquire() as connection:
        await connection.execute(
            "update sessions set last_seen_at = now() - interval '3 days', expires_at = now() + interval '27 days'"
        )
        await office.get("/api/session", SessionView)
        left = await connection.fetchval("select expires_at - now() from sessions")
    assert left > dt.timedelta(days=29)


async def test_an_expired_session_is_nobodys(office: Browser, database: Pool) -> None:
    async with database.acquire() as connection:
        await connection.execute("update sessions set expires_at = now() - interval '1 second'")
    assert (await office.refusal("GET", "/api/session"))[0] == 401


async def test_a_person_has_a_bounded_number_of_sessions(
    office: Browser, sign_in: SignIn, driver: Person, database: Pool
) -> None:
    async with database.acquire() as connection:
        await connection.execute(
            "insert into sessions (token_hash, user_id, expires_at, last_seen_at)"
            " select int8send(n), $1, now() + interval '1 day', now() - interval '1 hour'"
            " from generate_series(1, 60) n",
            driver.user_id,
        )
    await sign_in(driver)
    async with database.acquire() as connection:
        count = await connection.fetchval("select count(*) from sessions where user_id = $1", driver.user_id)
    assert count == 50


async def test_ended_sessions_and_links_are_dropped_in_time(office: Browser, driver: Person, database: Pool) -> None:
    async with database.acquire() as connection:
        await create_link(connection, driver.user_id, None)
        await create_link(connection, driver.user_id, None)
        await connection.execute(
            "update sign_in_links set expires_at = now() - interval '31 days'"
            " where token_hash = (select token_hash from sign_in_links limit 1)"
        )
        await connection.execute("update sessions set expires_at = now() - interval '1 second'")
        await delete_expired_sessions(connection)
        left = await connection.fetchrow(
            "select (select count(*) from sessions) as sessions, (select count(*) from sign_in_links) as links"
        )
    assert left is not None and tuple(left.values()) == (0, 1)


async def test_guessing_a_password_is_slowed_down(visitor: Browser, dispatcher: Person) -> None:
    body = {"login": dispatcher.login, "password": "wrong"}
    answers = [await visitor.client.post("/api/session", json=body) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    right = {"login": dispatcher.login, "password": CAST_PASSWORD}
    assert (await visitor.client.post("/api/session", json=right)).status_code == 429


async def test_a_foreign_page_cannot_sign_anyone_in(visitor: Browser, dispatcher: Person) -> None:
    body = {"login": dispatcher.login, "password": CAST_PASSWORD}
    foreign = await visitor.client.post("/api/session", json=body, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    own = await visitor.client.post("/api/session", json=body, headers={"Origin": ORIGIN})
    assert own.status_code == 200


async def test_spelling_a_number_in_other_ways_gives_no_more_guesses(visitor: Browser) -> None:
    spellings = ["0700112233", "+996700112233", "996 700 112233", "0700-11-22-33", "tel:+996700112233"]
    logins = [*spellings, *(f"0700112233;ext={number}" for number in range(6))]
    answers = [await visitor.client.post("/api/session", json={"login": it, "password": "wrong"}) for it in logins]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
