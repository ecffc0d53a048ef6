"""The production files say the same as the private services they stand for."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.services.binaries import HAPROXY_MINIMUM, find_haproxy
from hub.services.haproxy import CONFIGURATION
from hub.services.mosquitto import DIRECTIVES, LISTENER_DIRECTIVES
from hub.settings import Settings, variables

ROOT = Path(__file__).parents[2]
# What differs by nature: where things are on that machine.
OF_THE_PLACE = {"persistence_location", "log_dest", "plugin", "plugin_opt_config_file"}


@pytest.fixture(scope="module")
def directives() -> list[tuple[str, str]]:
    lines = (ROOT / "mosquitto.conf").read_text().splitlines()
    pairs = [line.strip().partition(" ") for line in lines if line.strip() and not line.startswith("#")]
    return [(name, value) for name, _, value in pairs]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return document


def test_the_production_broker_has_the_private_brokers_directives(directives: list[tuple[str, str]]) -> None:
    first_listener = next(at for at, (name, _) in enumerate(directives) if name == "listener")
    common = [pair for pair in directives[:first_listener] if pair[0] not in OF_THE_PLACE]
    assert common == list(DIRECTIVES)


def test_the_brokers_queue_is_bounded_in_bytes_by_a_number_it_can_read() -> None:
    # It keeps it in a signed 32-bit number first; what is negative there means "no limit".
    assert 0 < int(dict(DIRECTIVES)["max_queued_bytes"]) < 2**31


def test_every_production_listener_has_the_private_listeners_directives(directives: list[tuple[str, str]]) -> None:
    first_listener = next(at for at, (name, _) in enumerate(directives) if name == "listener")
    listeners: list[list[tuple[str, str]]] = []
    for pair in directives[first_listener:]:
        if pair[0] == "listener":
            listeners.append([])
        listeners[-1].append(pair)
    assert [dict(listener)["protocol"] for listener in listeners] == ["mqtt", "websockets"]
    for listener in listeners:
        assert [pair for pair in listener if pair[0] not in ("listener", "protocol")] == list(LISTENER_DIRECTIVES)


def test_every_variable_of_the_compose_file_is_a_setting(compose: dict[str, Any]) -> None:
    known = {variable.name for variable in variables().values()}
    assert set(compose["x-hub"]["environment"]) <= known


def test_compose_runs_every_process_and_service(compose: dict[str, Any]) -> None:
    ours = {name: service["command"] for name, service in compose["services"].items() if service.get("image") == "reis"}
    assert ours == {name: [name] for name in ("migrate", "api", "push", "ingest", "worker")}
    assert set(compose["services"]) - set(ours) == {"postgres", "mosquitto", "redis", "haproxy", "certbot"}


def test_haproxy_and_compose_know_the_processes_ports(compose: dict[str, Any]) -> None:
    settings = Settings()
    haproxy = (ROOT / "haproxy.cfg").read_text()
    assert f" api:{settings.web_port('api')} " in haproxy
    assert f" push:{settings.web_port('push')} " in haproxy
    assert f":{settings.proxy_figures_port}}}" in haproxy
    *metrics, of_haproxy = compose["x-hub"]["environment"]["HUB_METRICS_URLS"].split(",")
    kinds = ("push", "ingest", "worker")
    assert metrics == [f"http://{kind}:{settings.metrics_port(kind)}/metrics" for kind in kinds]
    assert of_haproxy.startswith(f"http://haproxy:{settings.proxy_figures_port}/metrics")


def test_compose_runs_the_program_and_the_file_that_hub_run_does(compose: dict[str, Any]) -> None:
    service = compose["services"]["haproxy"]
    assert service["image"] == "haproxy:" + ".".join(map(str, HAPROXY_MINIMUM)) + "-bookworm"
    assert "./haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro" in service["volumes"]
    assert (ROOT / "haproxy.cfg").samefile(CONFIGURATION)
    known = re.findall(r"HUB_\w+", CONFIGURATION.read_text())
    assert set(service["environment"]) <= set(known)


def test_haproxy_takes_the_file_as_compose_gives_it(compose: dict[str, Any], tmp_path: Path) -> None:
    given = {**compose["services"]["haproxy"]["environment"], "HUB_PROXY_CERTIFICATES": str(tmp_path)}
    for client_address in ("socket", "headers"):
        told = subprocess.run(
            [find_haproxy().server, "-c", "-f", ROOT / "haproxy.cfg"],
            env={**given, "HUB_CLIENT_ADDRESS": client_address},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (told.returncode, told.stdout.strip()[-27:]) == (0, "Configuration file is valid"), told.stderr


def test_no_secret_has_a_default_value(compose: dict[str, Any]) -> None:
    environment = compose["x-hub"]["environment"]
    for variable in variables().values():
        if variable.secret and variable.name in environment:
            assert ":?}" in environment[variable.name], variable.name
