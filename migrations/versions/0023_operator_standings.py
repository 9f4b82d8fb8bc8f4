"""How the operator's own app and portfolios stand with the platform."""

import sqlalchemy as sa
from alembic import op

from gateway.row_security import fence_platform_table

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operator_standings",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("obstacle", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_operator_standings")),
    )
    fence_platform_table("operator_standings", has_client=False)


def downgrade() -> None:
    op.drop_table("operator_standings")
