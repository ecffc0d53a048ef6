"""`make profile`: a flame graph of ingest's hot path under full load, as bench/results/ingest.svg.

py-spy looks at the process from outside; without root it may need the kernel's leave (kernel.yama.ptrace_scope).
"""

import argparse
import asyncio
import shutil
import sys
from pathlib import Path

from bench.ingest import STORED, Accounts, Load, drive, start_workers
from bench.world import World

RESULTS = Path(__file__).parent / "results"
SAMPLES_A_SECOND = 200
PHONES = 500


async def profile(seconds: float, out: Path) -> None:
    """Load one worker and record it meanwhile."""
    world = World()
    try:
        await world.start()
        logins = await world.admit(await world.make_trips(PHONES))
        (worker,) = await start_workers(world, 1)
        load = await Load.start(world, logins)
        connection = await world.connect()

        async def progress() -> int:
            return int(await connection.fetchval(STORED))

        words = ["record", "--pid", str(worker.pid), "--output", str(out), "--duration", str(int(seconds))]
        spy = await asyncio.create_subprocess_exec(
            shutil.which("py-spy", path=str(Path(sys.executable).parent)) or "py-spy",
            *words,
            "--rate",
            str(SAMPLES_A_SECOND),
            "--nonblocking",
            stdout=asyncio.subprocess.DEVNULL,
        )
        rate, _ = await drive(load, seconds, progress, Accounts(ingest=worker.pid))
        await spy.wait()
        await load.stop()
        await connection.close()
        sys.stdout.write(f"{rate:,.0f} fixes/s while being watched; {out}\n")
    finally:
        await world.stop()
        shutil.rmtree(world.directory, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    asyncio.run(profile(arguments.seconds, RESULTS / "ingest.svg"))


if __name__ == "__main__":
    main()
