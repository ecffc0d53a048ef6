"""A process that is told to stop does stop."""

import signal
import subprocess
import sys
import time

STUCK = """
import asyncio, sys
from hub.lifetime import stop_event

async def main():
    stop = stop_event({limit})
    print("ready", flush=True)
    await stop.wait()
    await asyncio.sleep({busy})

asyncio.run(main())
"""


def told_to_stop(limit: float, busy: float) -> tuple[int, str]:
    """Exit code and words of a process that still has `busy` seconds of work when it is told to stop."""
    process = subprocess.Popen(
        (sys.executable, "-c", STUCK.format(limit=limit, busy=busy)), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=30)
    return process.returncode, said


def test_a_process_stuck_in_its_orderly_stop_is_ended() -> None:
    began = time.monotonic()
    code, said = told_to_stop(limit=0.1, busy=60)
    assert code == 1
    assert "not_stopped_in_time" in said
    assert time.monotonic() - began < 20


def test_a_process_that_stops_in_time_ends_as_it_likes() -> None:
    assert told_to_stop(limit=20, busy=0.05) == (0, "")
