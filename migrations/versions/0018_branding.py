"""What candidates are to see of a client, and how its lines' names and faces stand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_OF_CLIENTS = ("display_name", "website", "email")
_OF_LINES = ("rebranding", "display_name_refusal")


def upgrade() -> None:
    for name in _OF_CLIENTS:
        op.add_column("clients", sa.Column(name, sa.Text()))
    for name in _OF_LINES:
        op.add_column("lines", sa.Column(name, JSONB()))


def downgrade() -> None:
    for name in _OF_LINES:
        op.drop_column("lines", name)
    for name in _OF_CLIENTS:
        op.drop_column("clients", name)
