"""A lease: of all processes that want the same turn, one has it; its death or silence gives it to the next.

PostgreSQL keeps the lease as an advisory lock of a connection of its own. The lock ends with the connection, and the
server ends the connection when its holder says nothing for a while: a killed process loses its turn at once, a frozen
one within `silence_s`. Until a frozen holder knows, two may think it theirs: whoever relies on a lease must be right
even then.
"""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg
import structlog

from store.away import DATABASE_ERRORS, is_away
from store.pauses import Backoff, happens_within

log = structlog.get_logger()

ASK_EVERY_S = 0.25
LONGEST_PAUSE_S = 5.0
# Pings that fit into the silence the server bears.
PINGS = 5

TAKE_TURN = "select pg_try_advisory_lock($1)"
# The shortest statement there is: the server is heard, nothing is asked.
ANY_WORD = "select"

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection


class Lease:
    """One process's wish for the turn `key`, an integer all contenders share. `held` is set while it is ours."""

    def __init__(self, url: str, key: int, silence_s: float = 5.0) -> None:
        self.url = url
        self.key = key
        self.silence_s = silence_s
        self.held = asyncio.Event()
        self._connection: Connection | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Ask for the turn and keep it, until `stop` is set; what is held then is held until `give_back`.

        A database that is away is asked again.
        """
        backoff = Backoff(ASK_EVERY_S, LONGEST_PAUSE_S)
        while not stop.is_set():
            try:
                connection = await self._connect()
                await self._win(connection, stop)
                backoff.reset()
                await self._keep(connection, stop)
            except DATABASE_ERRORS as error:
                self.held.clear()
                if not is_away(error):
                    raise
                pause_s = backoff.pause_s()
                log.warning("lease_unknown", error=str(error) or type(error).__name__, again_in_s=round(pause_s, 2))
                await happens_within(stop, pause_s)

    async def _connect(self) -> Connection:
        await self.give_back()
        connection = await asyncpg.connect(
            self.url,
            timeout=self.silence_s,
            server_settings={
                "application_name": "reis lease",
                "idle_session_timeout": str(int(self.silence_s * 1000)),
                # A machine that vanished says not even goodbye.
                "tcp_keepalives_idle": "3",
                "tcp_keepalives_interval": "1",
                "tcp_keepalives_count": "3",
            },
        )
        connection.add_termination_listener(self._ended)
        self._connection = connection
        return connection

    def _ended(self, connection: object) -> None:
        # The late word of an earlier connection says nothing of the one that holds the turn now.
        if connection is self._connection:
            self.held.clear()

    async def _win(self, connection: Connection, stop: asyncio.Event) -> None:
        # Asked again and again instead of waited for: a waiting query would keep the server from cleaning up.
        while not stop.is_set():
            if await connection.fetchval(TAKE_TURN, self.key, timeout=self.silence_s):
                self.held.set()
                return
            await happens_within(stop, ASK_EVERY_S)

    async def _keep(self, connection: Connection, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await connection.execute(ANY_WORD, timeout=self.silence_s)
            await happens_within(stop, self.silence_s / PINGS)

    async def give_back(self) -> None:
        """Let the next one have the turn; nothing happens when it is not ours."""
        self.held.clear()
        connection, self._connection = self._connection, None
        if connection is not None and not connection.is_closed():
            with suppress(*DATABASE_ERRORS):
                await connection.close(timeout=self.silence_s)
