"""The `hub` command."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer
import uvloop
from rich.console import Console

from hub import logs
from hub.errors import HubError
from hub.settings import ProcessKind, Settings, load
from hub.user_commands import users

if TYPE_CHECKING:
    from hub.findings import Finding

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="Live tracking of freight."
)
app.add_typer(users, name="user")
MARKS = {"good": "[green]✓[/green]", "note": "[yellow]•[/yellow]", "bad": "[red]✗[/red]"}


def main() -> None:
    """Run the command line; operating errors are one line and an exit code, bugs a traceback."""
    try:
        app()
    except HubError as error:
        Console(stderr=True).print(f"hub: {error}", style="red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(error.exit_code)


def _run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


@app.command("run")
def run_command(
    demo: Annotated[bool, typer.Option("--demo", help="Fill it with a living demonstration.")] = False,
    speed_up: Annotated[float | None, typer.Option("--speed-up", help="How much faster demo trucks drive.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="The web port.")] = None,
) -> None:
    """Start everything on this machine: services, processes and the web port."""
    from hub.run import run

    overrides = {"HUB_DEMO_SPEED_UP": speed_up, "HUB_PORT": port}
    settings = load({name: str(value) for name, value in overrides.items() if value is not None})
    logs.configure("hub", settings.log_format, settings.log_level)
    _run(run(settings, demo))


@app.command()
def migrate() -> None:
    """Bring the database's schema and the broker's accounts up to date, waiting for both."""
    from hub.run import prepare, wait_for_external

    settings = load()
    logs.configure("migrate", settings.log_format, settings.log_level)

    async def work() -> None:
        await wait_for_external(settings, print)
        await prepare(settings)

    _run(work())


@app.command("retry-jobs")
def retry_jobs_command() -> None:
    """Let the worker try once more what it gave up on."""
    from hub.upkeep import retry_jobs

    count = asyncio.run(retry_jobs(load()))
    Console().print(f"{count} job{'' if count == 1 else 's'} will be tried again.", highlight=False)


@app.command()
def check() -> None:
    """Explain the state of every part; exit code 1 if something is wrong."""
    from hub.check import check_all

    findings = asyncio.run(check_all(load()))
    show(findings)
    if any(finding.state == "bad" for finding in findings):
        raise typer.Exit(1)


def show(findings: list[Finding]) -> None:
    """Print a report."""
    console = Console()
    for finding in findings:
        console.print(MARKS[finding.state], end=" ")
        console.print(f"{finding.part:<18} {finding.text}", highlight=False, markup=False, soft_wrap=True)


def _process(kind: ProcessKind) -> None:
    # Here and in the commands: what one process does not need it does not import, most of its time to start.
    from hub.processes import run_process

    settings: Settings = load()
    _run(run_process(kind, settings))


@app.command()
def api() -> None:
    """One api process: HTTP."""
    _process("api")


@app.command()
def push() -> None:
    """One push process: live WebSockets."""
    _process("push")


@app.command()
def ingest() -> None:
    """One ingest worker: phones' fixes from the broker."""
    _process("ingest")


@app.command()
def worker() -> None:
    """One job worker: notifications, devices, upkeep."""
    _process("worker")


@app.command(hidden=True)
def demo() -> None:
    """The demonstration's phones, beside a running hub."""
    _process("demo")
