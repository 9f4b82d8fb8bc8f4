"""Whoever acts for a client reads the cards that price it."""

from alembic import op

from gateway.plugin_api import fence

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLES = ("cost_reporting_cards", "cost_reporting_card_rows")
_A_CLIENT = "current_setting('app.client_id', true) <> ''"


def upgrade() -> None:
    for table in _TABLES:
        fence(table, "clients", _A_CLIENT, only="SELECT")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"DROP POLICY clients ON {table}")
