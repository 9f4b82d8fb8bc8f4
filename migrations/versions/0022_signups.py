"""WABAs that clients connected, and what is known of each sign-up."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.row_security import fence_platform_table, fence_tenant_table

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "client_wabas",
        sa.Column("waba_id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("connected_at", _MOMENT, nullable=False),
        sa.Column("reminded_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.client_id"],
            name=op.f("fk_client_wabas_client_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("waba_id", name=op.f("pk_client_wabas")),
    )  # fmt: skip
    op.create_table(
        "signups",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text()),
        sa.Column("waba_id", sa.Text()),
        sa.Column("phone_number_id", sa.Text()),
        sa.Column("code_digest", sa.LargeBinary()),
        sa.Column("problem", JSONB()),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("connection", JSONB()),
        sa.Column("leaving_at", _MOMENT),
        sa.ForeignKeyConstraint(
            ["client_id", "line_id"], ["lines.client_id", "lines.id"],
            name=op.f("fk_signups_client_id_line_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "line_id", name=op.f("pk_signups")),
    )  # fmt: skip
    fence_platform_table("client_wabas", has_client=True)
    fence_tenant_table("signups")


def downgrade() -> None:
    op.drop_table("signups")
    op.drop_table("client_wabas")
