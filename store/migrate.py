"""Bring a database to the newest schema; the only way the schema is ever changed."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def alembic_config(url: str = "") -> Config:
    """Alembic's configuration for `url` (`postgresql://…`)."""
    config = Config()
    config.set_main_option("script_location", str(files("store") / "migrations"))
    # ConfigParser would read a percent sign in a password as its own.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(url: str) -> None:
    """Upgrade the database at `url` to the newest revision. Blocking; starts an event loop of its own."""
    command.upgrade(alembic_config(url), "head")


def newest_revision() -> str:
    """The revision a database must have for this code."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""
