"""Phones that come by HTTP: whose they are, and what is kept of those that cannot be understood."""

from freight.drivers import queries
from freight.drivers.credentials import LOGIN, device_password, login_of, matches, tracker_id
from store.pool import Connection

KEPT_BYTES = 4096


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


async def quarantine(connection: Connection, reason: str, detail: str, payload: bytes) -> None:
    """Keep what a phone sent by HTTP that has no place in the broker; cut to 4 KiB."""
    text = detail.replace("\0", "")[:200]
    await connection.execute(queries.INSERT_QUARANTINE, "http/phone", reason, text, payload[:KEPT_BYTES], len(payload))


async def delete_old_quarantine(connection: Connection, retention_days: int) -> None:
    """Drop what was set aside longer ago than positions are kept; for the worker's regular round."""
    await connection.execute(queries.DELETE_OLD_QUARANTINE, retention_days)
