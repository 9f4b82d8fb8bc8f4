"""How suppliers stand, and what operators did; a supplier is chosen when a number is ordered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.row_security import fence_platform_table

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "supplier_standings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("paused_at", _MOMENT),
        sa.Column("removed_at", _MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("rests", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("rests_until", _MOMENT),
        sa.Column("is_probed", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_supplier_standings")),
    )
    fence_platform_table("supplier_standings", has_client=False)
    op.create_table(
        "operator_acts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_acts")),
    )
    fence_platform_table("operator_acts", has_client=False)
    op.alter_column("activations", "supplier", nullable=True)
    op.add_column("activations", sa.Column("ordered_at", _MOMENT))


def downgrade() -> None:
    op.drop_column("activations", "ordered_at")
    op.execute("UPDATE activations SET supplier = '' WHERE supplier IS NULL")
    op.alter_column("activations", "supplier", nullable=False)
    op.drop_table("operator_acts")
    op.drop_table("supplier_standings")
