"""The drawer."""

import sqlalchemy as sa
from alembic import op

from gateway.plugin_api import PLATFORM, fence

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operator_sim_numbers",
        sa.Column("phone_number", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("monthly_amount", sa.Numeric(), nullable=True),
        sa.Column("monthly_currency", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(monthly_amount IS NULL) = (monthly_currency IS NULL)",
            name=op.f("ck_operator_sim_numbers_amount_has_currency"),
        ),
        sa.CheckConstraint(
            "(reference IS NULL) = (ordered_at IS NULL)",
            name=op.f("ck_operator_sim_numbers_ordered_has_reference"),
        ),
        sa.PrimaryKeyConstraint("phone_number", name=op.f("pk_operator_sim_numbers")),
        sa.UniqueConstraint("reference", name=op.f("uq_operator_sim_numbers_reference")),
    )
    op.create_index(
        op.f("ix_operator_sim_numbers_country"), "operator_sim_numbers", ["country"], unique=False
    )
    # The drawer is the platform's: no client's scope sees what is in it.
    fence("operator_sim_numbers", "platform", PLATFORM)


def downgrade() -> None:
    op.drop_table("operator_sim_numbers")
