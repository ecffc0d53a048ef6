"""Who caused an event by hand, and how long each public link holds after delivery

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events", sa.Column("caused_by", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("events_caused_by_fkey"), "events", "users", ["caused_by"], ["id"], ondelete="SET NULL")
    # Links made before hold as long as the setting's default said.
    op.add_column("shares", sa.Column("days_after_delivery", sa.Integer(), nullable=False, server_default="3"))
    op.alter_column("shares", "days_after_delivery", server_default=None)


def downgrade() -> None:
    op.drop_column("shares", "days_after_delivery")
    op.drop_constraint(op.f("events_caused_by_fkey"), "events", type_="foreignkey")
    op.drop_column("events", "caused_by")
