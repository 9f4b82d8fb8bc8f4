"""A month of many clients is closed at once: its entries are read, and its lines kept, for all."""

from alembic import op

from gateway.plugin_api import PLATFORM, fence

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Each SELECT is asked once a query instead of once a row.
_CLOSING = f"(SELECT {PLATFORM}) AND {{}} = (SELECT current_setting('app.closing', true))"


def upgrade() -> None:
    # Of the month that the transaction says it closes, and of nothing else.
    fence("cost_reporting_entries", "closing", _CLOSING.format("billed_in"), only="SELECT")
    fence("cost_reporting_statement_lines", "closing", _CLOSING.format("month"), only="INSERT")


def downgrade() -> None:
    for table in ("cost_reporting_entries", "cost_reporting_statement_lines"):
        op.execute(f"DROP POLICY closing ON {table}")
