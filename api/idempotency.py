"""A request sent again after a lost answer does nothing twice: it gets the answer of the first.

`Idempotency-Key` is a text the client makes up for one thing to be made. It is written down in the transaction that
makes the thing, with the answer, and kept for a day. Answers hold one-time links and passwords, so they are sealed
with a key of the hub's own; a copy of the database opens none.
"""

import hashlib
import hmac
import secrets

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request

from api.problems import RequestRefused
from freight.errors import Conflict
from store.kept_answers import KeptAnswer, claim, find, keep
from store.pool import Connection

HEADER = "idempotency-key"
LONGEST_KEY = 255
_NONCE_BYTES = 12


class Repeat(msgspec.Struct, frozen=True):
    """A request that may be one already carried out: who sent it, its key, and what it asks."""

    key: str
    user_id: int
    path: str
    body: bytes

    @property
    def request_hash(self) -> bytes:
        """What a repeat must be equal in."""
        return hashlib.sha256(b"\0".join((self.path.encode(), self.body))).digest()

    @property
    def context(self) -> bytes:
        """What a sealed answer belongs to."""
        return f"idempotency_keys.answer:{self.user_id}:{self.key}".encode()


class Known(msgspec.Struct, frozen=True):
    """The answer the first request got: the bytes of its body."""

    content: bytes


def key_of(request: Request) -> str | None:
    """The request's key, None when it has none. Raises RequestRefused for one that cannot be."""
    given = request.headers.get(HEADER)
    if given is None:
        return None
    # The draft of the standard writes it as a quoted text; most clients do not.
    key = given.strip().removeprefix('"').removesuffix('"')
    if not key or len(key) > LONGEST_KEY or not all("!" <= letter <= "~" for letter in key):
        raise RequestRefused(
            400, "bad_idempotency_key", f"1 to {LONGEST_KEY} printable ASCII characters without blanks", HEADER
        )
    return key


async def begin(connection: Connection, secret: bytes, repeat: Repeat) -> Known | None:
    """Claim the key in the caller's transaction; the first answer when it was claimed before.

    Raises Conflict when the key was used for something else.
    """
    return _known(secret, repeat, await claim(connection, repeat.user_id, repeat.key, repeat.request_hash))


async def known(connection: Connection, secret: bytes, repeat: Repeat) -> Known | None:
    """The first answer, if there is one already: asked before anything that would refuse what is done by now.

    Raises Conflict when the key was used for something else.
    """
    return _known(secret, repeat, await find(connection, repeat.user_id, repeat.key))


def _known(secret: bytes, repeat: Repeat, kept: KeptAnswer | None) -> Known | None:
    if kept is None:
        return None
    if not hmac.compare_digest(kept.request_hash, repeat.request_hash):
        raise Conflict("idempotency_key_reused", "this key was used for another request")
    return Known(_open(secret, repeat, kept.answer))


async def finish(connection: Connection, secret: bytes, repeat: Repeat, content: bytes) -> None:
    """Keep the answer, in the transaction that makes it true."""
    await keep(connection, repeat.user_id, repeat.key, _seal(secret, repeat, content))


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(hmac.digest(secret, b"idempotency", "sha256"))


def _seal(secret: bytes, repeat: Repeat, content: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher(secret).encrypt(nonce, content, repeat.context)


def _open(secret: bytes, repeat: Repeat, sealed: bytes) -> bytes:
    return _cipher(secret).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], repeat.context)
