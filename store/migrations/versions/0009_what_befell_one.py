"""What befell one person found without reading all that was ever done

Revision: 0009, after 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("audit_subject_at_idx", "audit", ["subject_kind", "subject_id", "at"])


def downgrade() -> None:
    op.drop_index("audit_subject_at_idx", table_name="audit")
