"""The broker's control plane: who may connect and publish where (Mosquitto's dynamic-security plugin)."""

import asyncio
import itertools
import secrets
from types import TracebackType
from typing import Any, Self

import aiomqtt
import msgspec

CONTROL_TOPIC = "$CONTROL/dynamic-security/v1"
RESPONSE_TOPIC = f"{CONTROL_TOPIC}/response"
ANSWER_TIMEOUT_S = 10.0
# Below a device's own topic: what stock apps publish. Not `stored` and `cmd`, which are our own words to them.
DEVICE_SUBTOPICS = ("event", "status", "waypoint", "waypoints", "dump", "info", "beacon", "step", "steps", "request")


class BrokerConfig(msgspec.Struct, frozen=True):
    """Where the broker is and as whom to speak to it. With the broker's settings the user name is the client id,
    so no two connections may share one `username`."""

    host: str
    port: int
    username: str
    password: str
    tls: bool = False


class BrokerError(Exception):
    """The broker refused or did not answer a control command; `reason` is its own word."""

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(f"{command}: {reason}")
        self.command = command
        self.reason = reason


class DeviceAccess(msgspec.Struct, frozen=True):
    """What the broker must know of one device: its login, password, and whether it may connect."""

    login: str
    password: str
    enabled: bool


def device_role(login: str) -> dict[str, Any]:
    """The role of one device: publish under its own name what ingest hears, read its own commands and confirmations.

    On any other topic it could fill the broker with retained messages nobody looks at, and confirmations are the hub's
    word: a device that could publish them could fool its twin.
    """
    # Whoever changes this raises `freight.drivers.rules.RIGHTS`.
    own = f"owntracks/{login}/+"
    sent = (own, *(f"{own}/{name}" for name in DEVICE_SUBTOPICS))
    heard = (f"{own}/cmd", f"{own}/stored")
    return {
        "rolename": f"device-{login}",
        "acls": [
            *({"acltype": "publishClientSend", "topic": topic, "priority": 0, "allow": True} for topic in sent),
            *({"acltype": "subscribePattern", "topic": topic, "priority": 0, "allow": True} for topic in heard),
            {"acltype": "unsubscribePattern", "topic": "#", "priority": 0, "allow": True},
        ],
    }


class BrokerControl:
    """A connection that changes clients and roles. Use as an async context manager."""

    def __init__(self, config: BrokerConfig) -> None:
        self.config = config
        self.client = aiomqtt.Client(
            hostname=config.host,
            port=config.port,
            username=config.username,
            password=config.password,
            identifier=config.username,
            protocol=aiomqtt.ProtocolVersion.V5,
            tls_params=aiomqtt.TLSParameters() if config.tls else None,
        )
        # Answers go to every control connection: the marks must differ between them, not only within one.
        self.own = secrets.token_hex(8)
        self.numbers = itertools.count(1)
        self.lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        await self.client.__aenter__()
        await self.client.subscribe(RESPONSE_TOPIC, qos=1)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.__aexit__(kind, error, trace)

    async def command(self, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send commands in one message and return their answers, in order. Errors stand in the answers.

        Raises BrokerError when no answer comes within ten seconds, aiomqtt.MqttError when the connection breaks.
        """
        async with self.lock:
            mark = f"{self.own}-{next(self.numbers)}"
            marked = [{**command, "correlationData": mark} for command in commands]
            await self.client.publish(CONTROL_TOPIC, msgspec.json.encode({"commands": marked}), qos=1)
            try:
                async with asyncio.timeout(ANSWER_TIMEOUT_S):
                    return await self._answers(mark, len(commands))
            except TimeoutError:
                raise BrokerError(str(commands[0].get("command")), "no answer") from None

    async def _answers(self, mark: str, count: int) -> list[dict[str, Any]]:
        answers: list[dict[str, Any]] = []
        async for message in self.client.messages:
            body = msgspec.json.decode(bytes(message.payload or b"{}"))
            answers += [a for a in body.get("responses", []) if a.get("correlationData") == mark]
            if len(answers) >= count:
                break
        return answers

    async def put_device(self, device: DeviceAccess) -> None:
        """Make the broker agree with `device`, whatever it knew before. Disabling kicks it off at once.

        Raises BrokerError when the broker refuses.
        """
        role = device_role(device.login)
        client = {
            "username": device.login,
            "password": device.password,
            "roles": [{"rolename": role["rolename"]}],
        }
        created_role, created = await self.command(
            [{"command": "createRole", **role}, {"command": "createClient", **client}]
        )
        again: list[dict[str, Any]] = []
        if "error" in created_role:
            again.append({"command": "modifyRole", **role})
        if "error" in created:
            again.append({"command": "modifyClient", **client})
        again.append({"command": "enableClient" if device.enabled else "disableClient", "username": device.login})
        self._refuse(again, await self.command(again))

    async def remove_device(self, login: str) -> None:
        """Forget a device. Unknown ones are no error."""
        await self.command(
            [
                {"command": "deleteClient", "username": login},
                {"command": "deleteRole", "rolename": f"device-{login}"},
            ]
        )

    async def known_clients(self) -> set[str]:
        """User names the broker knows."""
        command = {"command": "listClients", "count": -1, "offset": 0}
        answers = await self.command([command])
        self._refuse([command], answers)
        return set(answers[0].get("data", {}).get("clients", []))

    @staticmethod
    def _refuse(commands: list[dict[str, Any]], answers: list[dict[str, Any]]) -> None:
        for command, answer in zip(commands, answers, strict=True):
            if "error" in answer:
                raise BrokerError(str(command["command"]), str(answer["error"]))
