"""Our own processes as `hub check` finds them: do they turn, and does each reach what it works with?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from hub.findings import Finding
from hub.metrics import siblings
from hub.services.ports import loopback_of
from hub.settings import Settings

TIMEOUT_S = 3.0
# A process turns a hundred times a second; a full garbage collection or a swapped machine takes no such time.
STANDSTILL_S = 10.0
# Right after a start, or while one ingest worker takes over from another, not all is connected yet.
LOOKS = 3
BETWEEN_LOOKS_S = 2.0

Figures = dict[str, list[tuple[dict[str, str], float]]]


@dataclass(frozen=True, slots=True)
class Seen:
    """One process: its figures, or why there are none."""

    name: str
    figures: Figures
    problem: str = ""

    def figure(self, name: str) -> float | None:
        """The sum over a figure's samples; None for one the process does not have."""
        samples = self.figures.get(name)
        return sum(value for _, value in samples) if samples is not None else None


async def check_processes(settings: Settings, *, here: bool) -> list[Finding]:
    """Every process of a `hub run` on this machine, or of those HUB_METRICS_URLS lists; and the web port."""
    for look in range(LOOKS):
        findings = await _look(settings, here)
        if all(finding.state != "bad" for finding in findings):
            break
        if look < LOOKS - 1:
            await asyncio.sleep(BETWEEN_LOOKS_S)
    return findings


async def _look(settings: Settings, here: bool) -> list[Finding]:
    async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
        addresses = await siblings(settings)
        seen = await asyncio.gather(*(_see(client, name, url) for name, url in addresses.items()))
        numbers = range(1, settings.api_processes + 1) if here else range(1, 2)
        apis = await asyncio.gather(*(_api(client, settings, number, here) for number in numbers))
        web = await _web_port(client, settings, here)
    return [*apis, *(judge(one) for one in seen), *_readers(seen), web]


async def _see(client: httpx.AsyncClient, name: str, url: str) -> Seen:
    try:
        answer = await client.get(url)
        answer.raise_for_status()
        return Seen(name, read_figures(answer.text))
    except (httpx.HTTPError, ValueError) as error:
        return Seen(name, {}, type(error).__name__)


def read_figures(page: str) -> Figures:
    """The samples of a metrics page by name. Raises ValueError for anything else."""
    figures: Figures = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            figures.setdefault(sample.name, []).append((sample.labels, sample.value))
    return figures


def judge(seen: Seen) -> Finding:
    """What is to be said of one process by its figures."""
    if seen.problem:
        return Finding(seen.name, "bad", f"does not answer ({seen.problem}): see its log")
    standstill_s = seen.figure("event_loop_standstill_seconds") or 0.0
    if standstill_s > STANDSTILL_S:
        return Finding(seen.name, "bad", f"hangs: has done nothing for {standstill_s:.0f} s. See its log, end it")
    if seen.figure("push_bus_connected") == 0:
        return Finding(seen.name, "bad", "does not reach Redis: open pages are not live")
    failing = [labels.get("name", "") for labels, value in seen.figures.get("worker_rounds_failing", []) if value]
    if failing:
        return Finding(seen.name, "bad", f"fails at {', '.join(sorted(failing))}: see its log")
    connected = seen.figure("ingest_broker_connected")
    if connected is not None:
        return Finding(seen.name, "good", "running, reads from the broker" if connected else "running, stands by")
    return Finding(seen.name, "good", "running")


def _readers(seen: list[Seen]) -> list[Finding]:
    """One worker reads and the others stand by; that none reads is what no single one can tell."""
    connected = [figure for one in seen if (figure := one.figure("ingest_broker_connected")) is not None]
    if not connected or any(connected):
        return []
    return [Finding("ingest", "bad", "no worker reads from the broker: fixes wait there. See the workers' logs")]


async def _api(client: httpx.AsyncClient, settings: Settings, number: int, here: bool) -> Finding:
    name = f"api-{number}"
    url = f"http://{loopback_of(settings.internal_host)}:{settings.web_port('api', number)}/health/ready"
    try:
        parts = msgspec.json.decode((await client.get(url)).content, type=dict[str, str])
    except (httpx.HTTPError, msgspec.MsgspecError) as error:
        if here:
            return Finding(name, "bad", f"does not answer ({type(error).__name__}): see its log")
        return Finding("api", "note", "does not run here: look from where it does, docker compose exec api hub check")
    away = {"database": "the database", "bus": "Redis", "broker": "the broker"}
    down = [away.get(part, part) for part, state in parts.items() if state != "up"]
    if down:
        return Finding(name, "bad", f"does not reach {' and '.join(down)}: see its log")
    return Finding(name, "good", "running")


async def _web_port(client: httpx.AsyncClient, settings: Settings, here: bool) -> Finding:
    is_https = settings.certificate == "certbot"
    own = httpx.URL(scheme="https" if is_https else "http", host=loopback_of(settings.host), port=settings.port)
    url = str(own) if here else settings.web_url
    # The certificate is shown, and is one, for the public name alone.
    extensions = {"sni_hostname": httpx.URL(settings.web_url).host} if here and is_https else {}
    try:
        answer = await client.get(f"{url}/health/live", extensions=extensions)
        problem = "" if answer.text == "alive\n" else f"answers {answer.status_code}, but not as ours"
    except httpx.HTTPError as error:
        problem = f"does not answer ({type(error).__name__})"
    if not problem:
        return Finding("web", "good", f"{url} answers")
    if here:
        look = "is its certificate there? See the hub's log" if is_https else "see haproxy's log"
        return Finding("web", "bad", f"{url} {problem}: {look}")
    # Many a network does not let its own machines in by the public name.
    return Finding("web", "note", f"{url} {problem}, seen from here: look at the proxy in front")
