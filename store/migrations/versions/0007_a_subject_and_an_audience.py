"""What each event happened to, one row an order, stop and kind only for what a track decides, and whom a deed befell

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FOLDED = (
    "kind in ('approaching_50km', 'approaching_5km', 'arrived', 'departed', 'delivered', 'low_battery', 'implausible')"
)
KEY = ["order_id", sa.literal_column("coalesce(stop_id, 0)"), "kind"]


def upgrade() -> None:
    _upgrade_events()
    _upgrade_audit()


def downgrade() -> None:
    _downgrade_audit()
    _downgrade_events()


def _upgrade_events() -> None:
    op.add_column("events", sa.Column("subject_kind", sa.Text(), nullable=True))
    op.add_column("events", sa.Column("subject_id", sa.BigInteger(), nullable=True))
    op.execute(
        """
        update events set
          subject_kind = case when trip_id is null then 'order' else 'trip' end,
          subject_id = coalesce(trip_id, order_id)
        """
    )
    op.alter_column("events", "subject_kind", nullable=False)
    op.alter_column("events", "subject_id", nullable=False)
    op.alter_column("events", "organisation_id", nullable=True)
    op.alter_column("events", "order_id", nullable=True)
    op.create_check_constraint(op.f("events_order_check"), "events", f"order_id is not null or not ({FOLDED})")
    op.create_index("events_subject_kind_subject_id_id_idx", "events", ["subject_kind", "subject_id", "id"])
    op.drop_index("events_order_id_stop_id_kind_key", table_name="events")
    op.create_index("events_order_id_stop_id_kind_key", "events", KEY, unique=True, postgresql_where=sa.text(FOLDED))


def _downgrade_events() -> None:
    # What has no room in the older schema: facts of no order or organisation, and all but the newest of their kind.
    op.execute(
        """
        delete from events e
        where order_id is null or organisation_id is null or exists (
          select from events newer
          where newer.order_id = e.order_id and coalesce(newer.stop_id, 0) = coalesce(e.stop_id, 0)
            and newer.kind = e.kind and newer.id > e.id
        )
        """
    )
    op.drop_index("events_order_id_stop_id_kind_key", table_name="events", postgresql_where=sa.text(FOLDED))
    op.create_index("events_order_id_stop_id_kind_key", "events", KEY, unique=True)
    op.drop_index("events_subject_kind_subject_id_id_idx", table_name="events")
    op.drop_constraint(op.f("events_order_check"), "events", type_="check")
    op.alter_column("events", "order_id", nullable=False)
    op.alter_column("events", "organisation_id", nullable=False)
    op.drop_column("events", "subject_id")
    op.drop_column("events", "subject_kind")


def _upgrade_audit() -> None:
    op.alter_column("audit", "user_id", new_column_name="doer_id")
    op.execute("alter table audit rename constraint audit_user_id_fkey to audit_doer_id_fkey")
    op.add_column("audit", sa.Column("subject_kind", sa.Text(), nullable=True))
    op.add_column("audit", sa.Column("subject_id", sa.BigInteger(), nullable=True))
    # The column named whoever was acted on where the operator acted, and who acted everywhere else.
    op.execute(
        """
        update audit set
          subject_kind = case when detail ? 'driver_id' then 'driver' else 'user' end,
          subject_id = coalesce((detail ->> 'driver_id')::bigint, doer_id),
          doer_id = case when action in ('user_disabled', 'user_enabled', 'password_replaced') then null else doer_id end,
          detail = detail - 'driver_id'
        """
    )
    op.alter_column("audit", "subject_kind", nullable=False)
    op.alter_column("audit", "subject_id", nullable=False)


def _downgrade_audit() -> None:
    op.execute(
        """
        update audit set
          doer_id = case when subject_kind = 'user' then subject_id else doer_id end,
          detail = case when subject_kind = 'driver' then detail || jsonb_build_object('driver_id', subject_id)
            else detail end
        """
    )
    op.drop_column("audit", "subject_id")
    op.drop_column("audit", "subject_kind")
    op.execute("alter table audit rename constraint audit_doer_id_fkey to audit_user_id_fkey")
    op.alter_column("audit", "doer_id", new_column_name="user_id")
