"""Prometheus metrics: every process shows its own on an internal port; one page adds them up."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterable, Iterator, Mapping

import httpx
from prometheus_client import CollectorRegistry, Gauge, disable_created_metrics, generate_latest, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from hub.settings import ProcessKind, Settings

SCRAPE_TIMEOUT_S = 1.0
# A second series beside every counter that says when it began: nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]


PULSE_S = 0.5
STANDSTILL = Gauge(
    "event_loop_standstill_seconds", "How long the event loop has not turned; the page comes all the same"
)


async def keep_pulse() -> None:
    """Let the figures tell, from their own thread, for how long the event loop stands still; until cancelled."""
    turned_at = time.monotonic()
    STANDSTILL.set_function(lambda: time.monotonic() - turned_at)
    while True:
        turned_at = time.monotonic()
        await asyncio.sleep(PULSE_S)


async def siblings(settings: Settings) -> dict[str, str]:
    """The other processes' metrics pages by name: those an operator lists, else those `hub run` starts here.

    A name of several machines, as a scaled service has it, is each of them.
    """
    if settings.metrics_urls:
        listed = [url.strip() for url in settings.metrics_urls.split(",") if url.strip()]
        found = await asyncio.gather(*(_machines(url) for url in listed))
        return {name: url for pages in found for name, url in pages.items()}
    kinds: tuple[ProcessKind, ...] = ("push", "ingest", "worker")
    ours = {
        f"{kind}-{number}": f"http://127.0.0.1:{settings.metrics_port(kind, number)}/metrics"
        for kind in kinds
        for number in range(1, settings.process_count(kind) + 1)
    }
    # Of all it could tell, what tells how full it is and what it refuses.
    return {**ours, "haproxy": f"http://127.0.0.1:{settings.proxy_figures_port}/metrics?scope=frontend&scope=backend"}


async def _machines(address: str) -> dict[str, str]:
    url = httpx.URL(address)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except OSError:
        found = []
    # One machine often has an address of each family.
    family = min((entry[0] for entry in found), default=socket.AF_INET)
    hosts = sorted({str(entry[4][0]) for entry in found if entry[0] == family})
    if len(hosts) < 2:
        return {f"{url.host}:{url.port}" if url.port else url.host: address}
    return {f"{url.host} {host}": str(url.copy_with(host=host)) for host in hosts}


@contextlib.contextmanager
def shown(host: str, port: int) -> Iterator[None]:
    """Show this process's metrics on `http://host:port/metrics` meanwhile. Raises OSError if the port is taken."""
    server, thread = start_http_server(port, addr=host)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def collect(own: bytes, siblings: Mapping[str, str]) -> bytes:
    """One page of `own` metrics and those of `siblings` (process name → address), told apart by a `process` label.

    A sibling that does not answer within a second is shown as `up{process="…"} 0`.
    """
    pages = {"api": own}
    # Whatever proxy the environment names leads out of this machine, not to our own processes.
    async with httpx.AsyncClient(timeout=SCRAPE_TIMEOUT_S, trust_env=False) as client:

        async def scrape(name: str, url: str) -> None:
            with contextlib.suppress(httpx.HTTPError):
                answer = await client.get(url)
                if answer.status_code == 200:
                    pages[name] = answer.content

        await asyncio.gather(*(scrape(name, url) for name, url in siblings.items()))
    return merge(pages, missing=[name for name in siblings if name not in pages])


def merge(pages: Mapping[str, bytes], missing: Iterable[str] = ()) -> bytes:
    """Several pages as one valid page: a family named in more of them appears once, samples labelled by process."""
    families: dict[str, Metric] = {}
    up = families["up"] = Metric("up", "Whether the process answered", "gauge")
    for process, page in pages.items():
        up.add_sample("up", {"process": process}, 1)
        for family in text_string_to_metric_families(page.decode()):
            merged = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            for sample in family.samples:
                merged.add_sample(sample.name, {**sample.labels, "process": process}, sample.value)
    for process in missing:
        up.add_sample("up", {"process": process}, 0)

    class Pages(Collector):
        def collect(self) -> Iterable[Metric]:
            return families.values()

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Pages())
    return generate_latest(registry)
