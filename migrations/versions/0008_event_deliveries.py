"""Events are numbered for their vendor and pushed to its endpoints."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.row_security import VENDOR, fence, fence_tenant_table, fence_vendor_table

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_unique_constraint(
        op.f("uq_clients_client_id_vendor_id"), "clients", ["client_id", "vendor_id"]
    )
    _extend_events()
    op.create_table(
        "event_streams",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendors.id"], name=op.f("fk_event_streams_vendor_id")
        ),
        sa.PrimaryKeyConstraint("vendor_id", name=op.f("pk_event_streams")),
    )
    op.create_table(
        "conversation_sequences",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        _of_the_clients_vendor("conversation_sequences"),
        sa.PrimaryKeyConstraint(
            "client_id", "conversation_id", name=op.f("pk_conversation_sequences")
        ),
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("events", JSONB(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.Column("resting_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendors.id"], name=op.f("fk_webhook_endpoints_vendor_id")
        ),
        sa.PrimaryKeyConstraint("vendor_id", "id", name=op.f("pk_webhook_endpoints")),
    )
    _create_deliveries()
    for table in ("conversation_sequences", "webhook_deliveries"):
        fence_tenant_table(table)
    for table in ("conversation_sequences", "events", "webhook_deliveries"):
        fence(table, "vendor", VENDOR)
    for table in ("event_streams", "webhook_endpoints"):
        fence_vendor_table(table)


def _extend_events() -> None:
    for column in (
        sa.Column("vendor_id", sa.Uuid()),
        sa.Column("recorded", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
    ):
        op.add_column("events", column)
    with _everybodys_rows():
        op.execute(
            "UPDATE events SET vendor_id = clients.vendor_id FROM clients"
            " WHERE clients.client_id = events.client_id"
        )
        op.alter_column("events", "vendor_id", nullable=False)
        op.drop_constraint(op.f("fk_events_client_id"), "events")
        op.create_foreign_key(
            op.f("fk_events_client_id_vendor_id"),
            "events",
            "clients",
            ["client_id", "vendor_id"],
            ["client_id", "vendor_id"],
            ondelete="CASCADE",
        )
    op.create_index(op.f("ix_events_vendor_id_position"), "events", ["vendor_id", "position"])
    op.create_index(
        "ix_events_to_number",
        "events",
        ["vendor_id", "recorded"],
        postgresql_where="position IS NULL",
    )
    op.create_index(
        op.f("ix_events_occurred_at"), "events", ["occurred_at"], postgresql_using="brin"
    )


@contextmanager
def _everybodys_rows() -> Iterator[None]:
    """The owner is fenced in as well; this is a change to all rows."""
    for table in ("events", "clients"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    yield
    for table in ("events", "clients"):
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("vendor_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'delivered', 'failed')",
            name=op.f("ck_webhook_deliveries_status"),
        ),
        _of_the_clients_vendor("webhook_deliveries"),
        sa.ForeignKeyConstraint(
            ["client_id", "event_id"],
            ["events.client_id", "events.id"],
            name=op.f("fk_webhook_deliveries_client_id_event_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id", "endpoint_id"],
            ["webhook_endpoints.vendor_id", "webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_vendor_id_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "client_id", "event_id", "endpoint_id", name=op.f("pk_webhook_deliveries")
        ),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_endpoint_id_position"),
        "webhook_deliveries",
        ["endpoint_id", "position"],
    )
    op.create_index(
        "ix_webhook_deliveries_undelivered",
        "webhook_deliveries",
        ["endpoint_id", "status", "position"],
        postgresql_where="status <> 'delivered'",
    )


def _of_the_clients_vendor(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["client_id", "vendor_id"],
        ["clients.client_id", "clients.vendor_id"],
        name=op.f(f"fk_{table}_client_id_vendor_id"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    for table in (
        "webhook_deliveries",
        "webhook_endpoints",
        "conversation_sequences",
        "event_streams",
    ):
        op.drop_table(table)
    op.execute("DROP POLICY vendor ON events")
    for index in ("ix_events_occurred_at", "ix_events_to_number", "ix_events_vendor_id_position"):
        op.drop_index(op.f(index))
    with _everybodys_rows():
        op.drop_constraint(op.f("fk_events_client_id_vendor_id"), "events")
        op.create_foreign_key(
            op.f("fk_events_client_id"),
            "events",
            "clients",
            ["client_id"],
            ["client_id"],
            ondelete="CASCADE",
        )
    for column in ("sequence", "position", "recorded", "vendor_id"):
        op.drop_column("events", column)
    op.drop_constraint(op.f("uq_clients_client_id_vendor_id"), "clients")
