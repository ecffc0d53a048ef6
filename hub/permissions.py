"""Who may do what, in words: the table of `freight.permissions` as a page of the documents.

`python -m hub.permissions` rewrites docs/permissions.md; a test compares the file with what would be written.
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from api.app import HEADINGS
from api.http import Endpoint
from freight.permissions import ROOMS, Permission
from hub.sockets import SOCKETS

TARGET = Path(__file__).parent.parent / "docs" / "permissions.md"
HEADER = """<!-- Written by hub/permissions.py from freight/permissions.py: `python -m hub.permissions`. -->
# Who may do what

Every endpoint and every live room has a row in `freight/permissions.py`; none can be declared without one, and
`tests/api/test_boundaries.py` walks the rows with every role, and with things that are one's own, another's and
nobody's. Who is not signed in is answered 401, a role that may not 403, and a thing that is not what the row says 404,
as if it did not exist. `public` asks for no account. Phones come by an address of their own, `/phone`, and prove
themselves with the device's password; what an operator reads (`/health/…`, `/metrics`) is in
[operations.md](operations.md).

What a phone proves itself with is told to its driver alone, on his page. His dispatcher sends him the one-time link.
A driver whom two companies have on their lists is safe from both: each sees its own trips of him and may give him one
when he is free; his name, vehicle, phones and how he signs in are neither's to change.

"""
COLUMNS = "| what | who | whose |\n|---|---|---|\n"


def _row(what: str, permission: Permission) -> str:
    ids = [f"`{name}`: {relation.value}" for name, relation in permission.ids.items()]
    return f"| {what} | {permission.who} | {'<br>'.join(ids) or permission.of.value} |\n"


def _endpoint(endpoint: Endpoint) -> str:
    return _row(f"`{endpoint.method} {endpoint.path}`<br>{endpoint.summary}", endpoint.permission)


def _rooms() -> Iterable[str]:
    addresses = {"organisation": "/ws", "share": "/ws/share"}
    summaries = {socket.path: socket.summary for socket in SOCKETS}
    for noun, permission in ROOMS.items():
        path = addresses.get(noun, "/ws")
        yield _row(f"`{path}`, the room `{noun}`<br>{summaries[path]}", permission)


def document() -> str:
    """The whole page."""
    parts = [HEADER]
    for group in HEADINGS:
        parts += [f"## {group.heading}\n\n", COLUMNS, *(_endpoint(one) for one in group.all), "\n"]
    parts += ["## Live rooms\n\n", COLUMNS, *_rooms()]
    return "".join(parts)


if __name__ == "__main__":
    TARGET.write_text(document(), encoding="utf-8")
    sys.stdout.write(f"{TARGET}\n")
