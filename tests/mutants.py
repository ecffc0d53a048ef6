"""What no test misses: `python -m tests.mutants freight/tracking ingest` takes one guard away at a time.

A guard is a row or advisory lock, a limit, a filter that keeps something private, or, with `--edges`, the edge of a
comparison. Each is taken out of a copy of the sources, and the tests beside it are run until the first one fails; what
none of them misses is printed as it survives. By hand, since each guard costs seconds, or minutes when it survives.
"""

import argparse
import ast
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
# Which tests look after a folder or file; the longest beginning counts.
BESIDE = {
    "freight": ["tests/freight", "tests/api"],
    "freight/accounts": [
        "tests/freight/test_locked_out_meanwhile.py",
        "tests/api/test_at_once.py",
        "tests/api/test_sessions.py",
    ],
    "freight/drivers": [
        "tests/freight/test_shifts.py",
        "tests/freight/test_quarantine.py",
        "tests/freight/test_locked_out_meanwhile.py",
        "tests/freight/test_devices_at_the_broker.py",
        "tests/api/test_at_once.py",
        "tests/api/test_drivers.py",
        "tests/api/test_boundaries.py",
        "tests/api/test_phones.py",
    ],
    "freight/notifications": ["tests/freight/test_notifications.py", "tests/api/test_notifications.py"],
    "freight/orders": ["tests/api/test_at_once.py", "tests/api/test_trips.py", "tests/ingest/test_tracking.py"],
    "freight/places": ["tests/freight/places"],
    "freight/shares": ["tests/api/test_at_once.py", "tests/api/test_shares.py", "tests/push/test_shares.py"],
    "freight/tracking": [
        "tests/ingest/test_at_once.py",
        "tests/ingest/test_tracking.py",
        "tests/ingest/test_pipeline.py",
        "tests/ingest/test_refolds.py",
        "tests/api/test_trips.py",
    ],
    "freight/trips": [
        "tests/api/test_at_once.py",
        "tests/api/test_trips.py",
        "tests/api/test_drivers.py",
        "tests/api/test_shares.py",
        "tests/api/test_boundaries.py",
    ],
    "ingest": ["tests/ingest", "--ignore=tests/ingest/test_faults.py"],
    "store": ["tests/store"],
}
# What becomes of a line: a guard, and what stands in its place. Parameters stay used, or the statement would not fit.
LOCKS = [
    (r"\bfor (no key )?update( of \w+)?(?! in|\w|,)|\bfor share\b(?! in)", ""),
    # Shared, it keeps nobody out.
    (r"pg_advisory_xact_lock\(", "pg_advisory_xact_lock_shared("),
]
LIMITS = [
    (r"(?i)\blimit (\$\d+|\d+)", r"limit 1000000 + \1"),
    # Where it is used, not where it is said.
    (r"(?<!import )\b(MOST|LONGEST)_\w+\b(?! = |, \w+$|,$|$)", "1_000_000_000"),
]
PRIVACY = [
    (r"(\w+\.)?(disabled_at|revoked_at|window_to|used_at) is null(?! as|\))", "true"),
    (r"(\w+\.)?organisation_id = (\$\d+)", r"\2::int is not null"),
    (r"(\w+\.)?(organisation_id|driver_id) = (\w+\.)(organisation_id|driver_id)", "true"),
    (r"(\w+\.)?(expires_at|window_to) > now\(\)( - interval '[^']+')?", "true"),
]
EDGES = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}


class Mutant(NamedTuple):
    """One line of a file, and what is written in its place."""

    path: str
    number: int
    line: str
    written: str


def mutants_of(path: Path, edges: bool) -> Iterator[Mutant]:
    """The file without one of its guards at a time."""
    text = path.read_text(encoding="utf-8")
    name = str(path.relative_to(ROOT))
    for number, line in enumerate(text.splitlines()):
        if line.lstrip().startswith(("#", "--", '"""', "from freight", "from ingest")):
            continue
        for guard, instead in [*LOCKS, *LIMITS, *PRIVACY]:
            for found in re.finditer(guard, line):
                written = line[: found.start()] + found.expand(instead) + line[found.end() :]
                yield Mutant(name, number, line, written)
    if edges:
        yield from _edges(name, text)


def _edges(name: str, text: str) -> Iterator[Mutant]:
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Compare) or node.left.end_lineno != node.comparators[0].lineno:
            continue
        edge = EDGES.get(type(node.ops[0]))
        if edge is None or node.left.end_col_offset is None:
            continue
        number, start, end = node.comparators[0].lineno - 1, node.left.end_col_offset, node.comparators[0].col_offset
        # Offsets are in bytes.
        line = lines[number].encode()
        yield Mutant(name, number, lines[number], (line[:start] + f" {edge} ".encode() + line[end:]).decode())


def tests_of(path: str) -> list[str]:
    """The tests beside a file."""
    beside = [folder for folder in BESIDE if path == folder or path.startswith(f"{folder}/")]
    return BESIDE[max(beside, key=len)] if beside else ["tests"]


def survives(mutant: Mutant, copy: Path, tests: list[str]) -> bool:
    """Whether all tests pass without the guard."""
    target = copy / mutant.path
    whole = target.read_text(encoding="utf-8")
    lines = whole.splitlines(keepends=True)
    lines[mutant.number] = f"{mutant.written}\n"
    target.write_text("".join(lines), encoding="utf-8")
    try:
        words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
        return subprocess.run(words, cwd=copy, capture_output=True, check=False).returncode == 0
    finally:
        target.write_text(whole, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", help="folders or files")
    parser.add_argument("--edges", action="store_true", help="comparisons as well")
    parser.add_argument("--only", default="", help="only lines with this pattern")
    parser.add_argument("--tests", nargs="*", help="instead of those beside the file")
    parser.add_argument("--minutes", type=float, default=60)
    arguments = parser.parse_args()
    files = [path for name in arguments.paths for path in sorted((ROOT / name).rglob("*.py")) or [ROOT / name]]
    found = [mutant for path in files for mutant in mutants_of(path, arguments.edges)]
    chosen = [one for one in found if re.search(arguments.only, one.line)]
    give_up_at = time.monotonic() + arguments.minutes * 60
    with tempfile.TemporaryDirectory(prefix="reis-mutants-") as folder:
        copy = Path(folder) / "copy"
        unwanted = shutil.ignore_patterns(".git", ".venv", "node_modules", ".data", ".*_cache", "__pycache__")
        shutil.copytree(ROOT, copy, ignore=unwanted)
        copy.parent.chmod(0o755)
        alive = 0
        for number, mutant in enumerate(chosen):
            if time.monotonic() > give_up_at:
                print(f"out of time: {len(chosen) - number} not tried")
                break
            survived = survives(mutant, copy, arguments.tests or tests_of(mutant.path))
            alive += survived
            word = "SURVIVES" if survived else "missed"
            print(
                f"{word:<9} {mutant.path}:{mutant.number + 1} {mutant.line.strip()} → {mutant.written.strip()}",
                flush=True,
            )
        print(f"{alive} survive")


if __name__ == "__main__":
    main()
