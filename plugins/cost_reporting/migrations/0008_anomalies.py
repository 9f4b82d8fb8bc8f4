"""What stands out: templates that became marketing, with their messages, and dear days."""

import sqlalchemy as sa
from alembic import op

from gateway.plugin_api import fence_tenant_table

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_RECLASSIFIED = "cost_reporting_reclassified"
_MESSAGES = "cost_reporting_template_messages"
_SPIKES = "cost_reporting_spikes"


def upgrade() -> None:
    _table(
        _RECLASSIFIED,
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        key=("template_id",),
    )
    _table(
        _MESSAGES,
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        key=("fact",),
    )
    op.create_index(
        op.f(f"ix_{_MESSAGES}_client_id_template_id"), _MESSAGES, ["client_id", "template_id"]
    )
    _table(
        _SPIKES,
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        key=("line_id", "day"),
    )


def _table(name: str, *columns: sa.Column[object], key: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("client_id", sa.Uuid(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name=op.f(f"fk_{name}_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", *key, name=op.f(f"pk_{name}")),
    )
    fence_tenant_table(name)


def downgrade() -> None:
    for name in (_SPIKES, _MESSAGES, _RECLASSIFIED):
        op.drop_table(name)
