"""What groups would be for a line, as it was seen last."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.row_security import fence_tenant_table

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "groups_looks",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
        sa.Column("report", JSONB()),
        sa.Column("error", JSONB()),
        sa.ForeignKeyConstraint(
            ["client_id", "line_id"], ["lines.client_id", "lines.id"],
            name=op.f("fk_groups_looks_client_id_line_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "line_id", name=op.f("pk_groups_looks")),
    )  # fmt: skip
    fence_tenant_table("groups_looks")


def downgrade() -> None:
    op.drop_table("groups_looks")
