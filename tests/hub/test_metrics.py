"""One page of metrics for all processes."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from hub import metrics
from tests.ports import free_ports


def page(count: int) -> bytes:
    registry = CollectorRegistry()
    Counter("fixes", "Fixes", ["outcome"], registry=registry).labels("stored").inc(count)
    Histogram("lag_seconds", "Lag", buckets=(1, 2), registry=registry).observe(1.5)
    return generate_latest(registry)


def test_the_same_metric_of_two_processes_is_one_family_with_both() -> None:
    merged = metrics.merge({"ingest-1": page(3), "ingest-2": page(4)}).decode()
    assert merged.count("# TYPE fixes_total counter") == 1
    assert 'fixes_total{outcome="stored",process="ingest-1"} 3.0' in merged
    assert 'fixes_total{outcome="stored",process="ingest-2"} 4.0' in merged
    assert 'lag_seconds_bucket{le="2.0",process="ingest-1"} 1.0' in merged
    assert [family.name for family in text_string_to_metric_families(merged)].count("fixes") == 1


async def test_a_process_that_is_away_is_shown_as_down(monkeypatch: pytest.MonkeyPatch) -> None:
    up, down = free_ports(2)
    # An operator's proxy for the way out has no part in it.
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{down}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with metrics.shown("127.0.0.1", up):
        siblings = {
            "worker-1": f"http://127.0.0.1:{up}/metrics",
            "ingest-1": f"http://127.0.0.1:{down}/metrics",
        }
        merged = (await metrics.collect(page(1), siblings)).decode()
    assert 'up{process="api"} 1.0' in merged
    assert 'up{process="worker-1"} 1.0' in merged
    assert 'up{process="ingest-1"} 0.0' in merged
    assert 'process_cpu_seconds_total{process="worker-1"}' in merged
