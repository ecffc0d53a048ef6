"""Prometheus metrics: every process shows its own on an internal port; one page adds them up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable, Iterator, Mapping

import httpx
from prometheus_client import CollectorRegistry, disable_created_metrics, generate_latest, start_http_server
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

SCRAPE_TIMEOUT_S = 1.0
# A second series beside every counter that says when it began: nobody asks.
disable_created_metrics()  # type: ignore[no-untyped-call]


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
    async with httpx.AsyncClient(timeout=SCRAPE_TIMEOUT_S) as client:

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
