"""What the house keeps numbers ready for: lines, or Embedded Signup."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "pool_targets",
        sa.Column("case_name", sa.Text(), nullable=False, server_default=sa.text("'pool'")),
    )
    op.alter_column("pool_targets", "case_name", server_default=None)
    op.drop_constraint("pk_pool_targets", "pool_targets")
    op.create_primary_key("pk_pool_targets", "pool_targets", ["client_id", "case_name", "country"])


def downgrade() -> None:
    op.execute("DELETE FROM pool_targets WHERE case_name <> 'pool'")
    op.drop_constraint("pk_pool_targets", "pool_targets")
    op.create_primary_key("pk_pool_targets", "pool_targets", ["client_id", "country"])
    op.drop_column("pool_targets", "case_name")
