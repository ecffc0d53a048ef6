"""What our uvicorn makes of requests that the proxy hands on to it."""

import asyncio
import json

from starlette.types import Message, Receive, Scope, Send

from hub.web_server import TimelyBodies
from tests.hub.proxied import Process, closed, get
from tests.ports import free_ports


async def test_the_client_is_whom_the_proxy_names() -> None:
    process = Process("api", free_ports(1)[0])
    async with process.served("none"):
        for head, client in ((("X-Forwarded-For: 2001:db8::1",), "2001:db8::1"), ((), "127.0.0.1")):
            reader, writer = await asyncio.open_connection("127.0.0.1", process.port)
            writer.write(get("/who", *head))
            answer = await reader.read(-1)
            assert json.loads(answer.partition(b"\r\n\r\n")[2])["client"] == client
            await closed(writer)


async def test_what_comes_after_a_whole_body_is_waited_for_as_long_as_it_takes() -> None:
    heard: list[Message] = []
    gone = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.extend([await receive(), await receive()])

    async def receive() -> Message:
        if not heard and not gone.is_set():
            gone.set()
            return {"type": "http.request", "body": b"x", "more_body": False}
        # As a client does who leaves while his answer is being made.
        await asyncio.sleep(0.2)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await TimelyBodies(app, 0.05)({"type": "http"}, receive, send)
    assert [message["type"] for message in heard] == ["http.request", "http.disconnect"]


async def test_the_answer_of_one_who_was_given_up_on_is_the_connections_last() -> None:
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "http.disconnect"
        assert (await receive())["type"] == "http.disconnect"
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        return await asyncio.Event().wait() and {}

    async def send(message: Message) -> None:
        sent.append(message)

    async with asyncio.timeout(5):
        await TimelyBodies(app, 0.05)({"type": "http"}, receive, send)
    assert sent[0] == {"type": "http.response.start", "status": 408, "headers": [(b"connection", b"close")]}
