"""Cards that were imported."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from gateway.plugin_api import PLATFORM, fence

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = ("cost_reporting_cards", "cost_reporting_card_rows")


def upgrade() -> None:
    op.create_table(
        "cost_reporting_cards",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_cost_reporting_cards")),
    )
    op.create_table(
        "cost_reporting_card_rows",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("market", sa.Text(), nullable=False),
        sa.Column("countries", ARRAY(sa.Text()), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("volume_from", sa.BigInteger(), nullable=False),
        sa.Column("volume_to", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.Numeric(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("per", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("through", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["name", "version"],
            ["cost_reporting_cards.name", "cost_reporting_cards.version"],
            name=op.f("fk_cost_reporting_card_rows_name_version"),
        ),
        sa.PrimaryKeyConstraint(
            "name", "version", "line", name=op.f("pk_cost_reporting_card_rows")
        ),
    )
    # Cards are the platform's: they price every client alike.
    for table in _TABLES:
        fence(table, "platform", PLATFORM)


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)
