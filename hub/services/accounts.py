"""The system accounts the private services run under when we are root."""

from __future__ import annotations

import os
import pwd


def account_for(name: str) -> str | None:
    """`name` if we are root and such an account exists, else None: run as ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(name)
    except KeyError:
        return None
    return name
