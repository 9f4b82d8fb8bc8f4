"""The files of messages: what candidates sent and what recruiters send."""

import sqlalchemy as sa
from alembic import op

from gateway.row_security import fence_tenant_table

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("declared_type", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text()),
        sa.Column("size", sa.Integer()),
        sa.Column("sha256", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("provider", sa.Text()),
        sa.Column("provider_id", sa.Text()),
        sa.Column("phone_number_id", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'stored', 'expired', 'failed')", name=op.f("ck_media_state")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.client_id"], name=op.f("fk_media_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("client_id", "id", name=op.f("pk_media")),
    )  # fmt: skip
    fence_tenant_table("media")
    op.create_table(
        "media_uploads",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("media_id", sa.Uuid(), nullable=False),
        sa.Column("phone_number_id", sa.Text(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id", "media_id"], ["media.client_id", "media.id"],
            name=op.f("fk_media_uploads_client_id_media_id"), ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "client_id", "media_id", "phone_number_id", name=op.f("pk_media_uploads")
        ),
    )  # fmt: skip
    fence_tenant_table("media_uploads")
    op.add_column("messages", sa.Column("media_id", sa.Uuid()))
    op.create_index(
        op.f("ix_messages_client_id_media_id"),
        "messages",
        ["client_id", "media_id"],
        postgresql_where=sa.text("media_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_messages_client_id_media_id"))
    op.drop_column("messages", "media_id")
    op.drop_table("media_uploads")
    op.drop_table("media")
