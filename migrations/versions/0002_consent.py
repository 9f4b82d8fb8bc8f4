"""What candidates say about being written to, who was introduced to them, their other names."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.row_security import fence_tenant_table

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("opted_out_at", "marketing_stopped_at"):
        op.add_column("candidates", sa.Column(column, sa.DateTime(timezone=True)))
    op.add_column(
        "candidates", sa.Column("other_names", JSONB(), nullable=False, server_default="[]")
    )
    op.add_column("conversations", sa.Column("introduced_by", sa.Uuid()))
    op.add_column("conversations", sa.Column("introduced_from", sa.Text()))
    op.create_index(
        op.f("ix_conversations_client_id_candidate_id"),
        "conversations",
        ["client_id", "candidate_id"],
    )
    op.create_table(
        "consents",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("evidence", JSONB(), nullable=False),
        sa.CheckConstraint("scope IN ('all', 'marketing')", name=op.f("ck_consents_scope")),
        sa.ForeignKeyConstraint(
            ["client_id", "candidate_id"],
            ["candidates.client_id", "candidates.id"],
            name=op.f("fk_consents_client_id_candidate_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_consents")),
        sa.UniqueConstraint(
            "client_id",
            "candidate_id",
            "scope",
            "at",
            "granted",
            name=op.f("uq_consents_client_id_candidate_id_scope_at_granted"),
        ),
    )
    fence_tenant_table("consents")


def downgrade() -> None:
    op.drop_table("consents")
    op.drop_index(op.f("ix_conversations_client_id_candidate_id"))
    op.drop_column("conversations", "introduced_from")
    op.drop_column("conversations", "introduced_by")
    op.drop_column("candidates", "other_names")
    op.drop_column("candidates", "marketing_stopped_at")
    op.drop_column("candidates", "opted_out_at")
