"""Numbers that stay in the WhatsApp Business app, and what the app shares."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from gateway.row_security import fence_tenant_table

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "coexistences",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contacts", JSONB(), nullable=False),
        sa.Column("history", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id", "line_id"], ["lines.client_id", "lines.id"],
            name=op.f("fk_coexistences_client_id_line_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "line_id", name=op.f("pk_coexistences")),
    )  # fmt: skip
    op.create_table(
        "app_contacts",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id", "line_id"], ["coexistences.client_id", "coexistences.line_id"],
            name=op.f("fk_app_contacts_client_id_line_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "line_id", "phone", name=op.f("pk_app_contacts")),
    )  # fmt: skip
    fence_tenant_table("coexistences")
    fence_tenant_table("app_contacts")
    op.add_column("messages", sa.Column("source", sa.Text()))


def downgrade() -> None:
    op.drop_column("messages", "source")
    op.drop_table("app_contacts")
    op.drop_table("coexistences")
