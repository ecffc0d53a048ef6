"""Generated secrets, kept beside the data they open: `settings.env`, readable by its owner only."""

from __future__ import annotations

import secrets
from pathlib import Path

from hub.errors import FolderUnusable
from hub.services.folders import make_folder, unusable, write_private

SECRETS_FILE = "settings.env"
# Variable → bytes of randomness, written as hex so that no URL or file format needs escaping.
GENERATED = {
    "HUB_DEVICE_SECRET": 32,
    "HUB_BROKER_ADMIN_PASSWORD": 24,
    "HUB_BROKER_PASSWORD": 24,
    "HUB_POSTGRES_SUPERUSER_PASSWORD": 24,
    "HUB_POSTGRES_PASSWORD": 24,
    "HUB_REDIS_PASSWORD": 24,
}


def read_secrets(path: Path) -> dict[str, str]:
    """`NAME=value` lines of a file; empty when there is none. Lines beginning with # are comments.

    Raises FolderUnusable when it may not be read, or is no text.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise unusable(path, error) from error
    except UnicodeDecodeError:
        raise FolderUnusable(path, "it is not text") from None
    pairs = (line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def ensure_secrets(data_dir: Path) -> None:
    """Generate what is missing; what exists is never changed, since running data depends on it."""
    make_folder(data_dir, mode=0o755)
    path = data_dir / SECRETS_FILE
    known = read_secrets(path)
    missing = {name: secrets.token_hex(size) for name, size in GENERATED.items() if name not in known}
    if missing:
        lines = [f"{name}={value}\n" for name, value in {**known, **missing}.items()]
        write_private(path, "# Made on the first start. Lose it and phones must be set up anew.\n" + "".join(lines))
