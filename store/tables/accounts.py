"""Organisations, users, sessions, drivers and their devices."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import INET, JSONB

from store.tables.metadata import created_at, identity, metadata, moment

ROLES = ("dispatcher", "driver", "carrier", "manager", "finance")

organisations = Table(
    "organisations",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("language", Text, nullable=False, server_default="ru"),
    Column("timezone", Text, nullable=False, server_default="Asia/Bishkek"),
    created_at(),
    CheckConstraint("length(name) between 1 and 200", name="name"),
)

users = Table(
    "users",
    metadata,
    identity(),
    # A self-employed driver belongs to no organisation.
    Column("organisation_id", ForeignKey("organisations.id"), index=True),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, unique=True),
    Column("phone", Text, unique=True),
    Column("password_hash", Text),
    Column("language", Text, nullable=False, server_default="ru"),
    moment("disabled_at"),
    created_at(),
    CheckConstraint(f"role in {ROLES!r}", name="role"),
    CheckConstraint("email = lower(email)", name="email"),
    CheckConstraint("language in ('ru', 'en', 'ky')", name="language"),
    CheckConstraint("role <> 'dispatcher' or organisation_id is not null", name="dispatcher"),
)

sessions = Table(
    "sessions",
    metadata,
    # SHA-256 of the opaque token in the cookie; the token itself is nowhere stored.
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    created_at(),
    moment("last_seen_at", nullable=False, server_default=text("now()")),
    moment("expires_at", nullable=False, index=True),
    Column("address", INET),
    Column("user_agent", Text),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    # One-time links by which a driver opens the tracking page without a password.
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_by", ForeignKey("users.id")),
    created_at(),
    moment("expires_at", nullable=False),
    moment("used_at"),
)

drivers = Table(
    "drivers",
    metadata,
    identity(),
    Column("user_id", ForeignKey("users.id"), nullable=False, unique=True),
    Column("vehicle_plate", Text, nullable=False, server_default=""),
    Column("vehicle_model", Text, nullable=False, server_default=""),
    Column("on_shift", Boolean, nullable=False, server_default=text("false")),
    created_at(),
)

organisation_drivers = Table(
    "organisation_drivers",
    metadata,
    # "My drivers": whom a dispatcher may give a trip to.
    Column("organisation_id", ForeignKey("organisations.id"), primary_key=True),
    Column("driver_id", ForeignKey("drivers.id"), primary_key=True, index=True),
    created_at(),
)

driver_devices = Table(
    "driver_devices",
    metadata,
    identity(),
    Column("driver_id", ForeignKey("drivers.id"), nullable=False, index=True),
    # MQTT username and second level of the topic: whoever publishes below it is this device.
    Column("login", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    # The password is derived from the hub's secret, the login and this number; raising it revokes.
    Column("secret_version", SmallInteger, nullable=False, server_default="1"),
    # What the broker was last told, so that a worker can reconcile it after any failure.
    Column("broker_version", SmallInteger, nullable=False, server_default="0"),
    moment("disabled_at"),
    created_at(),
    CheckConstraint("kind in ('app', 'owntracks', 'traccar')", name="kind"),
    CheckConstraint("login ~ '^[a-z0-9][a-z0-9_-]{1,39}$'", name="login"),
)

device_reports = Table(
    "device_reports",
    metadata,
    # Why is it silent: the latest word of a device other than a position (lwt, status, heartbeat, battery).
    Column("device_id", ForeignKey("driver_devices.id", ondelete="CASCADE"), primary_key=True),
    moment("last_heard_at", nullable=False),
    moment("offline_at"),
    Column("battery_pct", SmallInteger),
    Column("report", JSONB),
    postgresql_with={"fillfactor": "50"},
)

audit = Table(
    "audit",
    metadata,
    # Who did what to whom; append-only.
    Column("id", Integer, Identity(always=False), primary_key=True),
    # Null: the operator, at the command line.
    Column("doer_id", ForeignKey("users.id")),
    # To what: a kind of thing (user, driver) and the id of its row.
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("organisation_id", ForeignKey("organisations.id")),
    moment("at", nullable=False, server_default=text("now()")),
    Column("action", Text, nullable=False),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Index("audit_organisation_id_at_idx", "organisation_id", "at"),
    Index("audit_subject_at_idx", "subject_kind", "subject_id", "at"),
)
