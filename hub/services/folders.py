"""Folders of the private services: made, owned by the right account, locked against a second run."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import pwd
import shutil
import stat
from pathlib import Path
from typing import IO

from hub.errors import DataInUse, DiskFull, FolderUnusable

NEEDED_MIB = 300
SHARED_STATE = Path("/var/lib/reis")


def make_folder(path: Path, user: str | None = None, mode: int = 0o700) -> Path:
    """Make `path` with its parents; when root, give it to `user`. Raises FolderUnusable."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        if user is not None and os.geteuid() == 0:
            account = pwd.getpwnam(user)
            os.chown(path, account.pw_uid, account.pw_gid)
    except OSError as error:
        raise unusable(path, error) from error
    return path


def unusable(path: Path, error: OSError) -> FolderUnusable:
    """Why a file or folder cannot be used; where it is another account's, whose, and what to do."""
    problem = error.strerror or str(error)
    if isinstance(error, PermissionError):
        problem += _of_another_account(path)
    return FolderUnusable(path, problem)


def _of_another_account(path: Path) -> str:
    # What may not even be looked at lies in a folder that tells.
    for place in (path, *path.parents):
        try:
            owner = place.stat().st_uid
        except OSError:
            continue
        if owner == os.geteuid():
            return ""
        try:
            name = pwd.getpwuid(owner).pw_name
        except KeyError:
            name = f"number {owner}"
        return f", {place} belongs to the account {name}. Run as that account, or set HUB_DATA_DIR to a folder of yours"
    return ""


def write_private(path: Path, text: str, user: str | None = None) -> None:
    """Write a file only its owner can read, complete or not at all; when root, give it to `user`."""
    partial = path.with_name(path.name + ".partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        # Renamed before its content is on disk, it could come out of a power cut empty, and with it all secrets.
        os.fsync(descriptor)
    if user is not None and os.geteuid() == 0:
        account = pwd.getpwnam(user)
        os.chown(partial, account.pw_uid, account.pw_gid)
    partial.replace(path)


def service_root(data_directory: Path) -> Path:
    """Where the services' own accounts can reach their files.

    Normally the data folder itself. Started by root from a folder closed to others (a clone in /root), the
    `postgres` account could not even enter it; then a folder of /var/lib stands in, one per data folder.
    """
    data_directory = data_directory.absolute()
    if os.geteuid() != 0 or all(_open_to_all(parent) for parent in data_directory.parents):
        return data_directory
    digest = hashlib.sha256(str(data_directory).encode()).hexdigest()[:12]
    return SHARED_STATE / digest


def _open_to_all(folder: Path) -> bool:
    return not folder.exists() or bool(folder.stat().st_mode & stat.S_IXOTH)


def require_own(data_directory: Path) -> None:
    """Raise FolderUnusable if another account's hub made this data.

    Root could read it, but would give the services' folders to their system accounts: its owner could never start
    again.
    """
    secrets = data_directory / "settings.env"
    with contextlib.suppress(FileNotFoundError):
        if secrets.stat().st_uid != os.geteuid():
            raise unusable(secrets, PermissionError(errno.EPERM, "it was made by another account"))


def require_space(directory: Path, needed_mib: int = NEEDED_MIB) -> None:
    """Raise DiskFull if the file system of `directory` has less than `needed_mib` free."""
    free_mib = shutil.disk_usage(directory).free // 1048576
    if free_mib < needed_mib:
        raise DiskFull(directory, free_mib, needed_mib)


class DataLock:
    """The right to work on a data folder; the kernel gives it back when we die, however that happens."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take it, or raise DataInUse naming the holder."""
        make_folder(self.directory, mode=0o755)
        try:
            file = (self.directory / "lock").open("a+")
        except OSError as error:
            raise unusable(self.directory / "lock", error) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise DataInUse(self.directory, holder) from None
        file.truncate(0)
        file.write(f"pid {os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            self._file.close()
            self._file = None
