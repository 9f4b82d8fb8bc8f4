"""How many numbers portfolios and WABAs may hold, and which WABAs are banned, as we were told."""

import sqlalchemy as sa
from alembic import op

from gateway.row_security import fence_platform_table

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "number_limits",
        sa.Column("holder_id", sa.Text(), nullable=False),
        sa.Column("numbers", sa.Integer(), nullable=False),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("holder_id", name=op.f("pk_number_limits")),
    )
    fence_platform_table("number_limits", has_client=False)
    op.create_table(
        "waba_bans",
        sa.Column("waba_id", sa.Text(), nullable=False),
        sa.Column("banned", sa.Boolean(), nullable=False),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("waba_id", name=op.f("pk_waba_bans")),
    )
    fence_platform_table("waba_bans", has_client=False)


def downgrade() -> None:
    op.drop_table("waba_bans")
    op.drop_table("number_limits")
