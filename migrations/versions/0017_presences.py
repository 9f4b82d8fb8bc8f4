"""When a plugin was last on."""

import sqlalchemy as sa
from alembic import op

from gateway.row_security import fence_platform_table

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plugin_presences",
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("plugin", name=op.f("pk_plugin_presences")),
    )
    fence_platform_table("plugin_presences", has_client=False)


def downgrade() -> None:
    op.drop_table("plugin_presences")
