"""The broker's accounts for our own processes: what each may publish and subscribe, everything else denied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hub.errors import ForeignBroker
from hub.settings import MOST_PROCESSES
from store.broker import BrokerControl, BrokerError

FIXES = "owntracks/#"
# Made by the broker's own set-up tool; may use the whole control plane.
ADMIN_ROLE = "admin"
# The role that bears its hub's identity as its readable name.
OWNED_ROLE = "ingest"


@dataclass(frozen=True, slots=True)
class BrokerAccount:
    """One account of ours; since user name is client id, every process and worker has its own."""

    username: str
    password: str
    role: str


def _allow(kind: str, topic: str) -> dict[str, Any]:
    return {"acltype": kind, "topic": topic, "priority": 0, "allow": True}


ROLES: dict[str, list[dict[str, Any]]] = {
    "ingest": [
        _allow("subscribePattern", FIXES),
        _allow("unsubscribePattern", "#"),
        _allow("publishClientReceive", FIXES),
        _allow("publishClientSend", "owntracks/+/+/stored"),
    ],
    # The HTTP addresses of Traccar Client and OwnTracks: fixes in, under the name that was authenticated.
    # And a word to a driver's open page that there is news for it.
    "bridge": [_allow("publishClientSend", "owntracks/+/+"), _allow("publishClientSend", "owntracks/+/+/cmd")],
}


def process_accounts(password: str, workers: int = MOST_PROCESSES + 1) -> list[BrokerAccount]:
    """The accounts a running hub needs: `workers` of each kind, the last of which is for looking in from outside."""
    kinds = (("ingest", "ingest"), ("bridge", "bridge"), ("control", ADMIN_ROLE))
    return [
        BrokerAccount(f"{name}-{number}", password, role) for name, role in kinds for number in range(1, workers + 1)
    ]


async def claim(control: BrokerControl, identity: str) -> None:
    """Write down whose broker this is. Raises ForeignBroker when it serves another hub: each would take the other's
    fixes and lock its processes out. Raises BrokerError when the broker refuses."""
    (known,) = await control.command([{"command": "getRole", "rolename": OWNED_ROLE}])
    owner = known.get("data", {}).get("role", {}).get("textname", "")
    if owner == identity:
        return
    if owner:
        raise ForeignBroker(OWNED_ROLE)
    verb = "createRole" if "error" in known else "modifyRole"
    (named,) = await control.command([{"command": verb, "rolename": OWNED_ROLE, "textname": identity}])
    if "error" in named:
        raise BrokerError(verb, str(named["error"]))


async def ensure_accounts(control: BrokerControl, accounts: list[BrokerAccount]) -> None:
    """Make the broker's roles and accounts what this code says, whatever it knew before.

    Raises BrokerError when the broker refuses, aiomqtt.MqttError when the connection breaks.
    """
    roles = [{"rolename": name, "acls": acls} for name, acls in ROLES.items()]
    clients = [
        {"username": account.username, "password": account.password, "roles": [{"rolename": account.role}]}
        for account in accounts
    ]
    for noun, items in (("Role", roles), ("Client", clients)):
        answers = await control.command([{"command": f"create{noun}", **item} for item in items])
        known = [item for item, answer in zip(items, answers, strict=True) if "error" in answer]
        if known:
            again = await control.command([{"command": f"modify{noun}", **item} for item in known])
            for answer in again:
                if "error" in answer:
                    raise BrokerError(f"modify{noun}", str(answer["error"]))
