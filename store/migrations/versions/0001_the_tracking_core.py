"""The tracking core

Revision: 0001, after
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Trusted or pre-created where the database role is no superuser.
    op.execute("create extension if not exists postgis")
    op.execute("create extension if not exists pg_trgm")
    op.create_table(
        "organisations",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), server_default="ru", nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Asia/Bishkek", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("length(name) between 1 and 200", name=op.f("organisations_name_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("organisations_pkey")),
    )
    op.create_table(
        "place_sources",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("place_sources_pkey")),
    )
    op.create_table(
        "places",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name_ru", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_ky", sa.Text(), nullable=False),
        sa.Column("name_local", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("places_pkey")),
    )
    op.create_geospatial_table(
        "positions",
        sa.Column("fix_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=False),
        sa.Column("driver_id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("accuracy_m", sa.REAL(), nullable=True),
        sa.Column("speed_mps", sa.REAL(), nullable=True),
        sa.Column("bearing_deg", sa.REAL(), nullable=True),
        sa.Column("altitude_m", sa.REAL(), nullable=True),
        sa.Column("battery_pct", sa.SmallInteger(), nullable=True),
        sa.Column(
            "geometry",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("lat between -90 and 90 and lon between -180 and 180", name=op.f("positions_place_check")),
        sa.PrimaryKeyConstraint("driver_id", "fix_time", "lat", "lon", name=op.f("positions_pkey")),
        postgresql_partition_by="RANGE (fix_time)",
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("quarantine_pkey")),
    )
    op.create_index("quarantine_reason_received_at_idx", "quarantine", ["reason", "received_at"], unique=False)
    op.create_index("quarantine_received_at_idx", "quarantine", ["received_at"], unique=False)
    op.create_table(
        "place_names",
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("weight", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["place_id"], ["places.id"], name=op.f("place_names_place_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place_id", "name_folded", name=op.f("place_names_pkey")),
    )
    op.create_index(
        "place_names_name_folded_idx",
        "place_names",
        ["name_folded"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"name_folded": "gin_trgm_ops"},
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), server_default="ru", nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("language in ('ru', 'en', 'ky')", name=op.f("users_language_check")),
        sa.CheckConstraint("role <> 'dispatcher' or organisation_id is not null", name=op.f("users_dispatcher_check")),
        sa.CheckConstraint(
            "role in ('dispatcher', 'driver', 'carrier', 'manager', 'finance')", name=op.f("users_role_check")
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("users_email_check")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("users_organisation_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("users_pkey")),
        sa.UniqueConstraint("email", name=op.f("users_email_key")),
        sa.UniqueConstraint("phone", name=op.f("users_phone_key")),
    )
    op.create_index(op.f("users_organisation_id_idx"), "users", ["organisation_id"], unique=False)
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column(
            "detail",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("audit_organisation_id_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("audit_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_pkey")),
    )
    op.create_index("audit_organisation_id_at_idx", "audit", ["organisation_id", "at"], unique=False)
    op.create_table(
        "drivers",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("vehicle_plate", sa.Text(), server_default="", nullable=False),
        sa.Column("vehicle_model", sa.Text(), server_default="", nullable=False),
        sa.Column("on_shift", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("drivers_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("drivers_pkey")),
        sa.UniqueConstraint("user_id", name=op.f("drivers_user_id_key")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("cargo_name", sa.Text(), server_default="", nullable=False),
        sa.Column("weight_kg", sa.Integer(), nullable=True),
        sa.Column("volume_m3", sa.Float(), nullable=True),
        sa.Column("body_type", sa.Text(), server_default="", nullable=False),
        sa.Column("customer_name", sa.Text(), server_default="", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), server_default="USD", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('draft', 'published', 'assigned', 'at_loading', 'in_transit', 'at_unloading', 'delivered', 'expired', 'cancelled', 'failed')",
            name=op.f("orders_state_check"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("orders_created_by_fkey")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("orders_organisation_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("orders_pkey")),
    )
    op.create_index("orders_organisation_id_state_idx", "orders", ["organisation_id", "state"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("sessions_user_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("sessions_pkey")),
    )
    op.create_index(op.f("sessions_expires_at_idx"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("sessions_user_id_idx"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "sign_in_links",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("sign_in_links_created_by_fkey")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("sign_in_links_user_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("sign_in_links_pkey")),
    )
    op.create_index(op.f("sign_in_links_user_id_idx"), "sign_in_links", ["user_id"], unique=False)
    op.create_table(
        "driver_devices",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("driver_id", sa.Integer(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("secret_version", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("broker_version", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('app', 'owntracks', 'traccar')", name=op.f("driver_devices_kind_check")),
        sa.CheckConstraint("login ~ '^[a-z0-9][a-z0-9_-]{1,39}$'", name=op.f("driver_devices_login_check")),
        sa.ForeignKeyConstraint(["driver_id"], ["drivers.id"], name=op.f("driver_devices_driver_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("driver_devices_pkey")),
        sa.UniqueConstraint("login", name=op.f("driver_devices_login_key")),
    )
    op.create_index(op.f("driver_devices_driver_id_idx"), "driver_devices", ["driver_id"], unique=False)
    op.create_table(
        "order_stops",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("country", sa.Text(), server_default="", nullable=False),
        sa.Column("timezone", sa.Text(), server_default="Asia/Bishkek", nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Float(precision=53), nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=False),
        sa.Column("fence", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("window_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('loading', 'unloading')", name=op.f("order_stops_kind_check")),
        sa.CheckConstraint("lat between -90 and 90 and lon between -180 and 180", name=op.f("order_stops_place_check")),
        sa.CheckConstraint("position between 0 and 9", name=op.f("order_stops_position_check")),
        sa.CheckConstraint("window_to >= window_from", name=op.f("order_stops_window_check")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("order_stops_order_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("order_stops_pkey")),
        sa.UniqueConstraint("order_id", "position", name=op.f("order_stops_order_id_position_key")),
    )
    op.create_table(
        "organisation_drivers",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("driver_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["driver_id"], ["drivers.id"], name=op.f("organisation_drivers_driver_id_fkey")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("organisation_drivers_organisation_id_fkey")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "driver_id", name=op.f("organisation_drivers_pkey")),
    )
    op.create_index(op.f("organisation_drivers_driver_id_idx"), "organisation_drivers", ["driver_id"], unique=False)
    op.create_geospatial_table(
        "trips",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("driver_id", sa.Integer(), nullable=False),
        sa.Column("window_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("plan_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("route", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "track",
            Geometry(
                geometry_type="LINESTRINGM",
                srid=4326,
                dimension=3,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("track_length_m", sa.Float(), nullable=True),
        sa.CheckConstraint("window_to >= window_from", name=op.f("trips_window_check")),
        sa.ForeignKeyConstraint(["driver_id"], ["drivers.id"], name=op.f("trips_driver_id_fkey")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("trips_order_id_fkey")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("trips_organisation_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("trips_pkey")),
        sa.UniqueConstraint("order_id", name=op.f("trips_order_id_key")),
    )
    op.create_index("trips_driver_id_window_from_idx", "trips", ["driver_id", "window_from"], unique=False)
    op.create_index(
        "trips_open_driver_key",
        "trips",
        ["driver_id"],
        unique=True,
        postgresql_where=sa.text("window_to IS NULL"),
    )
    op.create_index("trips_organisation_id_window_to_idx", "trips", ["organisation_id", "window_to"], unique=False)
    op.create_table(
        "device_reports",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("last_heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("battery_pct", sa.SmallInteger(), nullable=True),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["driver_devices.id"],
            name=op.f("device_reports_device_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("device_id", name=op.f("device_reports_pkey")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=True),
        sa.Column("stop_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("revision", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "data",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("events_order_id_fkey")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("events_organisation_id_fkey")),
        sa.ForeignKeyConstraint(["stop_id"], ["order_stops.id"], name=op.f("events_stop_id_fkey")),
        sa.ForeignKeyConstraint(["trip_id"], ["trips.id"], name=op.f("events_trip_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("events_pkey")),
    )
    op.create_index("events_order_id_id_idx", "events", ["order_id", "id"], unique=False)
    op.create_index(
        "events_order_id_stop_id_kind_key",
        "events",
        ["order_id", sa.literal_column("coalesce(stop_id, 0)"), "kind"],
        unique=True,
    )
    op.create_index("events_organisation_id_id_idx", "events", ["organisation_id", "id"], unique=False)
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("stop_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('arrived', 'departed')", name=op.f("marks_kind_check")),
        sa.CheckConstraint("source in ('driver', 'dispatcher', 'silence')", name=op.f("marks_source_check")),
        sa.ForeignKeyConstraint(["stop_id"], ["order_stops.id"], name=op.f("marks_stop_id_fkey")),
        sa.ForeignKeyConstraint(["trip_id"], ["trips.id"], name=op.f("marks_trip_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("marks_user_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("marks_pkey")),
        sa.UniqueConstraint("trip_id", "stop_id", "kind", "source", name=op.f("marks_trip_id_stop_id_kind_source_key")),
    )
    op.create_table(
        "shares",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("view_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_viewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("shares_created_by_fkey")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("shares_organisation_id_fkey")),
        sa.ForeignKeyConstraint(["trip_id"], ["trips.id"], name=op.f("shares_trip_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("shares_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("shares_token_hash_key")),
    )
    op.create_index(op.f("shares_trip_id_idx"), "shares", ["trip_id"], unique=False)
    op.create_table(
        "tracks",
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("fix_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("accuracy_m", sa.REAL(), nullable=True),
        sa.Column("speed_mps", sa.REAL(), nullable=True),
        sa.Column("bearing_deg", sa.REAL(), nullable=True),
        sa.Column("battery_pct", sa.SmallInteger(), nullable=True),
        sa.Column("flags", sa.Integer(), server_default="0", nullable=False),
        sa.Column("progress_m", sa.Float(precision=53), nullable=True),
        sa.Column("eta_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("eta_computed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fix_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sequence", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["trip_id"], ["trips.id"], name=op.f("tracks_trip_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trip_id", name=op.f("tracks_pkey")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "visits",
        sa.Column("trip_id", sa.Integer(), nullable=False),
        sa.Column("stop_id", sa.Integer(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_source", sa.Text(), nullable=True),
        sa.Column("departed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("departed_source", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["stop_id"], ["order_stops.id"], name=op.f("visits_stop_id_fkey")),
        sa.ForeignKeyConstraint(["trip_id"], ["trips.id"], name=op.f("visits_trip_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("trip_id", "stop_id", name=op.f("visits_pkey")),
    )
    op.create_index(op.f("visits_stop_id_idx"), "visits", ["stop_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("notifications_event_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("notifications_user_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("notifications_pkey")),
        sa.UniqueConstraint(
            "user_id", "event_id", "revision", name=op.f("notifications_user_id_event_id_revision_key")
        ),
    )
    op.create_index("notifications_user_id_id_idx", "notifications", ["user_id", "id"], unique=False)
    op.create_table(
        "share_views",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("share_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("address", postgresql.INET(), nullable=True),
        sa.Column("user_agent", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["share_id"], ["shares.id"], name=op.f("share_views_share_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("share_views_pkey")),
    )
    op.create_index("share_views_share_id_at_idx", "share_views", ["share_id", "at"], unique=False)


def downgrade() -> None:
    op.drop_index("share_views_share_id_at_idx", table_name="share_views")
    op.drop_table("share_views")
    op.drop_index("notifications_user_id_id_idx", table_name="notifications")
    op.drop_table("notifications")
    op.drop_index(op.f("visits_stop_id_idx"), table_name="visits")
    op.drop_table("visits")
    op.drop_table("tracks")
    op.drop_index(op.f("shares_trip_id_idx"), table_name="shares")
    op.drop_table("shares")
    op.drop_table("marks")
    op.drop_index("events_organisation_id_id_idx", table_name="events")
    op.drop_index("events_order_id_stop_id_kind_key", table_name="events")
    op.drop_index("events_order_id_id_idx", table_name="events")
    op.drop_table("events")
    op.drop_table("device_reports")
    op.drop_index("trips_organisation_id_window_to_idx", table_name="trips")
    op.drop_index("trips_open_driver_key", table_name="trips", postgresql_where=sa.text("window_to IS NULL"))
    op.drop_index("trips_driver_id_window_from_idx", table_name="trips")
    op.drop_geospatial_table("trips")
    op.drop_index(op.f("organisation_drivers_driver_id_idx"), table_name="organisation_drivers")
    op.drop_table("organisation_drivers")
    op.drop_table("order_stops")
    op.drop_index(op.f("driver_devices_driver_id_idx"), table_name="driver_devices")
    op.drop_table("driver_devices")
    op.drop_index(op.f("sign_in_links_user_id_idx"), table_name="sign_in_links")
    op.drop_table("sign_in_links")
    op.drop_index(op.f("sessions_user_id_idx"), table_name="sessions")
    op.drop_index(op.f("sessions_expires_at_idx"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_index("orders_organisation_id_state_idx", table_name="orders")
    op.drop_table("orders")
    op.drop_table("drivers")
    op.drop_index("audit_organisation_id_at_idx", table_name="audit")
    op.drop_table("audit")
    op.drop_index(op.f("users_organisation_id_idx"), table_name="users")
    op.drop_table("users")
    op.drop_index(
        "place_names_name_folded_idx",
        table_name="place_names",
        postgresql_using="gin",
        postgresql_ops={"name_folded": "gin_trgm_ops"},
    )
    op.drop_table("place_names")
    op.drop_index("quarantine_received_at_idx", table_name="quarantine")
    op.drop_index("quarantine_reason_received_at_idx", table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_geospatial_table("positions")
    op.drop_table("places")
    op.drop_table("place_sources")
    op.drop_table("organisations")
