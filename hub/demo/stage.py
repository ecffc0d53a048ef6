"""The demonstration's own process: opens what it needs, plays, and prints where to look."""

from __future__ import annotations

import asyncio

import structlog
from rich.console import Console

from freight.routes.router import RoadRouter
from hub.addresses import remarks
from hub.demo.cast import Theatre, hire
from hub.demo.notebook import Notebook, read_notebook, sign_ins
from hub.demo.play import Play
from hub.settings import Settings
from store.bus import Bus
from store.pool import Pool, open_pool

log = structlog.get_logger()

STANDING = "select 1 from users where id = $1 and organisation_id = $2"


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Play until `stop` is set. The hub's database, broker, bus, ingest and worker must be up or coming up."""
    pool = await open_pool(settings.database(max_size=6))
    bus = Bus(settings.bus())
    try:
        async with RoadRouter(settings.routing()) as router:
            theatre = Theatre(pool, bus, settings.freight(), settings.broker_admin(), router, settings.demo_speed_up)
            notebook = await _notebook(theatre, settings)
            play = Play(theatre, notebook, settings.data_dir)
            await play.open()
            await _play(play, settings, stop)
    finally:
        await bus.close()
        await pool.close()


async def _notebook(theatre: Theatre, settings: Settings) -> Notebook:
    """The earlier start's notebook, unless the database it belongs to is gone."""
    notebook = read_notebook(settings.data_dir)
    if notebook is not None and await _is_standing(theatre.pool, notebook):
        return notebook
    return await hire(theatre)


async def _is_standing(pool: Pool, notebook: Notebook) -> bool:
    return bool(await pool.fetchval(STANDING, notebook.user_id, notebook.organisation_id))


async def _play(play: Play, settings: Settings, stop: asyncio.Event) -> None:
    ready = asyncio.Event()
    playing = asyncio.create_task(play.run(ready))
    stopping = asyncio.create_task(stop.wait())
    curtain = asyncio.create_task(ready.wait())
    await asyncio.wait([playing, stopping, curtain], return_when=asyncio.FIRST_COMPLETED)
    if ready.is_set() and not stop.is_set():
        _show(play.notebook, settings)
        await asyncio.wait([playing, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, curtain):
        task.cancel()
    if not playing.done():
        playing.cancel()
    await asyncio.gather(stopping, curtain, return_exceptions=True)
    try:
        await playing
    except asyncio.CancelledError:
        log.info("demo_stopped")


def _show(notebook: Notebook, settings: Settings) -> None:
    console = Console(soft_wrap=True, highlight=False)
    console.print()
    for what, where in sign_ins(notebook, settings.web_url):
        console.print(f"  {what:<22}{where}", markup=False)
    console.print()
    for text in remarks(settings):
        console.print(f"  ! {text}\n", markup=False)
