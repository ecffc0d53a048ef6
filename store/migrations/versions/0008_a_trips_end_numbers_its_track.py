"""A track's sequence rises as well when its trip's window or plan changes: who waits for its lock is not misled

Revision: 0008, after 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create function raise_track_sequence() returns trigger language plpgsql as $$
        begin
          update tracks set sequence = sequence + 1 where trip_id = new.id;
          return null;
        end
        $$
        """
    )
    op.execute(
        """
        create trigger trips_raise_track_sequence
        after update of window_from, window_to, plan_version on trips for each row
        when ((old.window_from, old.window_to, old.plan_version)
          is distinct from (new.window_from, new.window_to, new.plan_version))
        execute function raise_track_sequence()
        """
    )


def downgrade() -> None:
    op.execute("drop trigger trips_raise_track_sequence on trips")
    op.execute("drop function raise_track_sequence()")
