"""Two candidates that turned out to be one person: into which their rows went."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("candidates", "conversations")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("merged_into", sa.Uuid()))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "merged_into")
