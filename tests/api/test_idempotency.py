"""A request sent again after a lost answer: it makes nothing twice and is answered like the first."""

import asyncio
from typing import Any

import httpx2
import pytest

from freight.drivers.views import DriverLink, DriverView
from store.kept_answers import forget_old_answers
from store.pool import Pool
from tests.api.browser import Browser, new_trip
from tests.cast import Person

NEW_DRIVER = {"name": "Нурлан Сыдыков", "phone": "+996 700 111 222"}


async def send(browser: Browser, path: str, body: Any, key: str) -> httpx2.Response:
    return await browser.client.post(path, json=body, headers={"Idempotency-Key": key})


async def test_a_repeat_is_answered_like_the_first_and_makes_nothing(office: Browser, database: Pool) -> None:
    first = await send(office, "/api/drivers", NEW_DRIVER, "one")
    again = await send(office, "/api/drivers", NEW_DRIVER, "one")
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
    assert ("Idempotency-Replayed" in first.headers, "Idempotency-Replayed" in again.headers) == (False, True)
    assert await database.fetchval("select count(*) from drivers") == 1


async def test_without_a_key_the_second_is_a_request_of_its_own(office: Browser) -> None:
    assert (await office.client.post("/api/drivers", json=NEW_DRIVER)).status_code == 201
    assert await office.refusal("POST", "/api/drivers", NEW_DRIVER) == (409, "taken", "phone")


async def test_a_trip_given_twice_with_one_key_is_one_trip(office: Browser, driver: Person, database: Pool) -> None:
    answers = [await send(office, "/api/trips", new_trip(driver), "a-trip") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert await database.fetchval("select count(*) from orders") == 1


async def test_a_key_used_for_something_else_is_refused(office: Browser, driver: Person) -> None:
    await send(office, "/api/drivers", NEW_DRIVER, "one")
    other = await send(office, "/api/drivers", NEW_DRIVER | {"name": "Другой"}, "one")
    elsewhere = await send(office, f"/api/drivers/{driver.driver_id}/link", None, "one")
    assert [(answer.status_code, answer.json()["code"]) for answer in (other, elsewhere)] == [
        (409, "idempotency_key_reused")
    ] * 2


async def test_two_people_may_use_the_same_key(office: Browser, rival_office: Browser) -> None:
    mine = await send(office, "/api/drivers", NEW_DRIVER, "one")
    theirs = await send(rival_office, "/api/drivers", NEW_DRIVER | {"phone": "+996700111333"}, "one")
    assert (mine.status_code, theirs.status_code) == (201, 201)
    assert mine.json()["id"] != theirs.json()["id"]


async def test_many_at_once_with_one_key_make_one_thing(office: Browser, database: Pool) -> None:
    answers = await asyncio.gather(*(send(office, "/api/drivers", NEW_DRIVER, "at-once") for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await database.fetchval("select count(*) from drivers") == 1


async def test_what_was_refused_may_be_tried_again_with_its_key(office: Browser, database: Pool) -> None:
    taken = await office.post("/api/drivers", NEW_DRIVER, DriverView, status=201)
    assert (await send(office, "/api/drivers", NEW_DRIVER, "again")).status_code == 409
    await database.execute(
        "update users set phone = null where id = (select user_id from drivers where id = $1)", taken.id
    )
    assert (await send(office, "/api/drivers", NEW_DRIVER, "again")).status_code == 201


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "two words"])
async def test_a_key_that_cannot_be_is_named(office: Browser, key: str) -> None:
    refused = await send(office, "/api/drivers", NEW_DRIVER, key)
    assert (refused.status_code, refused.json()["field"]) == (400, "idempotency-key")


async def test_a_copy_of_the_database_tells_no_secret_of_an_answer(
    office: Browser, driver: Person, database: Pool
) -> None:
    path = f"/api/drivers/{driver.driver_id}/link"
    made = DriverLink(**(await send(office, path, None, "link")).json() | {})
    token = made.url.partition("#")[2].encode()
    kept: bytes = await database.fetchval("select answer from idempotency_keys")
    assert len(kept) > len(token) and token not in kept
    assert (await send(office, path, None, "link")).json()["url"] == made.url


async def test_an_answer_is_forgotten_after_a_day(office: Browser, database: Pool) -> None:
    await send(office, "/api/drivers", NEW_DRIVER, "one")
    async with database.acquire() as connection:
        await forget_old_answers(connection)
        assert await connection.fetchval("select count(*) from idempotency_keys") == 1
        await connection.execute("update idempotency_keys set created_at = now() - interval '25 hours'")
        await forget_old_answers(connection)
        assert await connection.fetchval("select count(*) from idempotency_keys") == 0
