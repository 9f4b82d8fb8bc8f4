"""What suppliers said of their numbers when they were asked last."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.row_security import fence_platform_table

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "supplier_stock",
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("wants", JSONB(), nullable=False),
        sa.Column("refusal", JSONB(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("supplier", "country", name=op.f("pk_supplier_stock")),
    )
    fence_platform_table("supplier_stock", has_client=False)


def downgrade() -> None:
    op.drop_table("supplier_stock")
