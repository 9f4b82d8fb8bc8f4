"""How lines stand with the platform; lines that are to be released, and numbers in quarantine."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.row_security import fence_platform_table, fence_tenant_table

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("lines", sa.Column("release_at", _MOMENT))
    op.add_column("lines", sa.Column("release_error", JSONB()))
    for column in ("quarantined_at", "gone_at"):
        op.add_column("numbers", sa.Column(column, _MOMENT))
    op.create_table(
        "line_health",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problems", JSONB(), nullable=False),
        sa.Column("seen", JSONB()),
        sa.Column("seen_at", _MOMENT),
        sa.Column("looked_at", _MOMENT),
        sa.Column("changed_at", _MOMENT),
        sa.Column("registered_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["client_id", "line_id"],
            ["lines.client_id", "lines.id"],
            name=op.f("fk_line_health_client_id_line_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "line_id", name=op.f("pk_line_health")),
    )
    fence_tenant_table("line_health")
    op.create_table(
        "waba_restrictions",
        sa.Column("waba_id", sa.Text(), nullable=False),
        sa.Column("restrictions", JSONB(), nullable=False),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("waba_id", name=op.f("pk_waba_restrictions")),
    )
    fence_platform_table("waba_restrictions", has_client=False)


def downgrade() -> None:
    op.drop_table("waba_restrictions")
    op.drop_table("line_health")
    for column in ("gone_at", "quarantined_at"):
        op.drop_column("numbers", column)
    for column in ("release_error", "release_at"):
        op.drop_column("lines", column)
