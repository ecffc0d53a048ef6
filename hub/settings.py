"""Every setting of the program. This module alone reads the environment; all others are given values.

A value comes from the environment, else from `<data folder>/settings.env` (where generated secrets live), else from
the default written here.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from freight.basemap import MapSettings
from freight.config import FreightConfig
from hub.errors import SettingError
from hub.secrets_file import SECRETS_FILE, read_secrets
from store.broker import BrokerConfig
from store.bus import BusConfig
from store.pool import DatabaseConfig

if TYPE_CHECKING:
    from freight.routes.router import RoutingConfig

# Where browsers find the operator's own map file.
OPERATOR_BASEMAP = "/basemap/operator.pmtiles"

# Of one kind. The broker keeps one account more of each: by it `hub check` looks in without turning a process out.
MOST_PROCESSES = 7

LogFormat = Literal["auto", "json", "pretty"]
ClientAddress = Literal["socket", "headers"]
Certificate = Literal["off", "certbot"]


@dataclass(frozen=True, slots=True)
class Variable:
    """The environment variable behind a field and what an operator should know of it."""

    name: str
    meaning: str
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, checked. Addresses that are None mean the private service."""

    data_dir: Annotated[Path, Variable("HUB_DATA_DIR", "folder of everything `hub run` keeps")] = Path(".data")
    web_dir: Annotated[Path, Variable("HUB_WEB_DIR", "folder of the built web pages")] = Path("web/dist")
    brand: Annotated[str, Variable("HUB_BRAND", "product name shown to users")] = "Рейс"
    public_url: Annotated[
        str, Variable("PUBLIC_URL", "scheme and host users type; default http://localhost:<port>")
    ] = ""
    host: Annotated[str, Variable("HUB_HOST", "address the web port listens on")] = "0.0.0.0"
    port: Annotated[int, Variable("HUB_PORT", "the one web port")] = 8080
    connections: Annotated[int, Variable("HUB_CONNECTIONS", "how many connections it lets in at once")] = 10_000
    certificate: Annotated[
        Certificate, Variable("HUB_CERTIFICATE", "certbot: fetch and renew one for PUBLIC_URL, serve https; or off")
    ] = "off"
    plain_port: Annotated[
        int, Variable("HUB_PLAIN_PORT", "beside https: answers the certificate's authority, leads others to https")
    ] = 80
    acme_url: Annotated[str, Variable("HUB_ACME_URL", "the certificate's authority, where it is not Let's Encrypt")] = (
        ""
    )

    database_url: Annotated[str | None, Variable("DATABASE_URL", "external PostgreSQL with PostGIS", True)] = None
    redis_url: Annotated[str | None, Variable("REDIS_URL", "external Redis", True)] = None
    mqtt_url: Annotated[
        str | None, Variable("MQTT_URL", "external broker, mqtt:// or mqtts://, as its admin", True)
    ] = None
    mqtt_websocket_url: Annotated[
        str | None, Variable("MQTT_WEBSOCKET_URL", "the external broker's WebSocket listener, ws://host:port")
    ] = None
    postgres_port: Annotated[int, Variable("HUB_POSTGRES_PORT", "port of the private PostgreSQL")] = 15432
    redis_port: Annotated[int, Variable("HUB_REDIS_PORT", "port of the private Redis")] = 16379
    mqtt_port: Annotated[int, Variable("HUB_MQTT_PORT", "port of the private broker")] = 11883
    mqtt_websocket_port: Annotated[
        int, Variable("HUB_MQTT_WEBSOCKET_PORT", "its WebSocket port, open to this machine alone")
    ] = 11884
    mqtt_host: Annotated[str, Variable("HUB_MQTT_HOST", "address the private broker listens on")] = "127.0.0.1"
    postgres_buffers_mib: Annotated[
        int, Variable("HUB_POSTGRES_BUFFERS_MIB", "shared memory of the private PostgreSQL")
    ] = 256

    internal_host: Annotated[str, Variable("HUB_INTERNAL_HOST", "address our processes listen on for one another")] = (
        "127.0.0.1"
    )
    internal_port: Annotated[int, Variable("HUB_INTERNAL_PORT", "first of the 80 ports our processes use")] = 18080
    api_processes: Annotated[int, Variable("HUB_API_PROCESSES", "how many api processes")] = 1
    push_processes: Annotated[int, Variable("HUB_PUSH_PROCESSES", "how many push processes")] = 1
    ingest_processes: Annotated[
        int, Variable("HUB_INGEST_PROCESSES", "how many ingest workers; one reads, the others stand by")
    ] = 1
    worker_processes: Annotated[int, Variable("HUB_WORKER_PROCESSES", "how many job workers")] = 1
    process_number: Annotated[int, Variable("HUB_PROCESS_NUMBER", "which one of its kind this process is, from 1")] = 1
    client_address: Annotated[
        ClientAddress,
        Variable("HUB_CLIENT_ADDRESS", "who tells a client's address: its socket, or headers of a proxy before ours"),
    ] = "socket"
    metrics_urls: Annotated[
        str,
        Variable(
            "HUB_METRICS_URLS", "comma-separated /metrics addresses the api adds to its own; default: our siblings"
        ),
    ] = ""

    phone_mqtt_host: Annotated[
        str, Variable("HUB_PHONE_MQTT_HOST", "broker host told to phones; default: public host")
    ] = ""
    phone_mqtt_port: Annotated[
        int, Variable("HUB_PHONE_MQTT_PORT", "broker port told to phones; 0: the broker's own")
    ] = 0
    phone_mqtt_tls: Annotated[
        bool | None, Variable("HUB_PHONE_MQTT_TLS", "whether phones use TLS to the broker; default: as we do")
    ] = None

    valhalla_url: Annotated[str | None, Variable("VALHALLA_URL", "road router Valhalla")] = None
    osrm_url: Annotated[str | None, Variable("OSRM_URL", "road router OSRM")] = None
    map_style_url: Annotated[str | None, Variable("MAP_STYLE_URL", "MapLibre style of the operator")] = None
    map_pmtiles: Annotated[Path | None, Variable("MAP_PMTILES", "PMTiles file of the operator")] = None

    map_public_style_url: Annotated[
        str, Variable("MAP_PUBLIC_STYLE_URL", "public style used where the browser reaches it; off for none")
    ] = "https://tiles.openfreemap.org/styles/positron"

    retention_days: Annotated[int, Variable("HUB_RETENTION_DAYS", "days positions are kept")] = 30
    share_days: Annotated[int, Variable("HUB_SHARE_DAYS", "days a share lives after delivery")] = 3
    session_days: Annotated[int, Variable("HUB_SESSION_DAYS", "days a sign-in lives")] = 30

    log_format: Annotated[LogFormat, Variable("HUB_LOG_FORMAT", "json, pretty, or auto: pretty in a terminal")] = "auto"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Variable("HUB_LOG_LEVEL", "least level that is logged")
    ] = "info"
    demo_speed_up: Annotated[float, Variable("HUB_DEMO_SPEED_UP", "how many times faster the demo's trucks drive")] = (
        1.0
    )

    device_secret: Annotated[
        str, Variable("HUB_DEVICE_SECRET", "64 hex digits; device passwords and share tokens derive from it", True)
    ] = ""
    broker_admin_password: Annotated[str, Variable("HUB_BROKER_ADMIN_PASSWORD", "the broker's administrator", True)] = (
        ""
    )
    broker_password: Annotated[str, Variable("HUB_BROKER_PASSWORD", "our processes' broker accounts", True)] = ""
    postgres_superuser_password: Annotated[
        str, Variable("HUB_POSTGRES_SUPERUSER_PASSWORD", "owner of the private PostgreSQL", True)
    ] = ""
    postgres_password: Annotated[str, Variable("HUB_POSTGRES_PASSWORD", "our role in the private PostgreSQL", True)] = (
        ""
    )
    redis_password: Annotated[str, Variable("HUB_REDIS_PASSWORD", "password of the private Redis", True)] = ""

    def __post_init__(self) -> None:
        self._check_ranges()
        for name, schemes in (
            ("database_url", ("postgresql", "postgres")),
            ("redis_url", ("redis", "rediss", "unix")),
            ("mqtt_url", ("mqtt", "mqtts")),
            ("mqtt_websocket_url", ("ws",)),
            ("valhalla_url", ("http", "https")),
            ("osrm_url", ("http", "https")),
            ("acme_url", ("https",)),
            ("public_url", ("https",) if self.certificate == "certbot" else ("http", "https")),
        ):
            value = getattr(self, name)
            if value or (name == "public_url" and self.certificate == "certbot"):
                require_scheme(variable_of(name).name, value, schemes)

        if self.map_pmtiles is not None and not self.map_pmtiles.is_file():
            raise SettingError("MAP_PMTILES", f"{self.map_pmtiles} is no file")

    def _check_ranges(self) -> None:
        for name in (
            "port",
            "plain_port",
            "postgres_port",
            "redis_port",
            "mqtt_port",
            "mqtt_websocket_port",
            "internal_port",
        ):
            if not 1 <= getattr(self, name) <= 65475:
                raise SettingError(variable_of(name).name, "a port is a number from 1 to 65475")
        for name in ("api_processes", "push_processes", "ingest_processes", "worker_processes", "process_number"):
            if not 1 <= getattr(self, name) <= MOST_PROCESSES:
                raise SettingError(variable_of(name).name, f"from 1 to {MOST_PROCESSES}")
        if not 100 <= self.connections <= 1_000_000:
            raise SettingError("HUB_CONNECTIONS", "from 100 to 1000000")
        for name in ("retention_days", "share_days", "session_days"):
            if not 1 <= getattr(self, name) <= 3650:
                raise SettingError(variable_of(name).name, "days, from 1 to 3650")
        if self.demo_speed_up <= 0:
            raise SettingError("HUB_DEMO_SPEED_UP", "a number above 0")

    @property
    def web_url(self) -> str:
        """Where users find us, without a trailing slash."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def _database_address(self) -> str:
        private = f"postgresql://reis:{self.postgres_password}@127.0.0.1:{self.postgres_port}/reis"
        return self.database_url or private

    def database(self, max_size: int = 8) -> DatabaseConfig:
        """The database for a process that uses at most `max_size` connections."""
        return DatabaseConfig(self._database_address, min_size=1, max_size=max_size)

    def bus(self) -> BusConfig:
        """The live bus. Two hubs may share a Redis: neither hears what the other says."""
        private = f"redis://:{self.redis_password}@127.0.0.1:{self.redis_port}/0"
        return BusConfig(self.redis_url or private, prefix=f"reis:{self.identity}:")

    def broker_admin(self) -> BrokerConfig:
        """The broker as its administrator: only for making the accounts, by one process at a time."""
        if self.mqtt_url is None:
            return BrokerConfig(self._local_broker_host, self.mqtt_port, "hub", self.broker_admin_password)
        parts = urlsplit(self.mqtt_url)
        return BrokerConfig(
            *_host_and_port(parts, 8883 if parts.scheme == "mqtts" else 1883),
            username=unquote(parts.username or "hub"),
            password=unquote(parts.password or self.broker_admin_password),
            tls=parts.scheme == "mqtts",
        )

    def broker(self, role: Literal["ingest", "bridge", "control"], number: int | None = None) -> BrokerConfig:
        """The broker as process `number` of a role; each account may be connected once."""
        username = f"{role}-{number or self.process_number}"
        return msgspec.structs.replace(self.broker_admin(), username=username, password=self._broker_password)

    @property
    def _broker_password(self) -> str:
        if not self.broker_password:
            raise SettingError("HUB_BROKER_PASSWORD", "not set. Make one: openssl rand -hex 24")
        return self.broker_password

    @property
    def _local_broker_host(self) -> str:
        return "127.0.0.1" if self.mqtt_host == "0.0.0.0" else self.mqtt_host

    @property
    def broker_websocket(self) -> tuple[str, int]:
        """Host and port of the broker's WebSocket listener."""
        if self.mqtt_websocket_url is not None:
            return _host_and_port(urlsplit(self.mqtt_websocket_url), 80)
        return "127.0.0.1", self.mqtt_websocket_port

    @property
    def identity(self) -> str:
        """What tells this hub from another on the same Redis or broker; as lasting as its phones' passwords."""
        return hashlib.sha256(b"hub:" + self._device_secret).hexdigest()[:12]

    @property
    def _device_secret(self) -> bytes:
        try:
            secret = bytes.fromhex(self.device_secret)
        except ValueError:
            secret = b""
        if len(secret) < 32:
            raise SettingError("HUB_DEVICE_SECRET", "not 64 hex digits. Make one: openssl rand -hex 32")
        return secret

    def freight(self) -> FreightConfig:
        """The business's settings. Raises SettingError without a device secret."""
        secret = self._device_secret
        broker = self.broker_admin()
        return FreightConfig(
            brand=self.brand,
            public_url=self.web_url,
            device_secret=secret,
            retention_days=self.retention_days,
            share_days=self.share_days,
            session_days=self.session_days,
            phone_mqtt_host=self.phone_mqtt_host or urlsplit(self.web_url).hostname or "localhost",
            phone_mqtt_port=self.phone_mqtt_port or broker.port,
            phone_mqtt_tls=broker.tls if self.phone_mqtt_tls is None else self.phone_mqtt_tls,
        )

    def map(self) -> MapSettings:
        """Which basemap browsers shall draw."""
        public = self.map_public_style_url
        return MapSettings(
            style_url=self.map_style_url,
            pmtiles_url=OPERATOR_BASEMAP if self.map_pmtiles else None,
            public_style_url=None if public == "off" else public,
        )

    def routing(self) -> RoutingConfig:
        """Which router answers road routes."""
        # Imported here: it brings the road graph's numerics, which most processes can do without.
        from freight.routes.router import RoutingConfig

        return RoutingConfig(valhalla_url=self.valhalla_url, osrm_url=self.osrm_url)

    def web_port(self, kind: Literal["api", "push"], number: int = 1) -> int:
        """Internal port on which one api or push process serves the web."""
        return self.internal_port + (0 if kind == "api" else 10) + number

    def metrics_port(self, kind: ProcessKind, number: int = 1) -> int:
        """Internal port on which one process shows its metrics; open once it has started."""
        return self.internal_port + 20 + 10 * PROCESS_KINDS.index(kind) + number

    @property
    def proxy_figures_port(self) -> int:
        """Internal port on which the web port's proxy shows its figures."""
        return self.internal_port + 71

    @property
    def certbot_port(self) -> int:
        """Internal port on which certbot answers the certificate's authority while it asks."""
        return self.internal_port + 72

    def process_count(self, kind: ProcessKind) -> int:
        """How many processes of one kind run."""
        counts = {"api": self.api_processes, "push": self.push_processes, "ingest": self.ingest_processes}
        return {**counts, "worker": self.worker_processes}.get(kind, 1)

    def environment(self) -> dict[str, str]:
        """Our own environment with these settings in it, for child processes.

        All of them: one that equals its default may have been given on the command line against our environment.
        Secrets are left out: a child reads them where we did, and they need not stand in one more place.
        """
        values = {variable: getattr(self, field) for field, variable in variables().items() if not variable.secret}
        return {**os.environ, **{one.name: str(value) for one, value in values.items() if value not in (None, "")}}


