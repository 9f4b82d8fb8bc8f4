"""Statements: numbered, closed once, with the exchange rates of their closing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.plugin_api import PLATFORM, fence, fence_tenant_table

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ENTRIES = "cost_reporting_entries"


def upgrade() -> None:
    op.create_table(
        "cost_reporting_statements",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rates", JSONB(), nullable=True),
        sa.CheckConstraint(
            "(number IS NULL) = (closed_at IS NULL)",
            name=op.f("ck_cost_reporting_statements_closed_has_number"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name=op.f("fk_cost_reporting_statements_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "month", name=op.f("pk_cost_reporting_statements")),
        sa.UniqueConstraint("number", name=op.f("uq_cost_reporting_statements_number")),
    )
    _lines()
    op.create_table(
        "cost_reporting_numbering",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_cost_reporting_numbering")),
    )
    _entries()
    fence_tenant_table("cost_reporting_statements")
    fence_tenant_table("cost_reporting_statement_lines")
    # One run closes a month of all clients; numbers are the platform's, without gaps.
    fence("cost_reporting_statements", "platform", PLATFORM)
    fence("cost_reporting_numbering", "platform", PLATFORM)


def _lines() -> None:
    op.create_table(
        "cost_reporting_statement_lines",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("of_month", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        sa.Column("recruiter_id", sa.Uuid(), nullable=True),
        sa.Column("application", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("paid_to", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("free", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id", "month"],
            ["cost_reporting_statements.client_id", "cost_reporting_statements.month"],
            name=op.f("fk_cost_reporting_statement_lines_client_id_month"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "client_id", "month", "position", name=op.f("pk_cost_reporting_statement_lines")
        ),
    )


def _entries() -> None:
    op.add_column(_ENTRIES, sa.Column("billed_in", sa.Text(), nullable=True))
    op.execute(f"ALTER TABLE {_ENTRIES} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"UPDATE {_ENTRIES} SET billed_in = month")
    op.execute(
        f"INSERT INTO cost_reporting_statements (client_id, month)"
        f" SELECT DISTINCT client_id, month FROM {_ENTRIES}"
    )
    op.execute(f"ALTER TABLE {_ENTRIES} FORCE ROW LEVEL SECURITY")
    op.alter_column(_ENTRIES, "billed_in", nullable=False)
    op.create_index(
        op.f("ix_cost_reporting_entries_client_id_billed_in"), _ENTRIES, ["client_id", "billed_in"]
    )
    op.create_index(
        "ix_cost_reporting_entries_late",
        _ENTRIES,
        ["client_id", "month"],
        postgresql_where="month <> billed_in",
    )


def downgrade() -> None:
    raise NotImplementedError("a statement that was closed is not made unclosed")
