"""What the hub says of a machine that is not as it should be."""

import contextlib
import os
import pwd
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import (
    DataInUse,
    DataVersionMismatch,
    DiskFull,
    FolderUnusable,
    MissingProgram,
    PortTaken,
    WrongVersion,
)
from hub.services import binaries, folders
from hub.services.binaries import find_mosquitto, find_postgres, find_redis, version_of
from hub.services.folders import DataLock, make_folder, require_own, require_space, service_root, write_private
from hub.services.ports import free_ports, is_free, require_free
from hub.settings import load


def program(folder: Path, name: str, words: str) -> Path:
    """An executable that says `words`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{words}'\n")
    path.chmod(0o755)
    return path


def test_a_taken_port_is_named_with_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTaken) as refusal:
            require_free(port, "web", "HUB_PORT")
    assert f"port {port} (web) is taken by " in str(refusal.value)
    assert f"(pid {os.getpid()})" in str(refusal.value)
    assert "HUB_PORT" in str(refusal.value)


def test_a_port_of_an_ipv6_address_is_looked_at_there() -> None:
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server:
        port = server.getsockname()[1]
        assert not is_free(port, "::1")
        assert is_free(port, "127.0.0.1")
    assert is_free(port, "::1")
    assert is_free(port, "::")


def test_free_ports_are_distinct_and_below_the_systems_own_range() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert max(ports) < 32768


def test_a_second_run_on_the_same_data_is_refused_with_code_two(tmp_path: Path) -> None:
    first, second = DataLock(tmp_path), DataLock(tmp_path)
    first.take()
    with pytest.raises(DataInUse, match=f"pid {os.getpid()}") as refusal:
        second.take()
    assert refusal.value.exit_code == 2
    first.release()
    second.take()
    second.release()


def test_a_lock_file_left_by_a_killed_run_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("pid 1\n")
    lock = DataLock(tmp_path)
    lock.take()
    lock.release()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(FolderUnusable, match="data"):
        make_folder(tmp_path / "data")


def test_a_full_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match="Free some space"):
        require_space(tmp_path, needed_mib=10**9)


def test_a_private_file_is_whole_on_disk_and_for_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk: list[str] = []
    monkeypatch.setattr("os.fsync", lambda descriptor: on_disk.append(Path(f"/proc/self/fd/{descriptor}").read_text()))
    write_private(tmp_path / "secret", "first")
    write_private(tmp_path / "secret", "second")
    assert on_disk == ["first", "second"]
    assert (tmp_path / "secret").read_text() == "second"
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_services_of_a_closed_home_live_where_their_accounts_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "root"
    (closed / "clone").mkdir(parents=True)
    monkeypatch.setattr(folders, "_open_to_all", lambda folder: folder != closed)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    moved = service_root(closed / "clone" / ".data")
    assert moved.parent == folders.SHARED_STATE
    assert service_root(tmp_path / "open" / ".data") == tmp_path / "open" / ".data"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert service_root(closed / "clone" / ".data") == closed / "clone" / ".data"


def test_the_installed_programs_are_found() -> None:
    assert int(find_postgres().version) >= 14
    assert find_mosquitto().plugin.exists()
    assert find_redis().server.exists()


def test_a_version_is_read_from_what_a_program_says(tmp_path: Path) -> None:
    assert version_of(program(tmp_path, "one", "thing version 2.0.11")) == (2, 0, 11)
    assert version_of(program(tmp_path, "two", "no number")) == (0,)


@pytest.mark.parametrize(
    ("name", "words", "find"),
    [("mosquitto", "mosquitto version 1.6.12", find_mosquitto), ("redis-server", "Redis server v=5.0.3", find_redis)],
)
def test_an_old_program_is_named_with_the_version_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str, find: object
) -> None:
    program(tmp_path, name, words)
    monkeypatch.setattr(binaries, "SEARCH_PATH", str(tmp_path))
    with pytest.raises(WrongVersion, match="or newer is needed"):
        find()  # type: ignore[operator]


def test_a_missing_program_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "SEARCH_PATH", str(tmp_path))
    monkeypatch.setattr(binaries, "POSTGRES_FOLDERS", (tmp_path,))
    for find, package in ((find_postgres, "postgresql"), (find_mosquitto, "mosquitto"), (find_redis, "redis-server")):
        with pytest.raises(MissingProgram, match=f"apt-get install -y {package}"):
            find()


def test_data_of_another_postgres_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9\n")
    with pytest.raises(DataVersionMismatch, match="PostgreSQL 9"):
        find_postgres(tmp_path)


def test_postgres_without_postgis_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "14" / "bin", "initdb", "")
    monkeypatch.setattr(binaries, "POSTGRES_FOLDERS", (tmp_path,))
    monkeypatch.setattr(binaries, "has_postgis", lambda programs, version: False)
    with pytest.raises(MissingProgram, match="postgresql-14-postgis-3"):
        find_postgres()


@contextlib.contextmanager
def as_another_account() -> Iterator[None]:
    """What root may read everything of, an ordinary account may not."""
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.needs_root("data that belongs to another account")
def test_data_of_another_account_is_told_with_its_owner(tmp_path: Path) -> None:
    write_private(tmp_path / "settings.env", "HUB_PORT=1\n")
    for work in (
        lambda: load({"HUB_DATA_DIR": str(tmp_path)}),
        lambda: DataLock(tmp_path).take(),
        lambda: make_folder(tmp_path / "below"),
    ):
        with as_another_account(), pytest.raises(FolderUnusable, match=r"belongs to the account root\. Run as that"):
            work()


def test_root_does_not_take_over_the_data_of_an_ordinary_account(tmp_path: Path) -> None:
    require_own(tmp_path)
    write_private(tmp_path / "settings.env", "")
    require_own(tmp_path)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(tmp_path / "settings.env", nobody.pw_uid, nobody.pw_gid)
        os.chown(tmp_path, nobody.pw_uid, nobody.pw_gid)
        with pytest.raises(FolderUnusable, match=r"made by another account, .* belongs to the account nobody"):
            require_own(tmp_path)


def test_a_settings_file_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "settings.env").write_bytes(b"\xff\xfe")
    with pytest.raises(FolderUnusable, match="it is not text"):
        load({"HUB_DATA_DIR": str(tmp_path)})
