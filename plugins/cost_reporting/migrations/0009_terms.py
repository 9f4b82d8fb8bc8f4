"""Since when a line's rent is by the terms that it has now."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TABLE = "cost_reporting_rents"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("terms_since", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column(_TABLE, "terms_since")
