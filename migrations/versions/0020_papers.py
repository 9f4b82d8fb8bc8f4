"""What a paper says of itself, who confirmed its address, and a client's registered address."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_OF_DOCUMENTS = (
    ("number", sa.Text()),
    ("court", sa.Text()),
    ("issued_on", sa.Date()),
    ("expires_on", sa.Date()),
    ("address", sa.Text()),
    ("confirmation", JSONB()),
)


def upgrade() -> None:
    op.add_column("clients", sa.Column("registered_address", JSONB()))
    for name, kind in _OF_DOCUMENTS:
        op.add_column("documents", sa.Column(name, kind))


def downgrade() -> None:
    for name, _ in reversed(_OF_DOCUMENTS):
        op.drop_column("documents", name)
    op.drop_column("clients", "registered_address")
