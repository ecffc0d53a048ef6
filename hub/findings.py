"""What `hub check` says of one part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `bad` ones make the exit code 1."""

    part: str
    state: State
    text: str
