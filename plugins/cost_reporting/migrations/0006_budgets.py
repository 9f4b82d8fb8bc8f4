"""What a month may cost."""

import sqlalchemy as sa
from alembic import op

from gateway.plugin_api import PLATFORM, fence, fence_tenant_table

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLE = "cost_reporting_budgets"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("stops_marketing", sa.Boolean(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("spent", sa.Numeric(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f(f"ck_{_TABLE}_amount")),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name=op.f(f"fk_{_TABLE}_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f(f"pk_{_TABLE}")),
        sa.UniqueConstraint(
            "client_id",
            "line_id",
            name=f"uq_{_TABLE}_line",
            postgresql_nulls_not_distinct=True,
        ),
    )
    fence_tenant_table(_TABLE)
    # A new month, a rent or another exchange rate changes them, whoever they belong to.
    fence(_TABLE, "platform", PLATFORM)


def downgrade() -> None:
    op.drop_table(_TABLE)
