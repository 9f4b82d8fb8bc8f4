"""What a number cost once, and since when a replaced one serves nobody new."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("numbers", sa.Column("set_up_amount", sa.Numeric()))
    op.add_column("numbers", sa.Column("set_up_currency", sa.Text()))
    op.add_column("numbers", sa.Column("replaced_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in ("replaced_at", "set_up_currency", "set_up_amount"):
        op.drop_column("numbers", name)
