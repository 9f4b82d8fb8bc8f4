"""When a line of the app last sent; what was corrected or taken back is found by its message."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_CHANGES = "ix_messages_changes"


def upgrade() -> None:
    op.add_column(
        "coexistences",
        sa.Column(
            "departures",
            sa.ARRAY(sa.DateTime(timezone=True)),
            nullable=False,
            server_default="{}",
        ),
    )
    op.create_index(
        _CHANGES,
        "messages",
        ["client_id", "context_wamid"],
        postgresql_where="type IN ('edit', 'revoke')",
    )


def downgrade() -> None:
    op.drop_index(_CHANGES, "messages")
    op.drop_column("coexistences", "departures")
