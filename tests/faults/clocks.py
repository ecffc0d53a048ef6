"""Wall clocks that can be set while their process runs, by libfaketime, which stands before the C library in it.

Only the wall clock is set: the monotonic one, by which timeouts and pauses are measured, goes on as on a machine whose
administrator or time server sets the clock. Version 0.9.10 makes `time.sleep` of Python 3.11 fail in such a process
(wolfcw/libfaketime#426): none of ours, which live on event loops, may call it.
"""

import dataclasses
import os
from pathlib import Path

from hub.services.process import OwnProcess

LIBRARIES = Path("/usr/lib")
LIBRARY = "*/faketime/libfaketimeMT.so.1"
# The library looks into its file again no later than this after a look.
SEEN_WITHIN_S = 1.0


def library() -> Path:
    """Where libfaketime is. Raises RuntimeError that says how to get it."""
    found = sorted(LIBRARIES.glob(LIBRARY))
    if not found:
        raise RuntimeError("no clock can be set without the system package libfaketime: run `setup/setup.sh test`")
    return found[0]


class Clock:
    """The wall clock of one process, also of its successors. `ahead_s` is how far it is ahead of the true time now;
    `was_ahead_s` are all the distances it ever had."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.was_ahead_s: set[int] = set()
        self.set(0)

    def set(self, ahead_s: int) -> None:
        """Put the clock so many seconds ahead of the true time, or behind it if negative."""
        self.ahead_s = ahead_s
        self.was_ahead_s.add(ahead_s)
        # In one step: a process that finds half a number would believe it.
        new = self.file.with_suffix(".new")
        new.write_text(f"{ahead_s:+d}\n")
        new.replace(self.file)

    def give_to(self, process: OwnProcess) -> None:
        """Let a process read this clock from its next start on."""
        inherited = os.environ if process.plan.environment is None else process.plan.environment
        process.plan = dataclasses.replace(process.plan, environment={**inherited, **self._environment()})

    def _environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": str(int(SEEN_WITHIN_S)),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Files keep the times they have.
            "NO_FAKE_STAT": "1",
        }
