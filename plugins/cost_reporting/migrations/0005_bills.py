"""What providers said they charged."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.plugin_api import PLATFORM, fence, fence_tenant_table

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ASKED, _REPORTED = "cost_reporting_asked", "cost_reporting_reported"
_ACCOUNT = ("source", "account", "month")


def upgrade() -> None:
    op.create_table(
        _ASKED,
        *(sa.Column(name, sa.Text(), nullable=False) for name in _ACCOUNT),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("lines", JSONB(), nullable=False),
        sa.Column("spare", sa.Integer(), nullable=False),
        sa.Column("in_one_sum", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('messages', 'numbers')", name=op.f(f"ck_{_ASKED}_kind")),
        sa.PrimaryKeyConstraint(*_ACCOUNT, name=op.f(f"pk_{_ASKED}")),
    )
    op.create_table(
        _REPORTED,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("line_id", sa.Uuid(), nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _ACCOUNT),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("phone_number", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("pricing_type", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("off_midnight", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["clients.client_id"],
            name=op.f(f"fk_{_REPORTED}_client_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            _ACCOUNT,
            [f"{_ASKED}.{name}" for name in _ACCOUNT],
            name=op.f(f"fk_{_REPORTED}_source_account_month"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_REPORTED}")),
    )
    op.create_index(
        op.f(f"ix_{_REPORTED}_source_account_month"), _REPORTED, [*_ACCOUNT], unique=False
    )
    # An account is many clients': its answer is kept in one go, before anybody's scope is open.
    fence(_ASKED, "platform", PLATFORM)
    fence_tenant_table(_REPORTED)
    fence(_REPORTED, "platform", PLATFORM)


def downgrade() -> None:
    op.drop_table(_REPORTED)
    op.drop_table(_ASKED)
