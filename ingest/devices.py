"""Whose login it is: devices by the name they publish under, kept for a few seconds."""

import time
from collections.abc import Iterable

import msgspec

from store.pool import Connection

KEPT_S = 5.0
MOST_KEPT = 50_000

DEVICES = """
select d.id, d.login, d.driver_id, d.kind, r.on_shift
from driver_devices d join drivers r on r.id = d.driver_id
where d.login = any($1::text[]) and d.disabled_at is null
"""


class Device(msgspec.Struct, frozen=True):
    """A phone that may speak, and the driver it speaks for."""

    id: int
    login: str
    driver_id: int
    kind: str
    on_shift: bool


class DeviceBook:
    """Devices by login. Unknown logins are asked for every time: one just added must be heard at once."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, Device]] = {}

    async def of(self, connection: Connection, logins: Iterable[str]) -> dict[str, Device]:
        """The known, enabled devices among these logins."""
        now = time.monotonic()
        wanted = set(logins)
        fresh = {
            login: kept[1]
            for login in wanted
            if (kept := self._known.get(login)) is not None and now - kept[0] < KEPT_S
        }
        missing = [login for login in wanted if login not in fresh]
        if not missing:
            return fresh
        if len(self._known) > MOST_KEPT:
            self._known.clear()
        for login in missing:
            self._known.pop(login, None)
        for row in await connection.fetch(DEVICES, missing):
            device = Device(row["id"], row["login"], row["driver_id"], row["kind"], row["on_shift"])
            self._known[device.login] = (now, device)
            fresh[device.login] = device
        return fresh
