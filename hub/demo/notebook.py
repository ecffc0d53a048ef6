"""What the demonstration keeps between two starts: sign-ins, the share link, and how every truck drives."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from hub.demo.plans import DrivePlan

FILE = "demo.json"


class Notebook(msgspec.Struct):
    """`drivers` are those whose phones are simulated, `drives` their plans by driver id; `yours` is the one whose
    phone nobody simulates."""

    organisation_id: int
    user_id: int
    login: str
    password: str
    yours: int = 0
    drivers: list[int] = []
    share_url: str = ""
    driver_url: str = ""
    is_set: bool = False
    drives: dict[int, DrivePlan] = {}


def read_notebook(directory: Path) -> Notebook | None:
    """The notebook of an earlier start; None when there is none that can be read."""
    try:
        return msgspec.json.decode((directory / FILE).read_bytes(), type=Notebook)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_notebook(directory: Path, notebook: Notebook) -> None:
    """Write it whole, readable by its owner alone: it holds a password."""
    fresh = directory / f"{FILE}.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(notebook), indent=1))
    fresh.replace(directory / FILE)


def sign_ins(notebook: Notebook, web_url: str) -> list[tuple[str, str]]:
    """What to show whoever started the demonstration: (what it is, address or words)."""
    return [
        ("Dispatcher's cabinet", web_url),
        ("  sign in as", f"{notebook.login}   password {notebook.password}"),
        ("Customer's link", notebook.share_url),
        ("Driver's page, once", notebook.driver_url),
    ]
