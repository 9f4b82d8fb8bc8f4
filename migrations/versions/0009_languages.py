"""A candidate's language: what the client told is kept beside what the first answer showed."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("candidates", sa.Column("told_language", sa.Text()))
    op.add_column("candidates", sa.Column("told_language_at", sa.DateTime(timezone=True)))
    # The owner is fenced in as well; this is a change to all rows.
    op.execute("ALTER TABLE candidates NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE candidates SET told_language = language")
    op.execute("ALTER TABLE candidates FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.drop_column("candidates", "told_language_at")
    op.drop_column("candidates", "told_language")
