"""The machine a figure was taken on, and the operating system's account of who used it."""

import os
import platform
from pathlib import Path

import msgspec

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Machine(msgspec.Struct, frozen=True):
    """What a reader must know to compare figures."""

    processor: str
    cores: int
    memory_gib: float
    kernel: str
    python: str


def describe() -> Machine:
    """This machine."""
    models = [line.partition(":")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    memory_bytes = os.sysconf("SC_PHYS_PAGES") * PAGE_BYTES
    return Machine(
        processor=models[0].strip() if models else platform.machine(),
        cores=os.cpu_count() or 1,
        memory_gib=round(memory_bytes / 2**30, 1),
        kernel=platform.release(),
        python=platform.python_version(),
    )


def children(pid: int) -> list[int]:
    """`pid` and everything below it that lives."""
    below: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            below.setdefault(parent, []).append(int(entry.name))
    found, queue = [], [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        queue += below.get(one, [])
    return found


def processor_seconds(pid: int) -> float:
    """User and system seconds of a process, its living descendants and those it has already buried."""
    total = 0
    for one in children(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # utime, stime, and of waited-for children cutime, cstime (fields 14-17 of proc(5)).
        total += sum(int(field) for field in fields[11:15])
    return total / TICKS_PER_S


def resident_mib(pid: int) -> float:
    """Resident memory of one process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES / 2**20
