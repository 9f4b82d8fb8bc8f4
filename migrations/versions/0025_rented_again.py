"""A number that was given back may be rented again, and Meta may know it by the same id."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("uq_numbers_phone_number_id", "numbers", type_="unique")
    op.create_index(
        "uq_numbers_phone_number_id_of_those_held",
        "numbers",
        ["phone_number_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'released'"),
    )
    op.create_index("ix_numbers_phone_number_id", "numbers", ["phone_number_id"])


def downgrade() -> None:
    op.drop_index("ix_numbers_phone_number_id", "numbers")
    op.drop_index("uq_numbers_phone_number_id_of_those_held", "numbers")
    op.create_unique_constraint("uq_numbers_phone_number_id", "numbers", ["phone_number_id"])
