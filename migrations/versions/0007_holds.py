"""Messages that wait, quiet hours, a portfolio's budget, and lines that pause or stop."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.row_security import fence_platform_table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.alter_column("messages", "not_before", new_column_name="retry_at")
    for column in ("not_before", "expires_at"):
        op.add_column("messages", sa.Column(column, _MOMENT))
    op.add_column("candidates", sa.Column("marketing_withheld_until", _MOMENT))
    op.add_column("clients", sa.Column("quiet_hours", JSONB()))
    op.add_column("lines", sa.Column("suspension", JSONB()))
    op.add_column(
        "lines", sa.Column("pauses", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column("lines", sa.Column("paused_until", _MOMENT))
    op.create_table(
        "first_contacts",
        sa.Column("portfolio_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name=op.f("fk_first_contacts_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "portfolio_id", "client_id", "candidate_id", name=op.f("pk_first_contacts")
        ),
    )
    fence_platform_table("first_contacts", has_client=True)
    op.create_table(
        "portfolio_limits",
        sa.Column("portfolio_id", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer()),
        sa.Column("told_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("portfolio_id", name=op.f("pk_portfolio_limits")),
    )
    fence_platform_table("portfolio_limits", has_client=False)


def downgrade() -> None:
    op.drop_table("portfolio_limits")
    op.drop_table("first_contacts")
    for column in ("paused_until", "pauses", "suspension"):
        op.drop_column("lines", column)
    op.drop_column("clients", "quiet_hours")
    op.drop_column("candidates", "marketing_withheld_until")
    for column in ("expires_at", "not_before"):
        op.drop_column("messages", column)
    op.alter_column("messages", "retry_at", new_column_name="not_before")
