"""What becomes of a track, as a type: tracks are written back as one array of rows

Revision: 0004, after 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create type track_update as (
          trip_id integer, state bytea, added integer, received_at_us bigint, battery_pct smallint,
          progress_m double precision, eta_at timestamptz, eta_computed_at timestamptz,
          fix_time_us bigint, lat double precision, lon double precision,
          accuracy_m real, speed_mps real, bearing_deg real, flags integer
        )
        """
    )


def downgrade() -> None:
    op.execute("drop type track_update")
