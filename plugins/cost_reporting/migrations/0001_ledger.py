"""The ledger, and the lines whose costs it keeps."""

import sqlalchemy as sa
from alembic import op

from gateway.plugin_api import PLATFORM, fence, fence_tenant_table

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cost_reporting_entries",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("paid_to", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('message', 'number_month')", name=op.f("ck_cost_reporting_entries_kind")
        ),
        sa.CheckConstraint(
            "paid_to IN ('platform', 'meta')", name=op.f("ck_cost_reporting_entries_paid_to")
        ),
        sa.CheckConstraint(
            "(amount IS NULL) = (currency IS NULL)",
            name=op.f("ck_cost_reporting_entries_amount_has_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name=op.f("fk_cost_reporting_entries_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_cost_reporting_entries")),
        sa.UniqueConstraint(
            "client_id", "fact", name=op.f("uq_cost_reporting_entries_client_id_fact")
        ),
    )
    op.create_index(
        op.f("ix_cost_reporting_entries_client_id_month_line_id_category"),
        "cost_reporting_entries",
        ["client_id", "month", "line_id", "category"],
        unique=False,
    )
    op.create_table(
        "cost_reporting_rents",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("paid_by", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=True),
        sa.Column("monthly_amount", sa.Numeric(), nullable=True),
        sa.Column("monthly_currency", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_through", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "paid_by IN ('platform', 'client')", name=op.f("ck_cost_reporting_rents_paid_by")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name=op.f("fk_cost_reporting_rents_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "line_id", name=op.f("pk_cost_reporting_rents")),
    )
    fence_tenant_table("cost_reporting_entries")
    fence_tenant_table("cost_reporting_rents")
    # The monthly run has to find whose rent is due, whoever it belongs to: ids, months, prices.
    fence("cost_reporting_rents", "platform", PLATFORM)


def downgrade() -> None:
    op.drop_table("cost_reporting_rents")
    op.drop_table("cost_reporting_entries")
