"""Where PostgreSQL, Mosquitto, Redis and haproxy are installed, and whether they are new enough."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hub.errors import DataVersionMismatch, MissingProgram, WrongVersion

POSTGRES_MINIMUM = (14,)
MOSQUITTO_MINIMUM = (2, 0)
REDIS_MINIMUM = (6, 2)
HAPROXY_MINIMUM = (2, 6)
NODE_MINIMUM = (20, 19)
POSTGRES_FOLDERS = (Path("/usr/lib/postgresql"), Path("/usr/local/lib/postgresql"))
PLUGIN_FOLDERS = (Path("/usr/lib"), Path("/usr/local/lib"), Path("/usr/lib64"))
SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """One installed major version of PostgreSQL."""

    version: str
    server: Path
    initdb: Path


@dataclass(frozen=True, slots=True)
class MosquittoPrograms:
    """The broker, its control tool and the plugin that keeps its accounts."""

    version: str
    server: Path
    control: Path
    plugin: Path


@dataclass(frozen=True, slots=True)
class RedisPrograms:
    version: str
    server: Path


@dataclass(frozen=True, slots=True)
class HaproxyPrograms:
    version: str
    server: Path


def find_postgres(data_directory: Path | None = None) -> PostgresPrograms:
    """The newest installed PostgreSQL, or the one whose data already lies in `data_directory`.

    Raises MissingProgram, WrongVersion, DataVersionMismatch; MissingProgram as well if PostGIS is not there.
    """
    folders = {folder.name: folder / "bin" for root in POSTGRES_FOLDERS for folder in root.glob("[0-9]*")}
    on_path = shutil.which("initdb", path=SEARCH_PATH)
    if not folders and on_path:
        folder = Path(on_path).resolve().parent
        folders[str(version_of(folder / "postgres")[0])] = folder
    servers = {name: bin_ for name, bin_ in folders.items() if (bin_ / "initdb").exists()}
    if not servers:
        raise MissingProgram("PostgreSQL", "postgresql postgresql-postgis")
    chosen = _data_version(data_directory) or max(servers, key=int)
    if chosen not in servers:
        raise DataVersionMismatch(data_directory or Path(), chosen)
    if (int(chosen),) < POSTGRES_MINIMUM:
        raise WrongVersion("PostgreSQL", chosen, "14")
    if not has_postgis(servers[chosen], chosen):
        raise MissingProgram(f"PostGIS for PostgreSQL {chosen}", f"postgresql-{chosen}-postgis-3")
    return PostgresPrograms(chosen, servers[chosen] / "postgres", servers[chosen] / "initdb")


def find_mosquitto() -> MosquittoPrograms:
    """The installed Mosquitto. Raises MissingProgram or WrongVersion."""
    server = _program("mosquitto", "mosquitto")
    version = version_of(server, "-h")
    if version < MOSQUITTO_MINIMUM:
        raise WrongVersion("Mosquitto", _dotted(version), "2.0")
    plugin = next(
        (path for folder in PLUGIN_FOLDERS for path in sorted(folder.glob("**/mosquitto_dynamic_security.so"))), None
    )
    if plugin is None:
        raise MissingProgram("Mosquitto's dynamic-security plugin", "mosquitto")
    return MosquittoPrograms(_dotted(version), server, _program("mosquitto_ctrl", "mosquitto"), plugin)


def find_redis() -> RedisPrograms:
    """The installed Redis. Raises MissingProgram or WrongVersion."""
    server = _program("redis-server", "redis-server")
    version = version_of(server)
    if version < REDIS_MINIMUM:
        raise WrongVersion("Redis", _dotted(version), "6.2")
    return RedisPrograms(_dotted(version), server)


def find_haproxy() -> HaproxyPrograms:
    """The installed haproxy. Raises MissingProgram or WrongVersion."""
    server = _program("haproxy", "haproxy")
    version = version_of(server, "-v")
    if version < HAPROXY_MINIMUM:
        raise WrongVersion("haproxy", _dotted(version), "2.6")
    return HaproxyPrograms(_dotted(version), server)


def find_certbot() -> Path:
    """The installed certbot, of any version. Raises MissingProgram."""
    return _program("certbot", "certbot")


def version_of(program: Path, flag: str = "--version") -> tuple[int, ...]:
    """The first dotted number a program prints about itself, as integers; (0,) if it prints none."""
    answer = subprocess.run([program, flag], capture_output=True, text=True, timeout=10, check=False)
    found = re.search(r"(\d+(?:\.\d+)+)", answer.stdout + answer.stderr)
    return tuple(int(part) for part in found.group(1).split(".")) if found else (0,)


def has_postgis(programs: Path, version: str) -> bool:
    """Whether the PostGIS extension is installed for that server."""
    places = (
        Path(f"/usr/share/postgresql/{version}/extension/postgis.control"),
        programs.parent / "share/extension/postgis.control",
        programs.parent / "share/postgresql/extension/postgis.control",
    )
    return any(place.exists() for place in places)


def _program(name: str, package: str) -> Path:
    found = shutil.which(name, path=SEARCH_PATH)
    if found is None:
        raise MissingProgram(name, package)
    return Path(found)


def _data_version(directory: Path | None) -> str | None:
    if directory is None or not (directory / "PG_VERSION").exists():
        return None
    return (directory / "PG_VERSION").read_text().strip()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
