"""The calls that Meta counts against a number."""

import sqlalchemy as sa
from alembic import op

from gateway.row_security import fence_platform_table

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "number_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("phone_number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_attempts")),
    )
    op.create_index(
        op.f("ix_number_attempts_phone_number_kind_at"),
        "number_attempts",
        ["phone_number", "kind", "at"],
    )
    fence_platform_table("number_attempts", has_client=False)


def downgrade() -> None:
    op.drop_table("number_attempts")
