"""Numbers that the house keeps ready."""

import sqlalchemy as sa
from alembic import op

from gateway.row_security import fence_tenant_table

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("numbers", sa.Column("assigned_at", sa.DateTime(timezone=True)))
    op.create_table(
        "pool_targets",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("numbers", sa.Integer(), nullable=False),
        sa.Column("budget_amount", sa.Numeric(), nullable=False),
        sa.Column("budget_currency", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name=op.f("fk_pool_targets_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "country", name=op.f("pk_pool_targets")),
    )
    fence_tenant_table("pool_targets")


def downgrade() -> None:
    op.drop_table("pool_targets")
    op.drop_column("numbers", "assigned_at")
