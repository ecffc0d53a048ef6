"""`python -m bench [leg …]`: measure and report. Without names every leg runs."""

import argparse
import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import beside, copying, fanout, ingest, latency, scale, track, truth, web_port
from bench.report import Figure, show
from bench.world import World

PHONES = 500
RESULTS = Path(__file__).parent / "results"

Leg = Callable[[World, Path, int, float], Awaitable[list[Figure]]]
LEGS: dict[str, Leg] = {
    "ingest": ingest.leg,
    "copying": copying.leg,
    "commit": latency.commit_leg,
    "live": latency.live_leg,
    "fanout": fanout.leg,
    "scale": scale.leg,
    "track": track.leg,
    "web": web_port.leg,
    "beside": beside.leg,
}
# Legs that only compute.
ALONE: dict[str, Callable[[], list[Figure]]] = {"truth": truth.figures}


async def measure(names: list[str], runs: int, seconds: float, keep: bool) -> list[Figure]:
    """Run legs one after another, those that need services each in a fresh world."""
    figures: list[Figure] = []
    for name in names:
        sys.stderr.write(f"{name} …\n")
        if name in ALONE:
            figures += ALONE[name]()
            continue
        world = World()
        try:
            await world.start()
            logins = await world.admit(await world.make_trips(PHONES))
            figures += await LEGS[name](world, logins, runs, seconds)
        finally:
            await world.stop()
            if not keep:
                shutil.rmtree(world.directory, ignore_errors=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("legs", nargs="*", metavar="leg", help=", ".join((*LEGS, *ALONE)))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--keep", action="store_true", help="keep the scratch folder and its logs")
    arguments = parser.parse_args()
    names = (*LEGS, *ALONE)
    unknown = set(arguments.legs) - set(names)
    if unknown:
        parser.error(f"no leg called {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    figures = asyncio.run(measure(arguments.legs or list(names), arguments.runs, arguments.seconds, arguments.keep))
    sys.stdout.write(f"{show(figures, RESULTS)}\n")


if __name__ == "__main__":
    main()
