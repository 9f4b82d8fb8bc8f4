"""Why the picture at a client's `logo_url` cannot be its lines'."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clients", sa.Column("logo_error", JSONB()))


def downgrade() -> None:
    op.drop_column("clients", "logo_error")
