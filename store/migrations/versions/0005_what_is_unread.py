"""Unread notifications found without going through all that were ever read

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "notifications_unread_idx", "notifications", ["user_id"], postgresql_where=sa.text("read_at IS NULL")
    )


def downgrade() -> None:
    op.drop_index("notifications_unread_idx", table_name="notifications", postgresql_where=sa.text("read_at IS NULL"))
