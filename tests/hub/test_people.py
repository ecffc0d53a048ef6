"""`hub user …` as an operator types it, beside a running hub."""

import asyncio
import json
import sys
from dataclasses import dataclass

import aiomqtt
import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from freight.accounts.tokens import SESSION_COOKIE
from freight.drivers.credentials import device_password
from push.messages import ENDED
from store.pool import Pool
from tests.cast import CAST_PASSWORD, Person, make_dispatcher
from tests.processes import HubProcesses
from tests.waiting import until

SOON_S = 5.0


@dataclass
class Said:
    code: int
    text: str

    @property
    def password(self) -> str:
        return self.text.split("Password: ")[1].split()[0]


async def hub_user(hub: HubProcesses, *arguments: str) -> Said:
    """One `hub user` command, to its end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", "user", *arguments),
        env=hub.settings.environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert "Traceback" not in output.decode()
    return Said(process.returncode or 0, output.decode())


async def sign_in(hub: HubProcesses, login: str, password: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=hub.url) as client:
        return await client.post("/api/session", json={"login": login, "password": password})


async def closed_with(hub: HubProcesses, token: str, *command: str) -> int | None:
    """The code an open live page is closed with after a command, which must be soon."""
    cookie = {"Cookie": f"{SESSION_COOKIE}={token}"}
    async with connect(f"{hub.url.replace('http', 'ws', 1)}/ws", additional_headers=cookie) as socket:
        await socket.send('{"type":"join"}')
        assert json.loads(await socket.recv())["type"] == "snapshot"
        said = await hub_user(hub, *command)
        assert said.code == 0, said.text
        with pytest.raises(ConnectionClosed) as end:
            async with asyncio.timeout(SOON_S):
                while True:
                    await socket.recv()
    return end.value.rcvd.code if end.value.rcvd else None


async def test_a_new_password_signs_its_owner_out_everywhere(hub_processes: HubProcesses, dispatcher: Person) -> None:
    hub, login = hub_processes, dispatcher.login or ""
    await hub.start("api", "push", "haproxy")
    token = (await sign_in(hub, login, CAST_PASSWORD)).cookies[SESSION_COOKIE]
    assert await closed_with(hub, token, "password", login) == ENDED
    said = await hub_user(hub, "password", login.upper())
    assert dispatcher.name in said.text and said.text.count("Password: ") == 1
    assert (await sign_in(hub, login, CAST_PASSWORD)).status_code == 401
    assert (await sign_in(hub, login, said.password)).status_code == 200


async def test_a_disabled_dispatcher_is_out_within_seconds_and_comes_back_when_enabled(
    hub_processes: HubProcesses, dispatcher: Person
) -> None:
    hub, login = hub_processes, dispatcher.login or ""
    await hub.start("api", "push", "haproxy")
    token = (await sign_in(hub, login, CAST_PASSWORD)).cookies[SESSION_COOKIE]
    assert await closed_with(hub, token, "disable", login) == ENDED
    assert (await sign_in(hub, login, CAST_PASSWORD)).status_code == 401
    assert "disabled" in (await hub_user(hub, "list")).text
    said = await hub_user(hub, "enable", str(dispatcher.user_id))
    assert said.text == f"{dispatcher.name} may sign in again.\n"
    async with httpx.AsyncClient(base_url=hub.url, cookies={SESSION_COOKIE: token}) as old:
        assert (await old.get("/api/session")).status_code == 401
    assert (await sign_in(hub, login, CAST_PASSWORD)).status_code == 200


async def test_a_disabled_drivers_phone_is_cut_off_and_let_in_again(
    hub_processes: HubProcesses, database: Pool, driver: Person
) -> None:
    hub = hub_processes
    await hub.start("worker")
    login = await database.fetchval("select login from driver_devices where driver_id = $1", driver.driver_id)
    password = device_password(hub.settings.freight().device_secret, login, 1)
    port = hub.services.mosquitto.config.port

    async def is_let_in() -> bool:
        try:
            async with aiomqtt.Client("127.0.0.1", port, username=login, password=password):
                return True
        except aiomqtt.MqttError:
            return False

    await until(is_let_in)
    with pytest.raises(aiomqtt.MqttError):
        async with aiomqtt.Client("127.0.0.1", port, username=login, password=password) as phone:
            said = await hub_user(hub, "disable", "0555 123 456")
            assert "1 phone of his being cut off" in said.text, said.text
            async with asyncio.timeout(SOON_S):
                async for _ in phone.messages:
                    pass
    assert not await is_let_in()
    assert "1 phone of his may send" in (await hub_user(hub, "enable", "+996555123456")).text
    await until(is_let_in)


async def test_links_not_yet_used_end_with_the_password(
    hub_processes: HubProcesses, database: Pool, dispatcher: Person
) -> None:
    await database.execute(
        "insert into sign_in_links (token_hash, user_id, expires_at) values ('x', $1, now() + interval '1 day')",
        dispatcher.user_id,
    )
    await hub_user(hub_processes, "password", dispatcher.login or "")
    assert await database.fetchval("select used_at is not null from sign_in_links")


async def test_a_second_dispatcher_joins_a_company_there_is(
    hub_processes: HubProcesses, database: Pool, dispatcher: Person
) -> None:
    who = ("--email", "Second@Alatoo.example", "--name", "Нурия Алиева")
    said = await hub_user(hub_processes, "add", *who, "--company", "ала-тоо экспедиция")
    assert said.code == 0, said.text
    row = await database.fetchrow("select organisation_id, role from users where email = 'second@alatoo.example'")
    assert row is not None and (row["organisation_id"], row["role"]) == (dispatcher.organisation_id, "dispatcher")
    listed = (await hub_user(hub_processes, "list")).text
    assert "second@alatoo.example" in listed and said.password not in listed
    for people in listed.splitlines()[1:]:
        assert "Ала-Тоо Экспедиция" in people and "no session" in people


async def test_what_cannot_be_meant_is_told_in_one_line(hub_processes: HubProcesses, database: Pool) -> None:
    empty = await hub_user(hub_processes, "list")
    assert empty.text == "Nobody yet. Make the first dispatcher: hub user create\n"
    twins = [await make_dispatcher(database, "Жол", f"Диспетчер {n}", f"d{n}@jol.example") for n in (1, 2)]
    who = ("--email", "third@jol.example", "--name", "Третий")
    numbers = ", ".join(str(twin.organisation_id) for twin in twins)
    for arguments, words in (
        (("disable", "nobody@jol.example"), "no such person here. `hub user list` shows everyone"),
        (("password", "99999999999999999999"), "no such person here"),
        (("add", *who, "--company", "Кум"), "no such company here"),
        (("add", *who, "--company", "Жол"), f"give one of the numbers {numbers} instead"),
        (("add", *who[:1], "d1@jol.example", *who[2:], "--company", numbers[0]), "already belongs to someone"),
    ):
        said = await hub_user(hub_processes, *arguments)
        assert said.code == 1 and words in said.text and said.text.count("\n") == 1, said.text
    assert (await hub_user(hub_processes, "add", *who, "--company", str(twins[1].organisation_id))).code == 0


async def test_a_database_that_is_away_is_told_in_one_line(hub_processes: HubProcesses) -> None:
    environment = {**hub_processes.settings.environment(), "DATABASE_URL": "postgresql://reis:hunter2@127.0.0.1:1/reis"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", "user", "list"), env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    assert process.returncode == 1 and b"the database does not answer" in said
    assert b"Traceback" not in said and b"hunter2" not in said
