"""A message remembers the template that it sends."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("template_id", sa.Uuid()))


def downgrade() -> None:
    op.drop_column("messages", "template_id")