ProcessKind = Literal["api", "push", "ingest", "worker", "demo"]
PROCESS_KINDS: tuple[ProcessKind, ...] = ("api", "push", "ingest", "worker", "demo")


def variables() -> dict[str, Variable]:
    """Field name → its variable, in the order written above."""
    hints = typing.get_type_hints(Settings, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in dataclasses.fields(Settings)}


def variable_of(field: str) -> Variable:
    """The variable behind one field."""
    return variables()[field]


def load(overrides: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; `overrides` (variable name → text, from the command line) win over the environment.

    Raises SettingError naming the variable that cannot be understood.
    """
    given = {**os.environ, **(overrides or {})}
    data_dir = Path(given.get("HUB_DATA_DIR") or ".data").absolute()
    texts = {**read_secrets(data_dir / SECRETS_FILE), **{name: text for name, text in given.items() if text}}
    hints = typing.get_type_hints(Settings)
    values: dict[str, Any] = {
        field: _parse(variable, texts[variable.name], hints[field])
        for field, variable in variables().items()
        if variable.name in texts
    }
    return Settings(**{**values, "data_dir": data_dir})


def _parse(variable: Variable, text: str, kind: Any) -> Any:
    try:
        return msgspec.convert(text.strip(), kind, strict=False, dec_hook=lambda target, value: target(value))
    except (msgspec.ValidationError, ValueError) as error:
        shown = "its value" if variable.secret else repr(text)
        raise SettingError(variable.name, f"{shown} is not understood ({error})") from None


def require_scheme(variable: str, address: str, schemes: tuple[str, ...]) -> None:
    """Raise SettingError unless `address` is a URL of one of `schemes`. The address itself may hold a password and
    stays out of the message."""
    try:
        scheme = urlsplit(address).scheme
        _ = urlsplit(address).port
    except ValueError:
        scheme = ""
    if scheme not in schemes:
        raise SettingError(variable, f"must be an address beginning with {' or '.join(f'{s}://' for s in schemes)}")


def _host_and_port(parts: SplitResult, default_port: int) -> tuple[str, int]:
    return parts.hostname or "127.0.0.1", parts.port or default_port
