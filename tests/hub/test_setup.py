"""The set-up script on machines that lack something: it says what to do and changes nothing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def machine(folder: Path, *missing: str, **programs: str) -> Path:
    """A folder for PATH with every program of this machine but `missing`; `programs` replaces some by scripts."""
    folder.mkdir()
    for place in ("/usr/local/bin", "/usr/bin", "/bin"):
        for program in Path(place).iterdir():
            link = folder / program.name
            if program.name not in (*missing, *programs, "python3") and not link.is_symlink():
                link.symlink_to(program)
    # Any Python will do: none of these runs comes as far as using it.
    for name, script in {"python3": "exit 0", **programs}.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


def set_up(tmp_path: Path, path: Path) -> tuple[int, str]:
    """Run the script as somebody who is not root: exit code and all it said."""
    home = tmp_path / "clone"
    (home / "setup").mkdir(parents=True)
    shutil.copy(ROOT / "setup" / "setup.sh", home / "setup" / "setup.sh")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    as_nobody = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups") if os.geteuid() == 0 else ()
    done = subprocess.run(
        [*as_nobody, "bash", str(home / "setup" / "setup.sh"), "run"],
        env={"PATH": str(path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert sorted(item.name for item in home.iterdir()) == ["setup"]
    return done.returncode, done.stdout


def test_without_root_it_prints_the_exact_command_and_stops(tmp_path: Path) -> None:
    path = machine(tmp_path / "bin", "redis-server", "sudo")
    code, said = set_up(tmp_path, path)
    assert code == 1
    assert "apt-get update && apt-get install -y --no-install-recommends redis-server" in said


def test_it_does_not_wait_for_a_password_nobody_can_type(tmp_path: Path) -> None:
    path = machine(tmp_path / "bin", "redis-server", sudo='[ "$1" = -n ] && exit 1; echo asked; sleep 60')
    code, said = set_up(tmp_path, path)
    assert code == 1
    assert "Run as root" in said
    assert "asked" not in said


@pytest.mark.parametrize(
    ("missing", "programs", "words"),
    [
        (("node",), {}, "Node.js is missing"),
        ((), {"node": 'case "$1" in -e) exit 1;; *) echo v18.20.4;; esac'}, "Node.js v18.20.4 is too old"),
        (("apt-get", "mosquitto", "mosquitto_ctrl", "redis-server"), {}, "This machine has no apt-get"),
    ],
)
def test_what_it_cannot_install_is_named(
    tmp_path: Path, missing: tuple[str, ...], programs: dict[str, str], words: str
) -> None:
    code, said = set_up(tmp_path, machine(tmp_path / "bin", *missing, **programs))
    assert code == 1
    assert words in said
