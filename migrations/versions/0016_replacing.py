"""A line's number can be replaced: the old one goes on answering for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lines", sa.Column("replaces", sa.Uuid()))
    op.add_column("numbers", sa.Column("retires_at", sa.DateTime(timezone=True)))
    _states("'rented', 'retiring', 'quarantined', 'released'")
    op.add_column("conversations", sa.Column("answered_from", sa.Text()))


def downgrade() -> None:
    op.drop_column("conversations", "answered_from")
    op.execute("UPDATE numbers SET state = 'quarantined' WHERE state = 'retiring'")
    _states("'rented', 'quarantined', 'released'")
    op.drop_column("numbers", "retires_at")
    op.drop_column("lines", "replaces")


def _states(states: str) -> None:
    op.drop_constraint(op.f("ck_numbers_state"), "numbers")
    op.create_check_constraint(op.f("ck_numbers_state"), "numbers", f"state IN ({states})")
