"""All lines of a closed statement in one row: they are only ever written and read whole."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSON

from gateway.plugin_api import PLATFORM, fence, fence_tenant_table

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_BEFORE = "cost_reporting_statement_lines"
_NOW = "cost_reporting_closed_lines"
_NAMES = (
    "of_month",
    "kind",
    "line_id",
    "recruiter_id",
    "application",
    "category",
    "paid_to",
    "currency",
    "quantity",
    "free",
    "amount",
)
_CLOSING = f"(SELECT {PLATFORM}) AND month = (SELECT current_setting('app.closing', true))"


def upgrade() -> None:
    op.create_table(
        _NOW,
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("lines", JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id", "month"],
            ["cost_reporting_statements.client_id", "cost_reporting_statements.month"],
            name=op.f("fk_cost_reporting_closed_lines_client_id_month"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "month", name=op.f("pk_cost_reporting_closed_lines")),
    )
    named = ", ".join(f"'{name}', {name}" for name in _NAMES)
    op.execute(f"ALTER TABLE {_BEFORE} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        f"INSERT INTO {_NOW} SELECT client_id, month, json_agg(json_build_object({named}))"
        f" FROM {_BEFORE} GROUP BY client_id, month"
    )
    op.drop_table(_BEFORE)
    fence_tenant_table(_NOW)
    fence(_NOW, "closing", _CLOSING, only="INSERT")


def downgrade() -> None:
    raise NotImplementedError("the table of before is gone: go back by a backup")
