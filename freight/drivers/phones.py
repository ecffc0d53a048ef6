"""Phones that come by HTTP: whose they are, and what is kept of those that cannot be understood."""

import msgspec

from freight.drivers import queries
from freight.drivers.credentials import LOGIN, device_password, login_of, matches, tracker_id
from store.pool import Connection

KEPT_BYTES = 4096
MOST_DETAIL = 200
SHORT_LOGIN = 6


class Refused(msgspec.Struct, frozen=True):
    """A request of a phone that became no message: `size` in bytes; `login` only once it has proved itself."""

    reason: str
    detail: str
    size: int
    payload: bytes = b""
    login: str = ""


async def tracker_login(connection: Connection, secret: bytes, identifier: str) -> str | None:
    """The login of a tracker by its only credential, its identifier; None for an unknown or disabled one."""
    login, version = await _known(connection, login_of(identifier))
    if login is None or not matches(identifier, tracker_id(secret, login, version)):
        return None
    return login


async def is_device(connection: Connection, secret: bytes, login: str, password: str) -> bool:
    """Whether an enabled device has this password."""
    known, version = await _known(connection, login)
    return known is not None and matches(password, device_password(secret, known, version))


async def _known(connection: Connection, login: str) -> tuple[str | None, int]:
    if not LOGIN.fullmatch(login):
        return None, 0
    row = await connection.fetchrow(queries.CREDENTIALS, login)
    return (row["login"], row["secret_version"]) if row else (None, 0)


def short_login(identifier: str) -> str:
    """Enough of an unknown identifier to find whose phone it is; too little to be let in with."""
    return login_of(identifier)[:SHORT_LOGIN]


async def quarantine(connection: Connection, refused: Refused) -> None:
    """Write down what came by HTTP and has no place in the broker.

    Of its payload the first 4 KiB are kept, and only while the driver of `login` is on a trip.
    """
    await connection.execute(
        queries.INSERT_QUARANTINE,
        f"owntracks/{refused.login}" if refused.login else "http/phone",
        refused.reason,
        refused.detail.replace("\0", "")[:MOST_DETAIL],
        refused.payload[:KEPT_BYTES],
        refused.size,
        refused.login,
    )


async def delete_old_quarantine(connection: Connection, retention_days: int) -> None:
    """Drop what was set aside longer ago than positions are kept; for the worker's regular round."""
    await connection.execute(queries.DELETE_OLD_QUARANTINE, retention_days)
