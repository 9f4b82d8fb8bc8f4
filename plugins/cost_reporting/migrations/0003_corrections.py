"""Entries are corrected by entries; each day's sums; messages whose price hangs on their number."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.plugin_api import PLATFORM, fence, fence_tenant_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NEW: tuple[sa.Column[Any], ...] = (
    sa.Column("revision", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("reversal", sa.Boolean(), nullable=False, server_default="false"),
    sa.Column("recruiter_id", sa.Uuid(), nullable=True),
    sa.Column("application", sa.Text(), nullable=True),
    sa.Column("pricing_type", sa.Text(), nullable=True),
    sa.Column("day", sa.Date(), nullable=True),
    sa.Column("quantity", sa.Integer(), nullable=False, server_default="1"),
    sa.Column("card", sa.Text(), nullable=True),
    sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
)


def upgrade() -> None:
    _entries()
    _days()
    _counted()
    op.add_column("cost_reporting_rents", sa.Column("portfolio_id", sa.Text(), nullable=True))


def _entries() -> None:
    for column in _NEW:
        op.add_column("cost_reporting_entries", column)
    # The owner is under the policies as anybody is.
    op.execute("ALTER TABLE cost_reporting_entries NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "UPDATE cost_reporting_entries"
        " SET day = (occurred_at AT TIME ZONE 'UTC')::date, entered_at = occurred_at"
    )
    op.execute("ALTER TABLE cost_reporting_entries FORCE ROW LEVEL SECURITY")
    for name in ("revision", "reversal", "quantity"):
        op.alter_column("cost_reporting_entries", name, server_default=None)
    for name in ("day", "entered_at"):
        op.alter_column("cost_reporting_entries", name, nullable=False)
    op.drop_constraint("uq_cost_reporting_entries_client_id_fact", "cost_reporting_entries")
    op.create_unique_constraint(
        op.f("uq_cost_reporting_entries_client_id_fact_revision_reversal"),
        "cost_reporting_entries",
        ["client_id", "fact", "revision", "reversal"],
    )
    op.drop_constraint(op.f("ck_cost_reporting_entries_kind"), "cost_reporting_entries")
    op.create_check_constraint(
        op.f("ck_cost_reporting_entries_kind"),
        "cost_reporting_entries",
        "kind IN ('message', 'number_month', 'set_up', 'fee')",
    )


def _days() -> None:
    what = ("client_id", "day", "line_id", "recruiter_id", "kind", "category", "paid_to")
    op.create_table(
        "cost_reporting_days",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("recruiter_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("paid_to", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name=op.f("fk_cost_reporting_days_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_cost_reporting_days")),
        sa.UniqueConstraint(
            *what,
            "currency",
            "free",
            name="uq_cost_reporting_days_what",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.execute("ALTER TABLE cost_reporting_entries NO FORCE ROW LEVEL SECURITY")
    op.execute(
        f"INSERT INTO cost_reporting_days"
        f" SELECT client_id, gen_random_uuid(), {', '.join(what[1:])}, currency,"
        f" coalesce(amount = 0, false), sum(quantity), coalesce(sum(amount), 0)"
        f" FROM cost_reporting_entries GROUP BY {', '.join(what)}, currency,"
        f" coalesce(amount = 0, false)"
    )
    op.execute("ALTER TABLE cost_reporting_entries FORCE ROW LEVEL SECURITY")
    fence_tenant_table("cost_reporting_days")


def _counted() -> None:
    op.create_table(
        "cost_reporting_counted",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("fact", sa.Text(collation="C"), nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("past", sa.BigInteger(), nullable=False),
        sa.Column("entered_past", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name=op.f("fk_cost_reporting_counted_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "fact", name=op.f("pk_cost_reporting_counted")),
    )
    op.create_index(
        op.f("ix_cost_reporting_counted_counter_occurred_at_fact"),
        "cost_reporting_counted",
        ["counter", "occurred_at", "fact"],
    )
    op.create_index(
        "ix_cost_reporting_counted_moved",
        "cost_reporting_counted",
        ["client_id"],
        postgresql_where="entered_past <> past",
    )
    fence_tenant_table("cost_reporting_counted")
    # All clients on a portfolio share its volume: where each message stands is counted for all.
    fence("cost_reporting_counted", "platform", PLATFORM)


def downgrade() -> None:
    raise NotImplementedError("a ledger with corrections is not made one without them")
