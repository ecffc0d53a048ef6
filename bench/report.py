"""Figures as a table for people and as JSON for comparison."""

import datetime as dt
import statistics
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from bench.machine import Machine, describe


class Figure(msgspec.Struct, frozen=True):
    """One measured quantity over the runs. `wanted` is the number to reach, such as `>= 0.6`."""

    leg: str
    name: str
    unit: str
    values: list[float]
    wanted: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether the median satisfies `wanted`; None where nothing is wanted."""
        if not self.wanted:
            return None
        relation, limit = self.wanted.split()
        median = statistics.median(self.values)
        return median >= float(limit) if relation == ">=" else median <= float(limit)


class Report(msgspec.Struct):
    """All figures of one call of the bench."""

    machine: Machine
    taken_at: dt.datetime
    figures: list[Figure]


def written(value: float) -> str:
    """Three significant figures, thousands apart."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def show(figures: list[Figure], directory: Path) -> Path:
    """Print the table and write the JSON beside the earlier ones; returns its path."""
    machine = describe()
    console = Console(width=150)
    console.print(f"{machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB, Linux {machine.kernel}")
    table = Table("leg", "figure", "min", "median", "max", "unit", "wanted", "reached")
    for figure in figures:
        low, middle, high = min(figure.values), statistics.median(figure.values), max(figure.values)
        verdict = {None: "", True: "yes", False: "[bold red]NO"}[figure.reached]
        table.add_row(
            figure.leg, figure.name, written(low), written(middle), written(high), figure.unit, figure.wanted, verdict
        )
    console.print(table)
    now = dt.datetime.now(dt.UTC)
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{now:%Y%m%d-%H%M%S}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(Report(machine, now, figures)), indent=1))
    return path
