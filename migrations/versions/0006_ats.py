"""Connections with applicant tracking systems, and what they delivered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.row_security import fence_platform_table, fence_tenant_table

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ats_connections",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("adapter", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("recruiter_id", sa.Uuid(), nullable=False),
        sa.Column("settings", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id", "line_id"], ["lines.client_id", "lines.id"],
            name=op.f("fk_ats_connections_client_id_line_id"), ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["client_id", "recruiter_id"], ["recruiters.client_id", "recruiters.id"],
            name=op.f("fk_ats_connections_client_id_recruiter_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_ats_connections")),
    )  # fmt: skip
    fence_tenant_table("ats_connections")
    op.create_table(
        "ats_routes",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id", "connection_id"], ["ats_connections.client_id", "ats_connections.id"],
            name=op.f("fk_ats_routes_client_id_connection_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_ats_routes")),
    )  # fmt: skip
    fence_platform_table("ats_routes", has_client=True)
    op.create_table(
        "ats_deliveries",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", JSONB()),
        sa.Column("conversation_id", sa.Uuid()),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "state IN ('pending', 'done', 'ignored', 'failed')",
            name=op.f("ck_ats_deliveries_state"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id", "connection_id"], ["ats_connections.client_id", "ats_connections.id"],
            name=op.f("fk_ats_deliveries_client_id_connection_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_ats_deliveries")),
        sa.UniqueConstraint(
            "client_id", "connection_id", "event_id",
            name=op.f("uq_ats_deliveries_client_id_connection_id_event_id"),
        ),
    )  # fmt: skip
    op.create_index(
        op.f("ix_ats_deliveries_client_id_connection_id_id"),
        "ats_deliveries",
        ["client_id", "connection_id", "id"],
    )
    fence_tenant_table("ats_deliveries")


def downgrade() -> None:
    op.drop_table("ats_deliveries")
    op.drop_table("ats_routes")
    op.drop_table("ats_connections")
