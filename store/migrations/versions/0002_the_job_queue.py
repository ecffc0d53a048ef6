"""The job queue's own tables, as the queue's library defines them

Revision: 0002, after 0001
"""

from alembic import op
from sqlalchemy.util import await_only

from store.jobs import install_statement, uninstall_statement

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _run(script: str) -> None:
    # Several statements, dollar quotes and colons in one text: past SQLAlchemy's parsing, straight to the driver.
    connection = op.get_bind().connection
    await_only(connection.driver_connection.execute(script))


def upgrade() -> None:
    _run(install_statement())


def downgrade() -> None:
    _run(uninstall_statement())
