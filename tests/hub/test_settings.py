"""Settings: read once, checked, explained by the variable's name."""

import stat
from pathlib import Path

import pytest

from hub.errors import SettingError
from hub.run import with_secrets
from hub.secrets_file import GENERATED, SECRETS_FILE, ensure_secrets, read_secrets
from hub.settings import Settings, load, variables

SECRET = "ab" * 32


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("HUB_PORT", "eighty"),
        ("HUB_PORT", "0"),
        ("HUB_PORT", "70000"),
        ("HUB_API_PROCESSES", "9"),
        # The account of that number at the broker is for `hub check`.
        ("HUB_PROCESS_NUMBER", "8"),
        ("HUB_RETENTION_DAYS", "0"),
        ("HUB_DEMO_SPEED_UP", "-1"),
        ("HUB_LOG_FORMAT", "xml"),
        ("HUB_PHONE_MQTT_TLS", "perhaps"),
        ("HUB_CLIENT_ADDRESS", "anyone"),
        ("DATABASE_URL", "mysql://somewhere/db"),
        ("MQTT_URL", "broker:1883"),
        ("REDIS_URL", "http://redis"),
        ("PUBLIC_URL", "track.example.kg"),
        ("VALHALLA_URL", "ftp://router"),
    ],
)
def test_it_names_the_variable_that_is_wrong(tmp_path: Path, variable: str, text: str) -> None:
    with pytest.raises(SettingError, match=variable):
        load({"HUB_DATA_DIR": str(tmp_path), variable: text})


def test_a_wrong_address_does_not_show_its_password(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as refusal:
        load({"HUB_DATA_DIR": str(tmp_path), "DATABASE_URL": "mysql://reis:hunter2@db/reis"})
    assert "hunter2" not in str(refusal.value)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / SECRETS_FILE).write_text("# a comment\nHUB_BRAND=Из файла\nHUB_PORT = 9001\n")
    settings = load({"HUB_DATA_DIR": str(tmp_path), "HUB_PORT": "9002"})
    assert (settings.brand, settings.port) == ("Из файла", 9002)


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    assert load({"HUB_DATA_DIR": str(tmp_path), "HUB_PORT": ""}).port == 8080


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    first = read_secrets(tmp_path / SECRETS_FILE)
    ensure_secrets(tmp_path)
    assert read_secrets(tmp_path / SECRETS_FILE) == first
    assert set(first) == set(GENERATED)
    assert len(set(first.values())) == len(GENERATED)


def test_only_the_owner_reads_the_secrets(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    assert stat.S_IMODE((tmp_path / SECRETS_FILE).stat().st_mode) == 0o600


def test_a_secret_added_later_leaves_the_others_alone(tmp_path: Path) -> None:
    (tmp_path / SECRETS_FILE).write_text(f"HUB_DEVICE_SECRET={SECRET}\n")
    ensure_secrets(tmp_path)
    assert read_secrets(tmp_path / SECRETS_FILE)["HUB_DEVICE_SECRET"] == SECRET


def test_a_child_gets_our_settings_and_none_of_our_secrets(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, port=9003, device_secret=SECRET, database_url="postgresql://u:p@h/d")
    environment = settings.environment()
    assert (environment["HUB_PORT"], environment["HUB_DATA_DIR"]) == ("9003", str(tmp_path))
    assert not {variable.name for variable in variables().values() if variable.secret} & (
        {name for name, text in environment.items() if text in (SECRET, "postgresql://u:p@h/d")}
    )


def test_what_the_command_line_says_is_what_runs_also_when_it_is_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, text in (("HUB_PORT", "9000"), ("HUB_DEMO_SPEED_UP", "5"), ("HUB_DATA_DIR", str(tmp_path))):
        monkeypatch.setenv(variable, text)
    ensure_secrets(tmp_path)
    settings = with_secrets(load({"HUB_PORT": "8080", "HUB_DEMO_SPEED_UP": "1.0"}))
    assert (settings.port, settings.demo_speed_up) == (8080, 1.0)
    # A child has nothing else to go by.
    for variable, text in settings.environment().items():
        monkeypatch.setenv(variable, text)
    assert load() == settings


def test_a_secret_that_is_given_wins_over_the_one_that_is_kept(tmp_path: Path) -> None:
    ensure_secrets(tmp_path)
    settings = with_secrets(Settings(data_dir=tmp_path, device_secret=SECRET))
    assert settings.device_secret == SECRET
    assert settings.redis_password == read_secrets(tmp_path / SECRETS_FILE)["HUB_REDIS_PASSWORD"]


def test_phones_use_tls_as_we_do_unless_the_operator_says_otherwise() -> None:
    def said(address: str, tls: bool | None) -> bool:
        settings = Settings(device_secret=SECRET, mqtt_url=f"{address}://hub:p@broker.example", phone_mqtt_tls=tls)
        return settings.freight().phone_mqtt_tls

    assert [said("mqtts", tls) for tls in (None, True, False)] == [True, True, False]
    assert [said("mqtt", tls) for tls in (None, True, False)] == [False, True, False]


def test_business_settings_need_a_real_device_secret() -> None:
    for secret in ("", "short", "zz" * 32, "ab" * 16):
        with pytest.raises(SettingError, match="HUB_DEVICE_SECRET"):
            Settings(device_secret=secret).freight()
    assert Settings(device_secret=SECRET).freight().device_secret == bytes.fromhex(SECRET)


def test_phones_are_told_the_public_host_unless_another_is_set() -> None:
    settings = Settings(device_secret=SECRET, public_url="https://track.example.kg/")
    assert (settings.freight().public_url, settings.freight().phone_mqtt_host) == (
        "https://track.example.kg",
        "track.example.kg",
    )
    other = Settings(device_secret=SECRET, phone_mqtt_host="mqtt.example.kg", phone_mqtt_port=8883, phone_mqtt_tls=True)
    config = other.freight()
    assert (config.phone_mqtt_host, config.phone_mqtt_port, config.phone_mqtt_tls) == ("mqtt.example.kg", 8883, True)


def test_each_process_has_its_own_broker_account() -> None:
    settings = Settings(mqtt_url="mqtts://hub:p%40ss@broker.example:8884", broker_password="inner", process_number=3)
    admin, worker = settings.broker_admin(), settings.broker("ingest")
    assert (admin.host, admin.port, admin.username, admin.password, admin.tls) == (
        "broker.example",
        8884,
        "hub",
        "p@ss",
        True,
    )
    assert (worker.username, worker.password, worker.tls) == ("ingest-3", "inner", True)


def test_processes_never_share_a_port() -> None:
    settings = Settings()
    kinds = ("api", "push", "ingest", "worker", "demo")
    ports = [settings.metrics_port(kind, number) for kind in kinds for number in range(1, 9)]
    ports += [settings.web_port(kind, number) for kind in ("api", "push") for number in range(1, 9)]
    ports.append(settings.proxy_figures_port)
    assert len(set(ports)) == len(ports)
    assert max(ports) < settings.internal_port + 80
